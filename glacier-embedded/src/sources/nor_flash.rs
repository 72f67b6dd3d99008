//! A range of NOR flash as an archive body.

use core::fmt;

use embassy_futures::yield_now;
use embedded_io_async::{ErrorKind, ErrorType, Read};
use embedded_storage::nor_flash as blocking;
use embedded_storage_async::nor_flash::{ErrorType as FlashErrorType, NorFlashError, NorFlashErrorKind, ReadNorFlash};
use glacier_core::{ByteRange, Source};

use super::extent::{BeyondEnd, Extent};

/// The largest supported [`READ_SIZE`](ReadNorFlash::READ_SIZE); flash with a larger one does not compile.
const MAX_READ_SIZE: usize = 64;

/// A range of NOR flash as an archive body.
///
/// It takes flash of embedded-storage-async directly, and blocking flash of embedded-storage in [`Blocking`]. The range may start and end
/// at any byte, whatever the flash's read size. Whole words are read straight into the caller's buffer, so there is no overhead when the
/// range starts at a word and the buffer is a multiple of the word.
///
/// The range must not be erased or written while a request sends it.
#[derive(Debug)]
pub struct FlashSource<F> {
    flash: F,
    extent: Extent,
}

impl<F: ReadNorFlash> FlashSource<F> {
    /// A range of `flash`, which may be a `&mut` reference.
    ///
    /// # Errors
    /// [`BeyondEnd`] if the range ends beyond the flash's capacity.
    pub fn new(flash: F, range: ByteRange) -> Result<Self, BeyondEnd> {
        const { assert!(F::READ_SIZE > 0 && F::READ_SIZE <= MAX_READ_SIZE) };
        // Flash addresses have 32 bits.
        let capacity = (flash.capacity() as u64).min(1 << 32);
        let extent = Extent::whole(capacity).range(range)?;
        Ok(FlashSource { flash, extent })
    }

    /// A part of this body as a body of its own, which borrows this one.
    ///
    /// # Errors
    /// [`BeyondEnd`] if the range ends beyond this body's end.
    pub fn range(&mut self, range: ByteRange) -> Result<FlashSource<&mut F>, BeyondEnd> {
        Ok(FlashSource { extent: self.extent.range(range)?, flash: &mut self.flash })
    }

    /// Reads at any offset: whole words where possible, else the rest of one word.
    async fn read_at(&mut self, offset: u64, room: &mut [u8]) -> Result<usize, F::Error> {
        let word = F::READ_SIZE;
        // Both casts are lossless: `new` limits offsets to 32 bits, and the remainder is smaller than a word.
        let within = (offset % word as u64) as usize;
        let address = (offset - within as u64) as u32;
        let whole = room.len() - room.len() % word;
        if within == 0 && whole > 0 {
            let room = room.get_mut(..whole).unwrap_or_default();
            self.flash.read(address, room).await?;
            return Ok(whole);
        }
        let mut one = [0; MAX_READ_SIZE];
        let one = one.get_mut(..word).unwrap_or_default();
        self.flash.read(address, one).await?;
        let piece = one.get(within..).unwrap_or_default();
        for (to, from) in room.iter_mut().zip(piece) {
            *to = *from;
        }
        Ok(piece.len().min(room.len()))
    }
}

impl<F: ReadNorFlash> ErrorType for FlashSource<F> {
    type Error = FlashError<F::Error>;
}

impl<F: ReadNorFlash> Read for FlashSource<F> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        let Some((offset, room)) = self.extent.next(into) else { return Ok(0) };
        let got = self.read_at(offset, room).await.map_err(FlashError)?;
        self.extent.advance(got);
        Ok(got)
    }
}

impl<F: ReadNorFlash<Error: 'static>> Source for FlashSource<F> {
    fn size(&self) -> u64 {
        self.extent.len()
    }

    async fn rewind(&mut self) -> Result<(), Self::Error> {
        self.extent.rewind();
        Ok(())
    }
}

