//! The signing key: four HMACs over day, region and service, kept while these and the secret stay the same.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::Scope;
use crate::sink::Sink;
use crate::time::Timestamp;

/// A signing key and what it was made of.
#[derive(Default)]
pub(super) struct KeyCache {
    /// SHA-256 over secret, day, region and service: tells whether the key still fits without keeping the secret.
    made_of: [u8; 32],
    key: [u8; 32],
}

impl KeyCache {
    /// An HMAC under the signing key, which is derived when it is not the one kept.
    pub(super) fn mac(&mut self, secret: &str, now: Timestamp, scope: &Scope<'_>) -> MacSink {
        let day = now.date();
        let mut wanted = made_of(secret, &day, scope);
        if self.made_of != wanted {
            let mut first = Hmac::<Sha256>::default_keyed(b"AWS4", secret.as_bytes());
            first.update(&day);
            self.key = first.finalize().into_bytes().into();
            for part in [scope.region.as_bytes(), scope.service.as_bytes(), b"aws4_request"] {
                self.key = keyed(&self.key, part);
            }
            self.made_of = wanted;
        }
        wanted.zeroize();
        MacSink(Hmac::<Sha256>::default_keyed(&self.key, b""))
    }
}

impl Drop for KeyCache {
    fn drop(&mut self) {
        self.key.zeroize();
        self.made_of.zeroize();
    }
}

fn made_of(secret: &str, day: &[u8; 8], scope: &Scope<'_>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    // A NUL between the parts, which none of them contains, keeps them apart.
    for part in [secret.as_bytes(), day, scope.region.as_bytes(), scope.service.as_bytes()] {
        hasher.update(part);
        hasher.update([0]);
    }
    hasher.finalize().into()
}

fn keyed(key: &[u8; 32], data: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::default_keyed(key, b"");
    mac.update(data);
    mac.finalize().into_bytes().into()
}

/// An HMAC key given in two pieces, so that `AWS4` and the secret need not be joined in a buffer.
trait Keyed: Sized {
    fn default_keyed(front: &[u8], back: &[u8]) -> Self;
}

impl Keyed for Hmac<Sha256> {
    fn default_keyed(front: &[u8], back: &[u8]) -> Self {
        // HMAC pads a key to the block size of 64 bytes and hashes a longer one (RFC 2104, section 2).
        let mut block = [0u8; 64];
        if front.len() + back.len() <= block.len() {
            for (to, from) in block.iter_mut().zip(front.iter().chain(back)) {
                *to = *from;
            }
        } else {
            let mut hash: [u8; 32] = Sha256::new().chain_update(front).chain_update(back).finalize().into();
            for (to, from) in block.iter_mut().zip(&hash) {
                *to = *from;
            }
            hash.zeroize();
        }
        let mac = <Self as hmac::digest::KeyInit>::new(&block.into());
        block.zeroize();
        mac
    }
}

/// The string to sign is written straight into the HMAC.
pub(super) struct MacSink(Hmac<Sha256>);

impl MacSink {
    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into_bytes().into()
    }
}

impl Sink for MacSink {
    fn put(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCOPE: Scope<'_> = Scope { region: "us-east-1", service: "iam" };

    /// The key that AWS derives in "Examples of how to derive a signing key for Signature Version 4".
    #[test]
    fn derives_the_documented_key() {
        let mut cache = KeyCache::default();
        let day = Timestamp::parse_iso("20150830T123600Z").unwrap();
        cache.mac("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", day, &SCOPE);
        let mut hex = std::string::String::new();
        for byte in cache.key {
            hex += &std::format!("{byte:02x}");
        }
        assert_eq!(hex, "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
    }

    #[test]
    fn a_new_secret_day_or_region_makes_a_new_key() {
        let mut cache = KeyCache::default();
        let day = |n: u64| Timestamp::from_unix(n * 86_400);
        let mut keys = std::vec::Vec::new();
        for (secret, now, region) in [("a", 1, "r"), ("b", 1, "r"), ("a", 2, "r"), ("a", 1, "s"), ("a", 1, "r")] {
            cache.mac(secret, day(now), &Scope { region, service: "glacier" });
            keys.push(cache.key);
        }
        assert_eq!(keys.first(), keys.last());
        keys.pop();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 4);
    }

    /// RFC 4231, test case 6: a key longer than a block.
    #[test]
    fn a_long_key_is_hashed() {
        let mut mac = Hmac::<Sha256>::default_keyed(&[0xaa; 100], &[0xaa; 31]);
        mac.update(b"Test Using Larger Than Block-Size Key - Hash Key First");
        let tag = mac.finalize().into_bytes();
        assert_eq!(tag[..4], [0x60, 0xe4, 0x31, 0x59]);
        assert_eq!(tag[28..], [0x0e, 0xe3, 0x7f, 0x54]);
    }
}
