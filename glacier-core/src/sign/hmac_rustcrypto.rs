//! HMAC-SHA256 of the crates hmac and sha2, behind the interface of `hmac.rs`: what takes its place with the feature `rustcrypto`.
//!
//! Those crates have no `Zeroize` in the versions used. A key and an HMAC are overwritten on drop; copies that the crates made on the
//! stack while they worked are not.

use ::hmac::Mac;
use sha2::Sha256;
use zeroize::Zeroize;

use crate::hash::LinearHasher;
use crate::wire::{Buffer, Sink};

/// A key, ready to begin HMACs with. Overwritten on drop.
#[derive(Clone)]
pub(super) struct HmacKey(::hmac::Hmac<Sha256>);

impl HmacKey {
    /// Becomes a key that is given in two pieces, so that `AWS4` and the secret need not be joined in a buffer of their length.
    #[inline(never)]
    pub(super) fn set(&mut self, front: &[u8], back: &[u8]) {
        // A key that is shorter than a block is padded with zeros, so it may be given as a block; a longer one is hashed first.
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

    /// An HMAC under this key, which has taken nothing yet.
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

/// An HMAC that is being computed; what is put into it is authenticated. Overwritten on drop.
pub(super) struct Hmac(::hmac::Hmac<Sha256>);

impl Hmac {
    /// The authentication code of all that was put in.
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
