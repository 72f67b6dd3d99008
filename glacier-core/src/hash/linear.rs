//! The linear hash: one SHA-256 of all bytes.

use super::blocks::Tail;
use super::compress::{Backend, State, initial, wipe};
use super::digest::LinearHash;
use crate::wire::Sink;

/// Computes a [`LinearHash`], in about 112 bytes of state.
#[derive(Clone)]
#[must_use]
pub struct LinearHasher {
    state: State,
    length: u64,
    tail: Tail,
    backend: Backend,
}

impl LinearHasher {
    /// A hasher of no bytes yet.
    pub fn new() -> Self {
        LinearHasher::with_backend(Backend::detect())
    }

    /// The same, with this backend.
    #[inline(never)]
    pub fn with_backend(backend: Backend) -> Self {
        LinearHasher { state: initial(), length: 0, tail: Tail::new(), backend }
    }

    /// A hasher that has taken this many blocks, after which its state was this.
    #[cfg(not(feature = "rustcrypto"))]
    pub(crate) fn resumed(state: State, blocks: u64) -> Self {
        LinearHasher { state, length: blocks * 64, tail: Tail::new(), backend: Backend::detect() }
    }

    /// Takes the next bytes.
    // Called from many places; inlined there, it would cost flash and save nothing.
    #[inline(never)]
    pub fn update(&mut self, bytes: &[u8]) {
        self.length = self.length.wrapping_add(bytes.len() as u64);
        if !self.tail.hold(bytes) {
            self.tail.feed(bytes, &mut |blocks| self.backend.one(&mut self.state, blocks));
        }
    }

    /// The hash of all bytes.
    #[must_use]
    pub fn finish(self) -> LinearHash {
        self.digest()
    }

    /// The same, but without moving the hasher, which would leave a copy that is not zeroized.
    #[inline(never)]
    pub(crate) fn digest(&self) -> LinearHash {
        LinearHash::from_bytes(self.backend.finish(&self.state, self.tail.bytes(), self.length))
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

/// Shows nothing: what was hashed may be secret, such as a signing key.
impl core::fmt::Debug for LinearHasher {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("LinearHasher").finish_non_exhaustive()
    }
}

impl zeroize::Zeroize for LinearHasher {
    #[inline(never)]
    fn zeroize(&mut self) {
        wipe(&mut self.state);
        self.length.zeroize();
        self.tail.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_message_and_abc() {
        assert_eq!(LinearHasher::new().finish(), LinearHash::EMPTY);
        let mut hasher = LinearHasher::new();
        hasher.update(b"a");
        hasher.update(b"bc");
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hasher.finish(), abc.parse().unwrap());
    }
}
