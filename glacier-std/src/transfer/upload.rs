//! A file into a vault: in one request when it fits one part, in parts above that, several of them at once.

use std::num::NonZeroU8;
use std::sync::{Mutex, PoisonError};

use glacier_core::{ByteRange, Client, Description, Layout, PartSize, ProvideCredentials, Transport, VaultRef};

use super::crew;
use super::pace::Manner;
use super::part;
use super::parts::Parts;
use super::upload_error::UploadError;
use super::way::{Archived, Passes, Way, part_size_for};
use crate::file::{FileError, FileSource};

/// Where an upload goes, and how.
#[derive(Clone, Copy, Debug)]
pub struct Upload<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// A text to keep with the archive.
    pub description: Option<Description<'a>>,
    /// The size of the parts. When `None`, [`DEFAULT_PART_SIZE`](super::DEFAULT_PART_SIZE), or the smallest that is large enough.
    pub part_size: Option<PartSize>,
    /// How many parts of a file are under way at once, each on a connection of its own; [`DEFAULT_CONCURRENCY`] is a good choice. Each takes
    /// about 600 KiB of memory, whatever the size of the parts.
    pub concurrency: NonZeroU8,
}

/// Parts under way at once when nothing else is asked for: 4. One waits for the service while others are hashed and sent.
pub const DEFAULT_CONCURRENCY: NonZeroU8 = NonZeroU8::new(4).unwrap();

/// Uploads a file. It is read twice, part by part: once to hash a part, on a thread for what blocks, and once to send it, within this
/// future. Several parts are under way at once, with clones of `client`; when one fails for good, the others are broken off.
///
/// Dropping the future leaves what was sent of a multipart upload at the service, which drops it a day later.
///
/// # Errors
/// [`UploadError`]; of a file that changes while it is uploaded nothing becomes an archive.
///
/// # Panics
/// Outside a tokio runtime.
pub async fn upload_file<T: Transport + Clone, C: ProvideCredentials + Clone>(
    client: &mut Client<T, C>,
    file: &mut FileSource,
    upload: &Upload<'_>,
    manner: Manner<'_>,
) -> Result<Archived, UploadError<T::Error, FileError>> {
    let size = glacier_core::Source::size(file);
    let layout = Layout::new(size, part_size_for(size, upload.part_size)?)?;
    let passes = Passes::new(manner.observer);
    let mut way = upload.way(client, manner, &passes);
    if layout.count() == 1 {
        return way.archive(file, None).await;
    }
    let parts = Mutex::new(way.begin(layout.part_size(), Some(layout.count())).await?);
    let queue = Mutex::new(layout.parts());
    let workers = u64::from(upload.concurrency.get()).min(layout.count());
    let clients: Vec<_> = (0..workers).map(|_| way.client.clone()).collect();
    let done = crew::all(
        clients
            .into_iter()
            .map(async |mut client| send_parts(&mut upload.way(&mut client, manner, &passes), file, &queue, &parts).await),
    )
    .await;
    let parts = parts.into_inner().unwrap_or_else(PoisonError::into_inner);
    let done = match done {
        Ok(()) => parts.complete(&mut way).await,
        Err(cause) => Err(cause),
    };
    done.map_err(|cause| unfinished(&parts, cause))
}

/// Sends one part after the other until the queue is empty.
async fn send_parts<T: Transport, C: ProvideCredentials>(
    way: &mut Way<'_, T, C>,
    file: &FileSource,
    queue: &Mutex<impl Iterator<Item = ByteRange>>,
    parts: &Mutex<Parts>,
) -> Result<(), UploadError<T::Error, FileError>> {
    let upload_id = locked(parts).upload_id().to_owned();
    loop {
        let Some(range) = locked(queue).next() else { return Ok(()) };
        let mut body = file.range(range).map_err(UploadError::Read)?;
        let hashes = part::send(way, &upload_id, range.first(), &mut body, None).await?;
        locked(parts).acknowledge(range.first(), hashes, way.manner.observer);
    }
}

