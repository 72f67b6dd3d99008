//! Bodies that are hashed before they are sent.

use std::io;
use std::panic::resume_unwind;

use glacier_core::{PayloadHasher, PayloadHashes, Source, SourceError, hash_source};
use tokio::task::spawn_blocking;

use super::spool::Spool;
use super::tally::{Metered, Tally};
use crate::file::{FileError, FileSource};

/// Bytes of the one buffer that a pass reads into. It stays in a core's cache between reading and hashing.
const READ: usize = 256 << 10;
/// Bytes hashed between two looks at the clock, so to speak: a pass that nobody waits for any more ends this soon.
const SLICE: u64 = 4 << 20;

/// A body that can be hashed without holding up whoever shares its thread.
pub(super) trait Body: Source + Sized {
    /// Both hashes of the whole body, from its start; what was read is counted.
    async fn hashes_counted(&mut self, hashed: &Tally<'_>) -> Result<PayloadHashes, SourceError<Self::Error>> {
        let mut read = vec![0; READ];
        hash_source(&mut Metered::new(self, hashed), &mut read).await
    }
}

/// A part of a stream was hashed on its way in; it is read for its hashes only when the service doubts them.
impl Body for Spool {}

/// A file is hashed on the runtime's threads for what blocks, as a core hashes some GB a second and a part has up to 4 GiB. What one read
/// gets is not worth the way there and back.
impl Body for FileSource {
    async fn hashes_counted(&mut self, hashed: &Tally<'_>) -> Result<PayloadHashes, SourceError<FileError>> {
        self.rewind().await.map_err(SourceError::Read)?;
        let size = self.size();
        let mut pass = Pass { file: self.clone(), hasher: PayloadHasher::new(), read: vec![0; READ.min(size as usize)], got: 0 };
        if size <= READ as u64 {
            pass.run(size).map_err(SourceError::Read)?;
            hashed.add(pass.got);
        }
        while pass.got < size {
            let before = pass.got;
            pass = match spawn_blocking(move || pass.run(SLICE).map(|()| pass)).await {
                Ok(pass) => pass.map_err(SourceError::Read)?,
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => resume_unwind(panic),
                    Err(ended) => return Err(SourceError::Read(self.failed(io::Error::other(ended)))),
                },
            };
            hashed.add(pass.got - before);
            if pass.got == before {
                return Err(SourceError::Ended { size, got: before });
            }
        }
        // Only beyond 64 TiB there are none, which no file has that is cut into parts.
        pass.hasher.finish().map_err(|_| SourceError::Ended { size, got: pass.got })
    }
}

/// A file on its way through the hasher.
struct Pass {
    file: FileSource,
    hasher: PayloadHasher,
    read: Vec<u8>,
    got: u64,
}

impl Pass {
    /// Goes on for about so many bytes, or to the end.
    fn run(&mut self, bytes: u64) -> Result<(), FileError> {
        let until = self.got.saturating_add(bytes);
        while self.got < until {
            let got = self.file.read_blocking(&mut self.read)?;
            let Some(piece) = self.read.get(..got).filter(|piece| !piece.is_empty()) else { break };
            self.hasher.update(piece);
            self.got += got as u64;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::observe::Event;
    use crate::transfer::test_support::{Log, tree_hash};
    use sha2::{Digest, Sha256};

    #[tokio::test]
    async fn a_file_and_its_ranges_have_their_hashes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let data: Vec<u8> = (0..9 << 20).map(|at: u32| (at % 251) as u8).collect();
        std::fs::write(&path, &data).unwrap();
        let file = FileSource::open(&path).unwrap();
        for (first, size) in [(0, 1), (5, READ), (0, READ + 1), (1 << 20, 4 << 20), (3, 8 << 20), (0, 9 << 20)] {
            let log = Log::default();
            let mut part = file.range(glacier_core::ByteRange::new(first as u64, (first + size - 1) as u64).unwrap()).unwrap();
            let hashes = part.hashes_counted(&Tally::new(Event::Hashed, &log)).await.unwrap();
            let bytes = &data[first..][..size];
            assert_eq!((hashes.size, hashes.tree), (size as u64, tree_hash(bytes)));
            assert_eq!(hashes.linear.as_bytes()[..], Sha256::digest(bytes)[..]);
            assert_eq!(log.lines().last(), Some(&format!("hashed {size}")));
        }
    }

    #[tokio::test]
    async fn a_file_that_shrinks_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        for size in [100, 9 << 20] {
            std::fs::write(&path, vec![1; size]).unwrap();
            let mut file = FileSource::open(&path).unwrap();
            std::fs::File::options().write(true).open(&path).unwrap().set_len(50).unwrap();
            let error = file.hashes_counted(&Tally::new(Event::Hashed, &())).await.unwrap_err();
            assert!(matches!(&error, SourceError::Read(error) if error.to_string().contains("changed")), "{error}");
        }
    }

    #[tokio::test]
    async fn others_run_while_a_file_is_hashed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, vec![1; 64 << 20]).unwrap();
        let mut file = FileSource::open(&path).unwrap();
        let tally = Tally::new(Event::Hashed, &());
        let mut hashing = std::pin::pin!(file.hashes_counted(&tally));
        tokio::select! {
            biased;
            _ = &mut hashing => panic!("hashed in one go"),
            () = tokio::task::yield_now() => {}
        }
        assert_eq!(hashing.await.unwrap().size, 64 << 20);
    }
}
