//! The output of a retrieval job, downloaded and verified.

use std::fmt;
use std::io::{self, Write};

use glacier_core::ops::GetJobOutput;
use glacier_core::retry::Retry;
use glacier_core::{Client, DecodeError, Error, JobId, LEAF_SIZE, ProvideCredentials, Transport, TreeHash, VaultRef};

use super::NewFile;
use super::observe::Event;
use super::pace::Manner;
use super::retrieval::Ready;

/// Where a download goes.
pub trait Output: Write {
    /// Forgets what was written, when that is possible: a download that broke off then starts again.
    ///
    /// # Errors
    /// What the system says.
    fn restart(&mut self) -> io::Result<Restart>;
}

/// Whether an output could be emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// It is empty again.
    Done,
    /// What was written is out of reach.
    Impossible,
}

impl Output for NewFile {
    fn restart(&mut self) -> io::Result<Restart> {
        NewFile::restart(self).map(|()| Restart::Done)
    }
}

/// What was restored. It has the tree hash that the service has for the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The tree hash.
    pub checksum: TreeHash,
    /// Bytes written.
    pub bytes: u64,
}

/// Bytes for reading, as many as the HTTP transport receives at a time.
const READ: usize = 128 << 10;
/// Bytes for a request and the headers of its answer.
const CALL: usize = 16 << 10;

/// Downloads the output of a job that is ready, and verifies length and tree hash.
///
/// Until this has returned `Ok`, nothing of what was written is verified. Dropping the future leaves `out` half written.
///
/// # Errors
/// [`RestoreError::Damaged`] when the bytes are not the archive's, [`RestoreError::Write`] and [`RestoreError::Call`].
pub async fn download<T: Transport, C: ProvideCredentials, O: Output>(
    client: &mut Client<T, C>,
    vault: VaultRef<'_>,
    job: JobId<'_>,
    ready: &Ready,
    out: &mut O,
    manner: Manner<'_>,
) -> Result<Restored, RestoreError<T::Error>> {
    let mut pace = manner.pace();
    let mut retry = Retry::new(manner.transfer);
    let mut room = Room { call: vec![0; CALL], read: vec![0; READ], leaf: vec![0; LEAF_SIZE as usize] };
    loop {
        let mut written = 0;
        let error = match fetch(client, vault, job, ready, out, manner, &mut room, &mut written).await {
            Err(RestoreError::Call(error)) => error,
            done => return done,
        };
        if written > 0 && out.restart().map_err(RestoreError::Write)? == Restart::Impossible {
            return Err(RestoreError::Call(error));
        }
        if !client.recover(&mut retry, &error, true, &mut pace).await {
            return Err(RestoreError::Call(error));
        }
    }
}

/// The buffers of a download.
struct Room {
    call: Vec<u8>,
    read: Vec<u8>,
    /// A leaf of the tree hash that waits to be hashed together with the next one.
    leaf: Vec<u8>,
}

#[allow(clippy::too_many_arguments)] // One try of the above, with its buffers.
async fn fetch<T: Transport, C: ProvideCredentials, O: Output>(
    client: &mut Client<T, C>,
    vault: VaultRef<'_>,
    job: JobId<'_>,
    ready: &Ready,
    out: &mut O,
    manner: Manner<'_>,
    room: &mut Room,
    written: &mut u64,
) -> Result<Restored, RestoreError<T::Error>> {
    let operation = GetJobOutput { vault, job, range: None };
    let Room { call: buf, read, leaf } = room;
    let now = client.now(&mut manner.pace(), buf).await.map_err(RestoreError::Call)?;
    let mut download = client.fetch(&operation, now, buf).await.map_err(RestoreError::Call)?.in_pairs(leaf);
    loop {
        let got = download.read(read).await.map_err(RestoreError::of_reading)?;
        let Some(piece) = read.get(..got).filter(|piece| !piece.is_empty()) else { break };
        out.write_all(piece).map_err(RestoreError::Write)?;
        *written += got as u64;
        manner.observer.note(Event::Received(*written));
        // As files are written without waiting, this lets other tasks run now and then.
        tokio::task::coop::consume_budget().await;
    }
    out.flush().map_err(RestoreError::Write)?;
    let checksum = download.tree_hash().filter(|hash| *hash == ready.tree_hash).ok_or(RestoreError::Damaged)?;
    if ready.size.is_some_and(|size| size != *written) {
        return Err(RestoreError::Damaged);
    }
    Ok(Restored { checksum, bytes: *written })
}

/// Why an archive was not restored.
#[derive(Debug)]
#[non_exhaustive]
pub enum RestoreError<T> {
    /// A request failed.
    Call(Error<T>),
    /// The request for the retrieval got no good answer: there may be a job whose id nobody knows.
    MayHaveBegun(Error<T>),
    /// The service could not retrieve the archive.
    JobFailed {
        /// The job.
        job_id: String,
        /// What the service says of it; may be empty.
        reason: String,
    },
    /// The job is not the one that is needed.
    OtherJob {
        /// The job.
        job_id: String,
        /// What is wrong with it: a predicate.
        what: &'static str,
    },
    /// What was received does not have the archive's length or tree hash.
    Damaged,
    /// Writing failed.
    Write(io::Error),
}