/// Nothing is half done in what is locked here, so a thread that panicked leaves it good.
fn locked<V>(mutex: &Mutex<V>) -> std::sync::MutexGuard<'_, V> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn unfinished<T, S>(parts: &Parts, cause: UploadError<T, S>) -> UploadError<T, S> {
    match cause {
        // There is an archive, and no upload any more.
        UploadError::Mismatch { .. } => cause,
        cause => UploadError::Unfinished { upload_id: parts.upload_id().into(), sent: parts.sent(), cause: Box::new(cause) },
    }
}

impl<'u> Upload<'u> {
    pub(super) fn way<'w, T, C>(&self, client: &'w mut Client<T, C>, manner: Manner<'w>, passes: &'w Passes<'w>) -> Way<'w, T, C>
    where
        'u: 'w,
    {
        Way { client, vault: self.vault, description: self.description, manner, passes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::stream::upload_stream;
    use crate::transfer::test_support::{Asked, Busy, Log, PART, Reply, Script, client, tree_hash};
    use std::sync::Arc;
    use std::time::Duration;

    const MIB: u64 = 1 << 20;

    fn data(size: usize) -> Vec<u8> {
        (0..size).map(|at| (at % 251) as u8).collect()
    }

    fn file(bytes: &[u8]) -> (tempfile::TempDir, FileSource) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, bytes).unwrap();
        let file = FileSource::open(&path).unwrap();
        (folder, file)
    }

