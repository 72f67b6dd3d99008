//! HMAC-SHA256 of the crates hmac and sha2, with the interface of `hmac.rs`, which it replaces with the feature `rustcrypto`.
//!
//! The versions used have no `Zeroize`. A key and an HMAC are overwritten on drop; copies that the crates have made on the stack are not.

use ::hmac::Mac;
use sha2::Sha256;
use zeroize::Zeroize;

use crate::hash::LinearHasher;
use crate::wire::{Buffer, Sink};

/// A key, ready to begin HMACs with. Overwritten on drop.
#[derive(Clone)]
pub(super) struct HmacKey(::hmac::Hmac<Sha256>);

impl HmacKey {
    /// Becomes the key that is the concatenation of both pieces, so that the caller need not join `AWS4` and the secret.
    #[inline(never)]
    pub(super) fn set(&mut self, front: &[u8], back: &[u8]) {
        // HMAC pads a short key with zeros to a block, so it can be given as one; it hashes a longer key first.
        let mut block = [0u8; 64];
        let mut padded = Buffer::new(&mut block);
        padded.put(front);
        padded.put(back);
        if padded.finish().is_err() {
            let mut hasher = LinearHasher::new();
            hasher.update(front);
            hasher.update(back);
            block = [0; 64];
            Buffer::new(&mut block).put(hasher.digest().as_bytes());
            hasher.zeroize();
        }
        self.0 = Mac::new((&block).into());
        block.zeroize();
    }

    /// An HMAC of no bytes yet under this key.
    #[inline(never)]
    pub(super) fn begin(&self) -> Hmac {
        Hmac(self.0.clone())
    }
}

/// The empty key.
impl Default for HmacKey {
    fn default() -> Self {
        HmacKey(Mac::new(&Default::default()))
    }
}

impl Drop for HmacKey {
    fn drop(&mut self) {
        self.0 = Mac::new(&Default::default());
        core::hint::black_box(&mut self.0);
    }
}

/// An HMAC that is being computed, over the bytes that are put into it. Overwritten on drop.
pub(super) struct Hmac(::hmac::Hmac<Sha256>);

impl Hmac {
    /// The authentication code of all bytes.
    #[inline(never)]
    pub(super) fn finish(&self) -> [u8; 32] {
        self.0.clone().finalize().into_bytes().into()
    }
}

impl Sink for Hmac {
    fn put(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}

impl Drop for Hmac {
    fn drop(&mut self) {
        self.0 = Mac::new(&Default::default());
        core::hint::black_box(&mut self.0);
    }
}