impl<T: embedded_io_async::Error> RestoreError<T> {
    pub(super) fn of_beginning(error: Error<T>) -> Self {
        if error.may_have_acted() { RestoreError::MayHaveBegun(error) } else { RestoreError::Call(error) }
    }

    fn of_reading(error: Error<T>) -> Self {
        match error {
            Error::Decode(DecodeError::DownloadMismatch | DecodeError::DownloadLength { .. }) => RestoreError::Damaged,
            error => RestoreError::Call(error),
        }
    }
}

impl<T: fmt::Display> fmt::Display for RestoreError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::MayHaveBegun(error) => {
                write!(f, "{error}; a retrieval job may have begun all the same: look at the vault's jobs")
            }
            Self::JobFailed { job_id, reason } if reason.is_empty() => {
                write!(f, "the retrieval job {job_id} failed: begin another")
            }
            Self::JobFailed { job_id, reason } => write!(f, "the retrieval job {job_id} failed: {reason}"),
            Self::OtherJob { job_id, what } => write!(f, "the job {job_id} {what}"),
            Self::Damaged => f.write_str(
                "what was received does not have the archive's length and tree hash: it was damaged on the way; restore it again",
            ),
            Self::Write(error) => error.fmt(f),
        }
    }
}

impl<T: std::error::Error> std::error::Error for RestoreError<T> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::test_support::{Log, Script, client};

    /// From `printf 'hello, world' | sha256sum`, which below 1 MiB is the tree hash.
    const HASH: &str = "09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b";
    const BODY: &[u8] = b"hello, world";

    /// Holds what is written, and empties itself only if it may.
    struct Held(Vec<u8>, Restart);

    impl Write for Held {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    impl Output for Held {
        fn restart(&mut self) -> io::Result<Restart> {
            if self.1 == Restart::Done {
                self.0.clear();
            }
            Ok(self.1)
        }
    }

    async fn get(script: Script, restart: Restart) -> (Result<Restored, String>, Vec<u8>, Vec<String>) {
        let (mut out, log) = (Held(Vec::new(), restart), Log::default());
        let ready = Ready { size: Some(12), tree_hash: HASH.parse().unwrap() };
        let (vault, job) = ("v".try_into().unwrap(), "J".try_into().unwrap());
        let result = download(&mut client(script), vault, job, &ready, &mut out, Manner::new(&log)).await;
        (result.map_err(|error| error.to_string()), out.0, log.lines())
    }

    #[tokio::test]
    async fn what_has_the_archives_hash_is_restored() {
        let (result, bytes, log) = get(Script::new().bytes(200, &[("content-length", "12")], BODY), Restart::Done).await;
        assert_eq!(result, Ok(Restored { checksum: HASH.parse().unwrap(), bytes: 12 }));
        assert_eq!((bytes.as_slice(), log), (BODY, vec!["received 12".to_string()]));
    }

    #[tokio::test]
    async fn what_has_not_is_damaged() {
        for (headers, body) in [
            (vec![], &b"hello, wOrld"[..]),
            (vec![("content-length", "13")], BODY),
            (vec![("x-amz-sha256-tree-hash", "0000000000000000000000000000000000000000000000000000000000000000")], BODY),
            (vec![], b""),
        ] {
            let (result, ..) = get(Script::new().bytes(200, &headers, body), Restart::Done).await;
            assert!(result.unwrap_err().contains("damaged"), "{body:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_download_that_broke_off_starts_again_where_it_can() {
        let script = || Script::new().cut(&[], BODY).broken().bytes(200, &[], BODY);
        let (result, bytes, log) = get(script(), Restart::Done).await;
        assert_eq!((result.unwrap().bytes, bytes.as_slice()), (12, BODY));
        assert_eq!(log, ["received 6", "repeating", "repeating", "received 12"]);
        let (result, bytes, _) = get(script(), Restart::Impossible).await;
        assert!(result.unwrap_err().contains("scripted"));
        assert_eq!(bytes, b"hello,");
    }

    #[tokio::test]
    async fn a_full_disk_is_an_error_of_writing() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        impl Output for Full {
            fn restart(&mut self) -> io::Result<Restart> {
                Ok(Restart::Done)
            }
        }
        let ready = Ready { size: None, tree_hash: HASH.parse().unwrap() };
        let (vault, job) = ("v".try_into().unwrap(), "J".try_into().unwrap());
        let result =
            download(&mut client(Script::new().bytes(200, &[], BODY)), vault, job, &ready, &mut Full, Manner::new(&())).await;
        assert!(matches!(result, Err(RestoreError::Write(error)) if error.kind() == io::ErrorKind::StorageFull));
    }
}
