//! Bytes that need no memory: byte i is i mod 251.

use core::convert::Infallible;

use embedded_io_async::{ErrorType, Read};
use glacier_core::{ByteRange, Source};

/// A range of the bytes, as a body.
#[derive(Clone, Debug)]
pub(crate) struct Generated {
    first: u64,
    size: u64,
    at: u64,
}

impl Generated {
    pub(crate) fn new(size: u64) -> Self {
        Generated { first: 0, size, at: 0 }
    }

    /// A part; its bytes are those that stand there in the whole.
    pub(crate) fn range(&self, range: ByteRange) -> Self {
        Generated { first: self.first + range.first(), size: range.len(), at: 0 }
    }
}

impl ErrorType for Generated {
    type Error = Infallible;
}

impl Read for Generated {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        let most = usize::try_from(self.size - self.at).unwrap_or(usize::MAX).min(into.len());
        let mut value = ((self.first + self.at) % 251) as u8;
        for byte in into.iter_mut().take(most) {
            *byte = value;
            value = if value == 250 { 0 } else { value + 1 };
        }
        self.at += most as u64;
        Ok(most)
    }
}

impl Source for Generated {
    fn size(&self) -> u64 {
        self.size
    }
    async fn rewind(&mut self) -> Result<(), Infallible> {
        self.at = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embassy_futures::block_on;

    #[test]
    fn a_part_has_the_bytes_of_the_whole() {
        let whole: Vec<u8> = (0..1000u32).map(|at| (at % 251) as u8).collect();
        let mut part = Generated::new(1000).range(ByteRange::new(300, 899).unwrap());
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
