//! SHA-256 of everything put in, one after the other.

use sha2::{Digest, Sha256};

use super::LinearHash;
use crate::sink::Sink;

/// Computes a [`LinearHash`]; about 112 bytes of state.
#[derive(Clone, Default)]
pub struct LinearHasher(Sha256);

impl LinearHasher {
    /// A hasher that has seen nothing.
    pub fn new() -> Self {
        LinearHasher::default()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all bytes taken.
    pub fn finish(self) -> LinearHash {
        LinearHash(self.0.finalize().into())
    }
}

impl Sink for LinearHasher {
    fn put(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

impl core::fmt::Debug for LinearHasher {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("LinearHasher").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_and_abc() {
        assert_eq!(LinearHasher::new().finish(), LinearHash::EMPTY);
        let mut hasher = LinearHasher::new();
        hasher.update(b"a");
        hasher.update(b"bc");
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hasher.finish(), abc.parse().unwrap());
    }
}
