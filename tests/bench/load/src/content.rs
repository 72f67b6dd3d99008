//! Bytes that follow from a number, so that nobody has to remember them.

use std::convert::Infallible;
use std::sync::{Arc, Barrier};

use glacier_core::embedded_io_async::{ErrorType, Read};
use glacier_core::{LEAF_SIZE, Source};

/// Numbers that look random; the same for the same seed (xorshift64*, Vigna 2016).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        // Neighboring seeds are spread, and zero is not a state.
        Random(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Less than `end`, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// The bytes of the archive with this number.
pub(crate) fn bytes(number: u64, size: usize) -> Vec<u8> {
    let mut random = Random::new(number);
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        bytes.extend_from_slice(&random.next().to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

/// A large body: one leaf again and again. Its sender can be made to wait in the middle until all others are there too.
pub(crate) struct Large {
    leaf: Arc<[u8]>,
    size: u64,
    at: u64,
    meeting: Option<Arc<Barrier>>,
}

impl Large {
    pub(crate) fn new(number: u64, size: u64) -> Self {
        Large { leaf: bytes(number, LEAF_SIZE as usize).into(), size, at: 0, meeting: None }
    }

    /// Waits for the others in the middle, once.
    pub(crate) fn meet(&mut self, others: Arc<Barrier>) {
        self.meeting = Some(others);
    }
}

impl ErrorType for Large {
    type Error = Infallible;
}

impl Read for Large {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        if self.at >= self.size / 2
            && let Some(others) = self.meeting.take()
        {
            others.wait();
        }
        let from = (self.at % LEAF_SIZE) as usize;
        let left = usize::try_from(self.size - self.at).unwrap_or(usize::MAX);
        let length = into.len().min(self.leaf.len() - from).min(left);
        into[..length].copy_from_slice(&self.leaf[from..from + length]);
        self.at += length as u64;
        Ok(length)
    }
}

impl Source for Large {
    fn size(&self) -> u64 {
        self.size
    }

    async fn rewind(&mut self) -> Result<(), Infallible> {
        self.at = 0;
        Ok(())
    }
}