    fn upload(part_size: Option<PartSize>, concurrency: u8) -> Upload<'static> {
        Upload { vault: "v".try_into().unwrap(), description: None, part_size, concurrency: concurrency.try_into().unwrap() }
    }

    fn in_order(asked: &[Asked]) -> Vec<u8> {
        let mut parts: Vec<&Asked> = asked.iter().filter(|asked| !asked.range.is_empty()).collect();
        parts.sort_by_key(|part| part.first());
        parts.iter().flat_map(|part| part.body.clone()).collect()
    }

    #[tokio::test]
    async fn a_file_goes_up_in_one_request_or_in_parts() {
        let bytes = data(2 * PART + 5);
        let (_folder, mut file) = file(&bytes);
        let script = Script::new().takes(&[("x-amz-archive-id", "A")]);
        let asked = script.asked();
        let archived = upload_file(&mut client(script), &mut file, &upload(None, 4), Manner::new(&())).await.unwrap();
        assert_eq!((archived.checksum, asked.lock().unwrap().len()), (tree_hash(&bytes), 1));

        for concurrency in [1, 2, 4, 255] {
            let script = Script::new()
                .answer(201, &[("x-amz-multipart-upload-id", "U")], "")
                .takes(&[])
                .takes(&[])
                .takes(&[])
                .answer(201, &[("x-amz-archive-id", "A")], "");
            let (asked, log) = (script.asked(), Log::default());
            let upload = upload(Some(PartSize::MIN), concurrency);
            let archived = upload_file(&mut client(script), &mut file, &upload, Manner::new(&log)).await.unwrap();
            assert_eq!(archived.checksum, tree_hash(&bytes));
            assert_eq!(in_order(&asked.lock().unwrap()), bytes);
            let mut steps: Vec<_> = log.lines().into_iter().filter(|line| line.starts_with(['u', 'p'])).collect();
            steps.sort();
            assert_eq!(steps, ["part 0", "part 1", "part 2", "upload U 1048576 Some(3)"]);
            assert!(log.lines().contains(&format!("sent {}", bytes.len())), "all bytes are counted");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_parts_as_wanted_are_under_way_and_no_more() {
        let bytes = data(9 * PART + 1);
        let (_folder, mut file) = file(&bytes);
        for concurrency in [1, 3, 64] {
            // The first takes longest, so that the others overtake it.
            let busy = Busy::new(|part, _| (Duration::from_secs(100 - part), Reply::Takes));
            let seen = Arc::clone(&busy.seen);
            let upload = upload(Some(PartSize::MIN), concurrency);
            let archived = upload_file(&mut busy.client(), &mut file, &upload, Manner::new(&())).await.unwrap();
            let seen = seen.lock().unwrap();
            assert_eq!(archived.checksum, tree_hash(&bytes));
            assert_eq!(in_order(&seen.asked), bytes);
            assert_eq!((seen.most, seen.now), (u32::from(concurrency).min(10), 0));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn when_a_part_fails_the_others_are_broken_off_and_what_arrived_is_told() {
        let (_folder, mut file) = file(&data(8 * PART));
        // Parts 0 and 2 arrive, part 3 is refused while 1 and 4 are under way.
        let busy = Busy::new(|part, _| match part {
            3 => (Duration::from_secs(5), Reply::Status(403)),
            0 | 2 => (Duration::from_secs(1), Reply::Takes),
            _ => (Duration::from_secs(60), Reply::Takes),
        });
        let seen = Arc::clone(&busy.seen);
        let error =
            upload_file(&mut busy.client(), &mut file, &upload(Some(PartSize::MIN), 3), Manner::new(&())).await.unwrap_err();
        let UploadError::Unfinished { upload_id, sent, cause } = error else { panic!("{error}") };
        assert_eq!((upload_id.as_str(), sent), ("U", 2 * MIB));
        assert!(matches!(*cause, UploadError::Call(_)), "{cause}");
        let seen = seen.lock().unwrap();
        assert_eq!(seen.now, 0, "nothing is under way any more");
        let firsts: Vec<_> = seen.asked.iter().filter(|asked| !asked.range.is_empty()).map(|asked| asked.first() / MIB).collect();
        assert!(firsts.iter().all(|part| *part < 5) && !firsts.is_empty(), "{firsts:?}");
        assert!(!seen.asked.iter().any(|asked| asked.line.ends_with("multipart-uploads/U") && asked.range.is_empty()), "completed");
    }

    #[tokio::test(start_paused = true)]
    async fn a_damaged_part_is_sent_once_more_among_the_others() {
        let bytes = data(4 * PART);
        let (_folder, mut file) = file(&bytes);
        let busy = Busy::new(|part, tries| match (part, tries) {
            (2, 0) => (Duration::from_secs(9), Reply::Damages),
            (1, 0) => (Duration::from_secs(1), Reply::Breaks),
            _ => (Duration::from_secs(2), Reply::Takes),
        });
        let (seen, log) = (Arc::clone(&busy.seen), Log::default());
        let archived =
            upload_file(&mut busy.client(), &mut file, &upload(Some(PartSize::MIN), 4), Manner::new(&log)).await.unwrap();
        assert_eq!(archived.checksum, tree_hash(&bytes));
        let seen = seen.lock().unwrap();
        let tries = |part: u64| seen.asked.iter().filter(|asked| !asked.range.is_empty() && asked.first() == part * MIB).count();
        assert_eq!([0, 1, 2, 3].map(tries), [1, 2, 2, 1]);
        assert_eq!(log.lines().iter().rev().find(|line| line.starts_with("sent")), Some(&format!("sent {}", 4 * MIB)));
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_file_that_changes_nothing_becomes_an_archive() {
        let (folder, mut file) = file(&data(6 * PART));
        let path = folder.path().join("f");
        let busy = Busy::new(move |part, _| {
            if part == 2 {
                std::fs::write(&path, data(5 * PART)).unwrap();
            }
            (Duration::from_secs(1), Reply::Takes)
        });
        let seen = Arc::clone(&busy.seen);
        let error =
            upload_file(&mut busy.client(), &mut file, &upload(Some(PartSize::MIN), 2), Manner::new(&())).await.unwrap_err();
        assert!(matches!(&error, UploadError::Unfinished { .. }) && error.cause().to_string().contains("changed"), "{error}");
        let seen = seen.lock().unwrap();
        assert_eq!(seen.now, 0);
        assert!(!seen.asked.iter().any(|asked| asked.line.ends_with("multipart-uploads/U") && asked.range.is_empty()), "completed");
    }

    /// A transfer can be given to a runtime with many threads, when the transport can.
    #[test]
    fn transfers_are_send() {
        fn check(_: impl Send) {}
        let (mut client, upload) = (
            client(Script::new()),
            Upload { vault: "v".try_into().unwrap(), description: None, part_size: None, concurrency: DEFAULT_CONCURRENCY },
        );
        check(upload_stream(&mut client, &mut &b""[..], None, &upload, Manner::new(&())));
        let mut file = FileSource::open(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))).unwrap();
        check(upload_file(&mut client, &mut file, &upload, Manner::new(&())));
    }
}
