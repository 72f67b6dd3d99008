//! Downloads the output of a retrieval job and verifies it.

use std::io::{self, Write};

use glacier_core::ops::GetJobOutput;
use glacier_core::retry::Retry;
use glacier_core::{Client, DecodeError, Error, JobId, KeepState, LEAF_SIZE, ProvideCredentials, Transport, TreeHash, VaultRef};

use super::new_file::NewFile;
use super::observer::Event;
use super::options::{CALL_BUFFER, TransferOptions};
use super::restore_error::RestoreError;
use super::retrieval_job::RetrievedArchive;

/// Where a downloaded archive is written to.
pub trait RestoreWriter: Write {
    /// Discards what was written, if that is possible; a download that was interrupted then starts again.
    ///
    /// # Errors
    /// Those of the system.
    fn restart(&mut self) -> io::Result<Restart>;
}

/// Whether a writer could discard what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// It is empty again.
    Done,
    /// What was written cannot be taken back.
    Impossible,
}

impl RestoreWriter for NewFile {
    fn restart(&mut self) -> io::Result<Restart> {
        NewFile::restart(self).map(|()| Restart::Done)
    }
}

/// An archive that was restored. It has the tree hash that the service stores for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RestoredArchive {
    /// The tree hash.
    pub checksum: TreeHash,
    /// Bytes written.
    pub bytes: u64,
}

/// Bytes read at a time: as many as the HTTP transport receives at a time.
const READ: usize = 128 << 10;

/// Downloads the output of a job that has succeeded, and verifies length and tree hash.
///
/// Until this has returned `Ok`, nothing that was written is verified; but no more is written than the archive's size. A download that is
/// interrupted starts again, up to nine times; each time the service may be away as long as [`TransferOptions::transfer`] says.
///
/// # Errors
/// [`RestoreError::Damaged`] and [`RestoreError::Length`] when the bytes are not the archive's, [`RestoreError::Write`] and [`RestoreError::Call`]; each with the
/// job.
///
/// # Cancel safety
/// Dropping the future leaves `out` partly written.
pub async fn download<T: Transport, C: ProvideCredentials, K: KeepState, W: RestoreWriter>(
    client: &mut Client<T, C, K>,
    vault: VaultRef<'_>,
    job: JobId<'_>,
    archive: &RetrievedArchive,
    out: &mut W,
    options: TransferOptions<'_>,
) -> Result<RestoredArchive, RestoreError<T::Error>> {
    get_output(client, vault, job, archive, out, options).await.map_err(|error| error.of_job(job))
}

async fn get_output<T: Transport, C: ProvideCredentials, K: KeepState, W: RestoreWriter>(
    client: &mut Client<T, C, K>,
    vault: VaultRef<'_>,
    job: JobId<'_>,
    archive: &RetrievedArchive,
    out: &mut W,
    options: TransferOptions<'_>,
) -> Result<RestoredArchive, RestoreError<T::Error>> {
    let operation = GetJobOutput { vault, job, range: None };
    let mut environment = options.environment().calling("GetJobOutput", None);
    let mut retry = Retry::new(options.transfer);
    let mut buffers = Buffers { call: vec![0; CALL_BUFFER], read: vec![0; READ], leaf: vec![0; LEAF_SIZE as usize] };
    let mut failures = 0;
    loop {
        failures += 1;
        let mut written = 0;
        let error = match fetch(client, &operation, archive, out, options, &mut buffers, &mut written).await {
            // Opening the download was retried already.
            Err(FetchError::Reading(RestoreError::Call(error))) => error,
            Err(FetchError::Opening(error) | FetchError::Reading(error)) => return Err(error),
            Ok(restored) => return Ok(restored),
        };
        if written > 0 && out.restart().map_err(RestoreError::Write)? == Restart::Impossible {
            return Err(RestoreError::of_reading(error));
        }
        // All bytes are sent again, and may have to be paid for again: the attempts are counted, whatever the time.
        if failures >= u32::from(options.transfer.max_attempts) || !client.recover(&mut retry, &error, true, &mut environment).await
        {
            return Err(RestoreError::of_reading(error));
        }
    }
}

struct Buffers {
    call: Vec<u8>,
    read: Vec<u8>,
    /// A leaf of the tree hash, which is hashed together with the next one.
    leaf: Vec<u8>,
}

