//! SHA-256 of everything put in, one after the other.

use super::LinearHash;
use super::blocks::Tail;
use super::compress::{Backend, INITIAL, State};
use crate::sink::Sink;

/// Computes a [`LinearHash`]; about 112 bytes of state.
#[derive(Clone)]
pub struct LinearHasher {
    state: State,
    length: u64,
    tail: Tail,
    backend: Backend,
}

impl LinearHasher {
    /// A hasher that has seen nothing.
    pub fn new() -> Self {
        LinearHasher::with_backend(Backend::detect())
    }

    /// The same, with a backend of the caller's choice.
    pub fn with_backend(backend: Backend) -> Self {
        LinearHasher { state: INITIAL, length: 0, tail: Tail::new(), backend }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.length = self.length.wrapping_add(bytes.len() as u64);
        self.tail.feed(bytes, &mut |blocks| self.backend.one(&mut self.state, blocks));
    }

    /// The hash of all bytes taken.
    pub fn finish(self) -> LinearHash {
        LinearHash(self.backend.finish(self.state, self.tail.bytes(), self.length))
    }
}

impl Default for LinearHasher {
    fn default() -> Self {
        LinearHasher::new()
    }
}

impl Sink for LinearHasher {
    fn put(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

/// What it has seen may be secret: a signing key passes through here.
impl core::fmt::Debug for LinearHasher {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("LinearHasher").finish_non_exhaustive()
    }
}

impl zeroize::Zeroize for LinearHasher {
    fn zeroize(&mut self) {
        self.state.zeroize();
        self.length.zeroize();
        self.tail.zeroize();
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
