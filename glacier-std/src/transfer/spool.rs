//! One part of a stream, kept in an unnamed temporary file, so that it can be read for each attempt to send it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};

use embedded_io_async::{ErrorType, Read};
use glacier_core::{PayloadHasher, PayloadHashes, Source};

/// A part that is filled once, read as often as needed, and then filled again. It takes as much disk space as the part has bytes,
/// in the folder for temporary files (`TMPDIR`).
pub(super) struct Spool {
    file: File,
    size: u64,
    left: u64,
    hasher: PayloadHasher,
}

impl Spool {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Spool { file: tempfile::tempfile()?, size: 0, left: 0, hasher: PayloadHasher::new() })
    }

    /// Begins the next part.
    pub(super) fn restart(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        (self.size, self.left, self.hasher) = (0, 0, PayloadHasher::new());
        Ok(())
    }

    /// Adds the next bytes of the part. They are hashed at once, so that the file is read only to be sent.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn hashes(&self) -> io::Result<PayloadHashes> {
        self.hasher.clone().finish().map_err(io::Error::other)
    }
}

impl ErrorType for Spool {
    type Error = io::Error;
}

impl Read for Spool {
    async fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // A file is read without waiting, so other tasks must be given a turn.
        tokio::task::coop::consume_budget().await;
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        let room = into.get_mut(..most).unwrap_or_default();
        loop {
            match self.file.read(room) {
                Ok(got) => {
                    self.left -= got as u64;
                    return Ok(got);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Source for Spool {
    fn size(&self) -> u64 {
        self.size
    }

    async fn rewind(&mut self) -> io::Result<()> {
        self.left = self.size;
        self.file.rewind()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::hash_source;

    #[tokio::test]
    async fn a_part_can_be_read_again_and_the_next_one_replaces_it() {
        let mut spool = Spool::new().unwrap();
        for part in [&b"a long part"[..], b"short", b""] {
            spool.restart().unwrap();
            for piece in part.chunks(4) {
                spool.push(piece).unwrap();
            }
            let hashes = spool.hashes().unwrap();
            for _ in 0..2 {
                let read = hash_source(&mut spool, &mut [0; 3]).await.unwrap();
                assert_eq!((read, read.size), (hashes, part.len() as u64));
            }
        }
    }
}
