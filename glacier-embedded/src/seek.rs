//! Anything that can be read and sought through, as a body.

use embedded_io_async::{ErrorType, Read, Seek, SeekFrom};
use glacier_core::{ByteRange, Source};

use crate::extent::{BeyondEnd, Extent};

/// A medium of embedded-io-async that can [`Seek`], or a range of it, as a body: a file of an asynchronous file system, for one.
///
/// The medium must not change while it is the body of a request. A `read` future that is dropped loses nothing, as the next one seeks again.
#[derive(Debug)]
pub struct SeekSource<M> {
    medium: M,
    extent: Extent,
    /// Whether the medium stands where the next read goes on.
    placed: bool,
}

impl<M: Read + Seek> SeekSource<M> {
    /// The whole medium, whose size is found by seeking to its end. `M` may be a `&mut` of a medium.
    ///
    /// # Errors
    /// The medium's own, when seeking fails.
    pub async fn open(mut medium: M) -> Result<Self, M::Error> {
        let size = medium.seek(SeekFrom::End(0)).await?;
        Ok(SeekSource { medium, extent: Extent::whole(size), placed: false })
    }

    /// A range of this body as a body of its own: a part. This one can be read again when the part is dropped.
    ///
    /// # Errors
    /// [`BeyondEnd`].
    pub fn range(&mut self, range: ByteRange) -> Result<SeekSource<&mut M>, BeyondEnd> {
        let extent = self.extent.range(range)?;
        self.placed = false;
        Ok(SeekSource { medium: &mut self.medium, extent, placed: false })
    }

    /// Gives the medium back.
    pub fn into_inner(self) -> M {
        self.medium
    }
}

impl<M: ErrorType> ErrorType for SeekSource<M> {
    type Error = M::Error;
}

impl<M: Read + Seek> Read for SeekSource<M> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, M::Error> {
        let Some((place, room)) = self.extent.next(into) else { return Ok(0) };
        if !core::mem::take(&mut self.placed) {
            self.medium.seek(SeekFrom::Start(place)).await?;
        }
        let got = self.medium.read(room).await?;
        self.extent.took(got);
        self.placed = true;
        Ok(got)
    }
}

impl<M: Read + Seek> Source for SeekSource<M> {
    fn size(&self) -> u64 {
        self.extent.len()
    }

    async fn rewind(&mut self) -> Result<(), M::Error> {
        self.extent.rewind();
        self.placed = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{read_all, twice};
    use embassy_futures::{block_on, poll_once, yield_now};
    use embedded_io_async::ErrorKind;
    use std::vec::Vec;

    /// A medium that gives at most three bytes a read, and moves on before it is done.
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
    fn whole_and_in_parts() {
        let mut whole = block_on(SeekSource::open(Tape::new(20))).unwrap();
        assert_eq!((whole.size(), twice(&mut whole)), (20, (0..20).collect::<Vec<u8>>()));
        let mut part = whole.range(ByteRange::new(5, 12).unwrap()).unwrap();
        assert_eq!((part.size(), twice(&mut part)), (8, (5..13).collect::<Vec<u8>>()));
        assert!(whole.range(ByteRange::new(5, 20).unwrap()).is_err());
        assert_eq!(twice(&mut whole), (0..20).collect::<Vec<u8>>());
    }

    #[test]
    fn goes_on_without_seeking() {
        let mut tape = Tape::new(30);
        let mut whole = block_on(SeekSource::open(&mut tape)).unwrap();
        block_on(read_all(&mut whole));
        assert_eq!(tape.seeks, 2);
    }

    #[test]
    fn a_dropped_read_loses_nothing() {
        let mut whole = block_on(SeekSource::open(Tape::new(6))).unwrap();
        assert!(poll_once(whole.read(&mut [0; 2])).is_pending());
        assert_eq!(block_on(read_all(&mut whole)), [0, 1, 2, 3, 4, 5]);
    }
}
