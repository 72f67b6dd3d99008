//! Bodies that are hashed before they are sent.

use std::io;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::time::Duration;

use glacier_core::{PayloadHasher, PayloadHashes, Source, SourceError, hash_source};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::progress::{CountedBody, ProgressCounter};
use super::spool::Spool;
use crate::file::{FileError, FileSource};

/// Bytes of the one buffer that a pass reads into. It stays in a core's cache between reading and hashing.
const READ: usize = 256 << 10;
/// Between two reports of how far a pass is.
const TICK: Duration = Duration::from_millis(100);

/// A body that can be hashed without blocking the other tasks of its thread.
pub(super) trait UploadBody: Source + Sized {
    /// Both hashes of the whole body, from its start; the bytes are counted as they are read.
    async fn counted_hashes(&mut self, hashed: &ProgressCounter<'_>) -> Result<PayloadHashes, SourceError<Self::Error>> {
        let mut read = vec![0; READ];
        hash_source(&mut CountedBody::new(self, hashed), &mut read).await
    }
}

/// A part of a stream is hashed while it is received; it is read for its hashes only when the service rejects them.
impl UploadBody for Spool {}

/// A file is hashed on one of the runtime's blocking threads, as a part has up to 4 GiB. A file that one read covers is not worth
/// the switch.
impl UploadBody for FileSource {
    async fn counted_hashes(&mut self, hashed: &ProgressCounter<'_>) -> Result<PayloadHashes, SourceError<FileError>> {
        self.rewind().await.map_err(SourceError::Read)?;
        let size = self.size();
        let progress = Arc::new(AtomicU64::new(0));
        let (file, watched) = (self.clone(), Arc::downgrade(&progress));
        let mut counted = 0;
        let mut count = || {
            let done = progress.load(Relaxed);
            hashed.add(done - counted);
            counted = done;
        };
        let hashes = if size <= READ as u64 {
            hash(file, &watched)
        } else {
            let mut pass = spawn_blocking(move || hash(file, &watched));
            loop {
                match timeout(TICK, &mut pass).await {
                    Ok(Ok(hashes)) => break hashes,
                    Ok(Err(error)) => match error.try_into_panic() {
                        Ok(panic) => resume_unwind(panic),
                        Err(ended) => return Err(SourceError::Read(self.failed(io::Error::other(ended)))),
                    },
                    Err(_) => count(),
                }
            }
        };
        count();
        let hashes = hashes.map_err(SourceError::Read)?;
        hashes.filter(|hashes| hashes.size == size).ok_or(SourceError::Ended { size, got: progress.load(Relaxed) })
    }
}

/// Hashes a file and counts the bytes for whoever waits for it; ends early when nobody does. There are no hashes only beyond
/// 64 TiB, which no part has.
fn hash(mut file: FileSource, watched: &Weak<AtomicU64>) -> Result<Option<PayloadHashes>, FileError> {
    let mut hasher = PayloadHasher::new();
    let mut read = vec![0; usize::try_from(file.size()).unwrap_or(READ).min(READ)];
    while let Some(progress) = watched.upgrade() {
        let got = file.read_blocking(&mut read)?;
        let Some(piece) = read.get(..got).filter(|piece| !piece.is_empty()) else { break };
        hasher.update(piece);
        progress.fetch_add(got as u64, Relaxed);
    }
    Ok(hasher.finish().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::observer::Event;
    use crate::transfer::test_support::{EventLog, tree_hash};
    use sha2::{Digest, Sha256};

    #[tokio::test]
    async fn a_file_and_its_ranges_have_their_hashes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let data: Vec<u8> = (0..9 << 20).map(|at: u32| (at % 251) as u8).collect();
        std::fs::write(&path, &data).unwrap();
        let file = FileSource::open(&path).unwrap();
        for (first, size) in [(0, 1), (5, READ), (0, READ + 1), (1 << 20, 4 << 20), (3, 8 << 20), (0, 9 << 20)] {
            let log = EventLog::default();
            let mut part = file.range(glacier_core::ByteRange::new(first as u64, (first + size - 1) as u64).unwrap()).unwrap();
            let hashes = part.counted_hashes(&ProgressCounter::new(Event::Hashed, &log)).await.unwrap();
            let bytes = &data[first..][..size];
            assert_eq!((hashes.size, hashes.tree), (size as u64, tree_hash(bytes)));
            assert_eq!(hashes.linear.as_bytes()[..], Sha256::digest(bytes)[..]);
            assert_eq!(log.lines().last(), Some(&format!("hashed {size}")));
        }
    }

    #[tokio::test]
    async fn a_file_that_shrinks_has_no_hashes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        for size in [100, 9 << 20] {
            std::fs::write(&path, vec![1; size]).unwrap();
            let mut file = FileSource::open(&path).unwrap();
            std::fs::File::options().write(true).open(&path).unwrap().set_len(50).unwrap();
            let error = file.counted_hashes(&ProgressCounter::new(Event::Hashed, &())).await.unwrap_err();
            assert!(matches!(&error, SourceError::Read(error) if error.to_string().contains("changed")), "{error}");
        }
    }

    #[test]
    fn hashing_ends_when_nobody_waits_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, vec![1; 1 << 20]).unwrap();
        let gone = Arc::downgrade(&Arc::new(AtomicU64::new(0)));
        let hashes = hash(FileSource::open(&path).unwrap(), &gone).unwrap().unwrap();
        assert_eq!(hashes.size, 0, "continued although nobody waits");
    }

    #[tokio::test]
    async fn other_tasks_run_while_a_file_is_hashed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, vec![1; 64 << 20]).unwrap();
        let mut file = FileSource::open(&path).unwrap();
        let counter = ProgressCounter::new(Event::Hashed, &());
        let mut hashing = std::pin::pin!(file.counted_hashes(&counter));
        tokio::select! {
            biased;
            _ = &mut hashing => panic!("hashed without yielding"),
            () = tokio::task::yield_now() => {}
        }
        assert_eq!(hashing.await.unwrap().size, 64 << 20);
    }
}
