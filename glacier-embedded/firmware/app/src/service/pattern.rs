//! A body that needs no storage: byte i is i mod 251.

use core::convert::Infallible;

use embedded_io_async::{ErrorType, Read};
use glacier_core::{ByteRange, Source};

/// A range of the pattern.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    first: u64,
    size: u64,
    position: u64,
}

impl Pattern {
    pub(crate) fn new(size: u64) -> Self {
        Pattern { first: 0, size, position: 0 }
    }

    /// A part, with the bytes at these offsets of the whole.
    pub(crate) fn range(&self, range: ByteRange) -> Self {
        Pattern { first: self.first + range.first(), size: range.len(), position: 0 }
    }
}

impl ErrorType for Pattern {
    type Error = Infallible;
}

impl Read for Pattern {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        let most = usize::try_from(self.size - self.position).unwrap_or(usize::MAX).min(into.len());
        let mut value = ((self.first + self.position) % 251) as u8;
        for byte in into.iter_mut().take(most) {
            *byte = value;
            value = if value == 250 { 0 } else { value + 1 };
        }
        self.position += most as u64;
        Ok(most)
    }
}

impl Source for Pattern {
    fn size(&self) -> u64 {
        self.size
    }
    async fn rewind(&mut self) -> Result<(), Infallible> {
        self.position = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embassy_futures::block_on;

    #[test]
    fn a_part_has_the_bytes_at_its_offsets() {
        let whole: Vec<u8> = (0..1000u32).map(|at| (at % 251) as u8).collect();
        let mut part = Pattern::new(1000).range(ByteRange::new(300, 899).unwrap());
        for _ in 0..2 {
            block_on(part.rewind()).unwrap();
            let (mut read, mut piece) = (Vec::new(), [0; 77]);
            while let got @ 1.. = block_on(part.read(&mut piece)).unwrap() {
                read.extend_from_slice(&piece[..got]);
            }
            assert_eq!(read, whole[300..900]);
        }
    }
}