/// Makes blocking flash of embedded-storage usable where asynchronous flash is required. It yields to other tasks before each read.
#[derive(Clone, Copy, Debug)]
pub struct Blocking<F>(pub F);

impl<F: blocking::ErrorType> FlashErrorType for Blocking<F> {
    type Error = F::Error;
}

impl<F: blocking::ReadNorFlash> ReadNorFlash for Blocking<F> {
    const READ_SIZE: usize = F::READ_SIZE;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), F::Error> {
        yield_now().await;
        self.0.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

/// The flash could not be read. Contains the driver's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FlashError<E>(pub E);

impl<E: NorFlashError> fmt::Display for FlashError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.kind() {
            NorFlashErrorKind::NotAligned => "the flash cannot be read at this address: it is not aligned",
            NorFlashErrorKind::OutOfBounds => "the flash cannot be read beyond its end",
            _ => "the flash could not be read",
        })
    }
}

impl<E: NorFlashError> core::error::Error for FlashError<E> {}

impl<E: NorFlashError> embedded_io_async::Error for FlashError<E> {
    fn kind(&self) -> ErrorKind {
        match self.0.kind() {
            NorFlashErrorKind::NotAligned | NorFlashErrorKind::OutOfBounds => ErrorKind::InvalidInput,
            _ => ErrorKind::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{read_all, read_twice};
    use super::*;
    use embassy_futures::block_on;
    use std::string::ToString;
    use std::vec::Vec;

    const SIZE: usize = 64;

    /// Flash of 64 bytes with words of `WORD` bytes. Reading the last word fails.
    #[derive(Debug)]
    struct Chip<const WORD: usize>;

    impl<const WORD: usize> blocking::ErrorType for Chip<WORD> {
        type Error = NorFlashErrorKind;
    }

    impl<const WORD: usize> blocking::ReadNorFlash for Chip<WORD> {
        const READ_SIZE: usize = WORD;

        fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
            blocking::check_read(self, offset, bytes.len())?;
            for (at, byte) in (offset as u8..).zip(bytes.iter_mut()) {
                if usize::from(at) >= SIZE - WORD {
                    return Err(NorFlashErrorKind::Other);
                }
                *byte = at;
            }
            Ok(())
        }

        fn capacity(&self) -> usize {
            SIZE
        }
    }

    /// Reads every range before the failing word, directly and as a part of a larger range.
    fn all_ranges<const WORD: usize>() {
        let end = (SIZE - WORD) as u64;
        for first in 0..end {
            for last in first..end {
                let range = ByteRange::new(first, last).unwrap();
                let expected: Vec<u8> = (first as u8..=last as u8).collect();
                let mut source = FlashSource::new(Blocking(Chip::<WORD>), range).unwrap();
                assert_eq!(read_twice(&mut source), expected, "{WORD}: {range}");
                let mut whole = FlashSource::new(Blocking(Chip::<WORD>), ByteRange::new(0, end - 1).unwrap()).unwrap();
                assert_eq!(block_on(read_all(&mut whole.range(range).unwrap())), expected);
            }
        }
    }

    #[test]
    fn every_range_is_read_with_every_word_size() {
        all_ranges::<1>();
        all_ranges::<4>();
        all_ranges::<8>();
        all_ranges::<16>();
    }

    #[test]
    fn reads_up_to_a_failing_word_and_returns_the_driver_s_error() {
        let beyond = ByteRange::new(60, 64).unwrap();
        assert_eq!(FlashSource::new(Blocking(Chip::<4>), beyond).unwrap_err(), BeyondEnd { last: 64, size: 64 });
        let mut broken = FlashSource::new(Blocking(Chip::<4>), ByteRange::new(57, 63).unwrap()).unwrap();
        let mut buf = [0; 8];
        assert_eq!(block_on(broken.read(&mut buf)), Ok(3));
        assert_eq!(buf[..3], [57, 58, 59]);
        let error = block_on(broken.read(&mut buf)).unwrap_err();
        assert_eq!((error, error.to_string()), (FlashError(NorFlashErrorKind::Other), "the flash could not be read".to_string()));
    }
}
