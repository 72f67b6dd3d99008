//! Any medium that can be read and can seek, as an archive body.

use embedded_io_async::{ErrorType, Read, Seek, SeekFrom};
use glacier_core::{ByteRange, Source};

use super::extent::{BeyondEnd, Extent};

/// An embedded-io-async medium that can [`Seek`], or a range of it, as an archive body: for example a file of an asynchronous file system.
///
/// The medium must not change while a request sends it.
///
/// # Cancel safety
/// Dropping a `read` future loses nothing, as the next read seeks again.
#[derive(Debug)]
pub struct SeekSource<M> {
    medium: M,
    extent: Extent,
    /// Whether the medium is at the position of the next read.
    in_position: bool,
}

impl<M: Read + Seek> SeekSource<M> {
    /// The whole medium; its size is found by seeking to its end. `M` may be a `&mut` reference.
    ///
    /// # Errors
    /// The medium's error if seeking fails.
    pub async fn open(mut medium: M) -> Result<Self, M::Error> {
        let size = medium.seek(SeekFrom::End(0)).await?;
        Ok(SeekSource { medium, extent: Extent::whole(size), in_position: false })
    }

    /// A part of this body as a body of its own, which borrows this one.
    ///
    /// # Errors
    /// [`BeyondEnd`] if the range ends beyond this body's end.
    pub fn range(&mut self, range: ByteRange) -> Result<SeekSource<&mut M>, BeyondEnd> {
        let extent = self.extent.range(range)?;
        self.in_position = false;
        Ok(SeekSource { medium: &mut self.medium, extent, in_position: false })
    }

    /// Returns the medium.
    pub fn into_inner(self) -> M {
        self.medium
    }
}

impl<M: ErrorType> ErrorType for SeekSource<M> {
    type Error = M::Error;
}

impl<M: Read + Seek> Read for SeekSource<M> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, M::Error> {
        let Some((offset, room)) = self.extent.next(into) else { return Ok(0) };
        if !core::mem::take(&mut self.in_position) {
            self.medium.seek(SeekFrom::Start(offset)).await?;
        }
        let got = self.medium.read(room).await?;
        self.extent.advance(got);
        self.in_position = true;
        Ok(got)
    }
}

impl<M: Read<Error: 'static> + Seek> Source for SeekSource<M> {
    fn size(&self) -> u64 {
        self.extent.len()
    }

    async fn rewind(&mut self) -> Result<(), M::Error> {
        self.extent.rewind();
        self.in_position = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{read_all, read_twice};
    use super::*;
    use embassy_futures::{block_on, poll_once, yield_now};
    use embedded_io_async::ErrorKind;
    use std::vec::Vec;

    /// A medium that returns at most three bytes per read, and has moved on when a read is dropped halfway.
    #[derive(Debug)]
    struct Tape {
        bytes: Vec<u8>,
        at: u64,
        seeks: usize,
    }

    impl Tape {
        fn new(size: u8) -> Self {
            Tape { bytes: (0..size).collect(), at: 0, seeks: 0 }
        }
    }

    impl ErrorType for Tape {
        type Error = ErrorKind;
    }

    impl Read for Tape {
        async fn read(&mut self, into: &mut [u8]) -> Result<usize, ErrorKind> {
            let at = self.at as usize;
            let count = (self.bytes.len() - at).min(3).min(into.len());
            self.at += count as u64;
            yield_now().await;
            into[..count].copy_from_slice(&self.bytes[at..at + count]);
            Ok(count)
        }
    }

    impl Seek for Tape {
        async fn seek(&mut self, to: SeekFrom) -> Result<u64, ErrorKind> {
            self.seeks += 1;
            self.at = match to {
                SeekFrom::Start(at) => at,
                SeekFrom::End(back) => (self.bytes.len() as u64).saturating_add_signed(back),
                SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            };
            Ok(self.at)
        }
    }

    #[test]
    fn a_medium_is_read_whole_and_in_parts() {
        let mut whole = block_on(SeekSource::open(Tape::new(20))).unwrap();
        assert_eq!((whole.size(), read_twice(&mut whole)), (20, (0..20).collect::<Vec<u8>>()));
        let mut part = whole.range(ByteRange::new(5, 12).unwrap()).unwrap();
        assert_eq!((part.size(), read_twice(&mut part)), (8, (5..13).collect::<Vec<u8>>()));
        assert!(whole.range(ByteRange::new(5, 20).unwrap()).is_err());
        assert_eq!(read_twice(&mut whole), (0..20).collect::<Vec<u8>>());
    }

    #[test]
    fn reading_on_does_not_seek() {
        let mut tape = Tape::new(30);
        let mut whole = block_on(SeekSource::open(&mut tape)).unwrap();
        block_on(read_all(&mut whole));
        // To the end for the size, and to the start.
        assert_eq!(tape.seeks, 2);
    }

    #[test]
    fn a_dropped_read_loses_nothing() {
        let mut whole = block_on(SeekSource::open(Tape::new(6))).unwrap();
        assert!(poll_once(whole.read(&mut [0; 2])).is_pending());
        assert_eq!(block_on(read_all(&mut whole)), [0, 1, 2, 3, 4, 5]);
    }
}