enum FetchError<T> {
    Opening(RestoreError<T>),
    Reading(RestoreError<T>),
}

impl<T> From<RestoreError<T>> for FetchError<T> {
    fn from(error: RestoreError<T>) -> Self {
        FetchError::Reading(error)
    }
}

/// Downloads once.
async fn fetch<T: Transport, C: ProvideCredentials, K: KeepState, W: RestoreWriter>(
    client: &mut Client<T, C, K>,
    operation: &GetJobOutput<'_>,
    archive: &RetrievedArchive,
    out: &mut W,
    options: TransferOptions<'_>,
    buffers: &mut Buffers,
    written: &mut u64,
) -> Result<RestoredArchive, FetchError<T::Error>> {
    let Buffers { call, read, leaf } = buffers;
    let mut environment = options.environment().calling("GetJobOutput", None);
    let opened = client.fetch_retrying(operation, options.transfer, &mut environment, call).await;
    let mut download = opened.map_err(|error| FetchError::Opening(RestoreError::Call(error)))?.in_pairs(leaf);
    if let Some(expected) = archive.size {
        if let Some(got) = download.output().size.filter(|got| *got != expected) {
            return Err(RestoreError::Length { expected, got }.into());
        }
        download = download.expecting(expected);
    }
    loop {
        let got = download.read(read).await.map_err(|error| match error {
            // It may have been cut where nobody noticed.
            Error::Decode(DecodeError::DownloadLength { expected, got }) if got < expected => RestoreError::Call(error),
            error => RestoreError::of_reading(error),
        })?;
        let Some(piece) = read.get(..got).filter(|piece| !piece.is_empty()) else { break };
        out.write_all(piece).map_err(RestoreError::Write)?;
        *written += got as u64;
        options.observer.note(Event::Received(*written));
        // A file is written without waiting, so other tasks must be given a turn.
        tokio::task::coop::consume_budget().await;
    }
    out.flush().map_err(RestoreError::Write)?;
    let checksum = download.tree_hash().filter(|hash| *hash == archive.tree_hash).ok_or(RestoreError::Damaged)?;
    Ok(RestoredArchive { checksum, bytes: *written })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::test_support::{EventLog, client, lost, refused};
    use glacier_core::testing::{Reply, ScriptedTransport};

    /// From `printf 'hello, world' | sha256sum`, which up to 1 MiB is the tree hash.
    const HASH: &str = "09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b";
    const BODY: &[u8] = b"hello, world";

    fn whole() -> Reply {
        Reply::status(200).body(BODY)
    }

    /// Keeps what is written, and discards it if it may.
    struct Held(Vec<u8>, Restart);

    impl Write for Held {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    impl RestoreWriter for Held {
        fn restart(&mut self) -> io::Result<Restart> {
            if self.1 == Restart::Done {
                self.0.clear();
            }
            Ok(self.1)
        }
    }

    async fn get(
        replies: impl IntoIterator<Item = Reply>,
        restart: Restart,
    ) -> (Result<RestoredArchive, String>, Vec<u8>, Vec<String>) {
        let (mut out, log) = (Held(Vec::new(), restart), EventLog::default());
        let archive = RetrievedArchive::new(Some(12), HASH.parse().unwrap());
        let (vault, job) = ("v".try_into().unwrap(), "J".try_into().unwrap());
        let result =
            download(&mut client(ScriptedTransport::new(replies)), vault, job, &archive, &mut out, TransferOptions::new(&log))
                .await;
        (result.map_err(|error| error.to_string()), out.0, log.lines())
    }

    #[tokio::test]
    async fn an_archive_with_the_right_hash_is_restored() {
        let (result, bytes, log) = get([whole().header("content-length", "12")], Restart::Done).await;
        assert_eq!(result, Ok(RestoredArchive { checksum: HASH.parse().unwrap(), bytes: 12 }));
        assert_eq!((bytes.as_slice(), log), (BODY, vec!["received 12".to_string()]));
    }

    #[tokio::test]
    async fn one_with_another_hash_is_damaged() {
        let zeros = "0000000000000000000000000000000000000000000000000000000000000000";
        for reply in [Reply::status(200).body(b"hello, wOrld"), whole().header("x-amz-sha256-tree-hash", zeros)] {
            let (result, ..) = get([reply], Restart::Done).await;
            assert!(result.unwrap_err().contains("damaged"));
        }
    }

    #[tokio::test]
    async fn of_more_bytes_than_announced_none_beyond_is_written() {
        let endless = || Reply::status(200).body(vec![b'x'; 3 << 20]).in_pieces(&[5]);
        let error = "the service sends more than the 12 bytes that it announced, at least";
        for (reply, written) in [
            (endless(), 10),
            (endless().header("content-length", "3145728"), 0),
            (Reply::status(200).body(b"hello, world!"), 0),
            (whole().header("content-length", "13"), 0),
        ] {
            let (result, bytes, _) = get([reply], Restart::Done).await;
            let shown = result.unwrap_err();
            assert!(shown.starts_with(error) && shown.contains("job J"), "{shown}");
            assert_eq!(bytes.len(), written);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn of_fewer_bytes_than_announced_the_rest_is_waited_for_and_then_reported() {
        let short = || Reply::status(200).body(b"hello");
        let (result, bytes, log) = get([short(), Reply::status(200).body(b""), whole()], Restart::Done).await;
        assert_eq!((result.unwrap().bytes, bytes.as_slice()), (12, BODY));
        assert_eq!(log, ["received 5", "retrying", "retrying", "received 12"]);
        let (result, _, log) = get((0..10).map(|_| short()), Restart::Done).await;
        assert!(result.unwrap_err().starts_with("the service sends 5 bytes of the 12 that it announced"));
        assert_eq!(log.len(), 19, "{log:?}");
        let (result, ..) = get([short()], Restart::Impossible).await;
        assert!(result.unwrap_err().starts_with("the service sends 5 bytes of the 12 that it announced"));
        let (result, bytes, _) = get([short().header("content-length", "5")], Restart::Done).await;
        assert!(result.unwrap_err().starts_with("the service sends 5 bytes of the 12 that it announced") && bytes.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_download_survives_an_outage_of_three_hours() {
        let begin = tokio::time::Instant::now();
        let mut requests = 0;
        let service = ScriptedTransport::from_fn(move |_| {
            requests += 1;
            match (requests, begin.elapsed().as_secs()) {
                (1, _) => whole().cut_after(6),
                (_, 0..10_800) => refused(),
                _ => whole(),
            }
        });
        let (mut out, archive) = (Held(Vec::new(), Restart::Done), RetrievedArchive::new(Some(12), HASH.parse().unwrap()));
        let (vault, job) = ("v".try_into().unwrap(), "J".try_into().unwrap());
        let restored = download(&mut client(service), vault, job, &archive, &mut out, TransferOptions::new(&())).await;
        assert_eq!((restored.unwrap().bytes, out.0.as_slice()), (12, BODY));
        assert!(begin.elapsed().as_secs() >= 10_800);
    }

    #[tokio::test(start_paused = true)]
    async fn an_interrupted_download_starts_again_where_that_is_possible() {
        let replies = || [whole().cut_after(6), lost(), whole()];
        let (result, bytes, log) = get(replies(), Restart::Done).await;
        assert_eq!((result.unwrap().bytes, bytes.as_slice()), (12, BODY));
        assert_eq!(log, ["received 6", "retrying", "retrying", "received 12"]);
        let (result, bytes, _) = get(replies(), Restart::Impossible).await;
        assert!(result.unwrap_err().contains("scripted"));
        assert_eq!(bytes, b"hello,");
    }

    #[tokio::test]
    async fn a_full_disk_is_a_write_error() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        impl RestoreWriter for Full {
            fn restart(&mut self) -> io::Result<Restart> {
                Ok(Restart::Done)
            }
        }
        let archive = RetrievedArchive::new(None, HASH.parse().unwrap());
        let (vault, job) = ("v".try_into().unwrap(), "J".try_into().unwrap());
        let mut client = client(ScriptedTransport::new([whole()]));
        let result = download(&mut client, vault, job, &archive, &mut Full, TransferOptions::new(&())).await;
        let error = result.unwrap_err();
        assert_eq!(error.job_id(), Some("J"));
        assert!(matches!(error.cause(), RestoreError::Write(error) if error.kind() == io::ErrorKind::StorageFull));
    }
}
