//! HMAC-SHA256 (RFC 2104) over the hash that the rest of core uses, so that a device has one SHA-256 in its flash.

use zeroize::Zeroize;

use crate::hash::LinearHasher;
use crate::sink::Sink;

/// An HMAC that is being computed; what is put into it is authenticated. Zeroized on drop.
pub(super) struct Hmac {
    inner: LinearHasher,
    outer: LinearHasher,
}

impl Hmac {
    /// An HMAC under a key that is given in two pieces, so that `AWS4` and the secret need not be joined in a buffer.
    pub(super) fn new(front: &[u8], back: &[u8]) -> Self {
        let mut block = [0u8; 64];
        // A key is padded to a block, and one that is longer is hashed first.
        if front.len().saturating_add(back.len()) <= block.len() {
            fill(&mut block, front.iter().chain(back));
        } else {
            let mut hasher = LinearHasher::new();
            hasher.update(front);
            hasher.update(back);
            fill(&mut block, hasher.finish().as_bytes());
        }
        let mut hmac = Hmac { inner: LinearHasher::new(), outer: LinearHasher::new() };
        block.iter_mut().for_each(|byte| *byte ^= 0x36);
        hmac.inner.update(&block);
        block.iter_mut().for_each(|byte| *byte ^= 0x36 ^ 0x5c);
        hmac.outer.update(&block);
        block.zeroize();
        hmac
    }

    /// The authentication code of all that was put in.
    pub(super) fn finish(mut self) -> [u8; 32] {
        let inner = self.inner.clone().finish();
        self.outer.update(inner.as_bytes());
        *self.outer.clone().finish().as_bytes()
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

fn fill<'k>(block: &mut [u8; 64], key: impl IntoIterator<Item = &'k u8>) {
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
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
                let mut ours = Hmac::new(&key[..split], &key[split..length]);
                ours.put(&message[..length / 2]);
                ours.put(&message[length / 2..length]);
                assert_eq!(ours.finish(), expected, "{length} {split}");
            }
        }
    }
}
