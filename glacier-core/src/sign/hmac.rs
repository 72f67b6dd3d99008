//! HMAC-SHA256 (RFC 2104) over the same SHA-256 as the rest of core, so that a device has one in its flash.

use zeroize::Zeroize;

use crate::hash::{Backend, LinearHasher, State, initial};
use crate::wire::{Buffer, Sink};

/// A key in the form in which HMAC begins: the states of inner and outer hash after the padded key. Zeroized on drop.
#[derive(Clone, Default)]
pub(super) struct HmacKey {
    inner: State,
    outer: State,
}

impl HmacKey {
    /// Becomes the key that is the concatenation of both pieces, so that the caller need not join `AWS4` and the secret.
    #[inline(never)]
    pub(super) fn set(&mut self, front: &[u8], back: &[u8]) {
        let mut block = [0u8; 64];
        let mut padded = Buffer::new(&mut block);
        padded.put(front);
        padded.put(back);
        // A key that is longer than a block is hashed first.
        if padded.finish().is_err() {
            let mut hasher = LinearHasher::new();
            hasher.update(front);
            hasher.update(back);
            block = [0; 64];
            Buffer::new(&mut block).put(hasher.finish().as_bytes());
        }
        for (state, pad) in [(&mut self.inner, 0x36), (&mut self.outer, 0x36 ^ 0x5c)] {
            block.iter_mut().for_each(|byte| *byte ^= pad);
            *state = initial();
            Backend::detect().one(state, core::slice::from_ref(&block));
        }
        block.zeroize();
    }

    /// An HMAC of no bytes yet under this key.
    #[inline(never)]
    pub(super) fn begin(&self) -> Hmac {
        Hmac { inner: LinearHasher::resumed(self.inner, 1), outer: self.outer }
    }
}

impl Drop for HmacKey {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// An HMAC that is being computed, over the bytes that are put into it. Zeroized on drop.
pub(super) struct Hmac {
    inner: LinearHasher,
    outer: State,
}

impl Hmac {
    /// The authentication code of all bytes.
    #[inline(never)]
    pub(super) fn finish(&self) -> [u8; 32] {
        let inner = self.inner.digest();
        // The outer hash is over the padded key, which is one block, and the inner hash.
        Backend::detect().finish(&self.outer, inner.as_bytes(), 64 + 32)
    }
}

impl Sink for Hmac {
    fn put(&mut self, bytes: &[u8]) {
        self.inner.update(bytes);
    }
}

impl Drop for Hmac {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hmac::Mac;

    #[test]
    fn equals_the_hmac_crate_for_keys_of_any_length() {
        let (key, message) = ([0xaa; 200], [0x5a; 300]);
        for length in 0..key.len() {
            let mut reference = <hmac::Hmac<sha2::Sha256> as Mac>::new_from_slice(&key[..length]).unwrap();
            reference.update(&message[..length]);
            let expected: [u8; 32] = reference.finalize().into_bytes().into();
            for split in [0, length / 3, length] {
                let mut ours = HmacKey::default();
                ours.set(&key[..split], &key[split..length]);
                let mut ours = ours.begin();
                ours.put(&message[..length / 2]);
                ours.put(&message[length / 2..length]);
                assert_eq!(ours.finish(), expected, "{length} {split}");
            }
        }
    }
}
