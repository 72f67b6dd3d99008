//! The signing key: four HMACs over day, region and service, cached until one of these or the secret changes.

use zeroize::Zeroize;

use super::hmac::{Hmac, HmacKey};
use super::scope::Scope;
use crate::hash::LinearHasher;
use crate::wire::Sink;

/// A signing key, and a hash of what it was derived from. Both are overwritten on drop.
#[derive(Clone, Default)]
pub(super) struct KeyCache {
    /// The SHA-256 of secret, day, region and service: shows whether the key is still the right one, without storing the secret.
    derived_from: [u8; 32],
    key: HmacKey,
}

impl KeyCache {
    /// Whether a key was derived yet.
    pub(super) fn is_derived(&self) -> bool {
        self.derived_from != [0; 32]
    }

    /// An HMAC under the signing key, which is derived unless it is the cached one.
    pub(super) fn mac(&mut self, secret: &str, day: &[u8; 8], scope: &Scope<'_>) -> Hmac {
        let parts = [day, scope.region.as_bytes(), scope.service.as_bytes(), b"aws4_request"];
        let mut hasher = LinearHasher::new();
        hasher.update(secret.as_bytes());
        for part in &parts {
            // A separator that none of them contains.
            hasher.update(&[0]);
            hasher.update(part);
        }
        let derived_from = hasher.digest();
        hasher.zeroize();
        if self.derived_from != *derived_from.as_bytes() {
            self.key.set(b"AWS4", secret.as_bytes());
            for part in &parts {
                let mut mac = self.key.begin();
                mac.put(part);
                let mut key = mac.finish();
                self.key.set(&key, b"");
                key.zeroize();
            }
            self.derived_from = *derived_from.as_bytes();
        }
        self.key.begin()
    }
}

impl Drop for KeyCache {
    fn drop(&mut self) {
        self.derived_from.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::LinearHash;

    const SCOPE: Scope<'_> = Scope { region: "us-east-1", service: "iam" };

    /// The key in "Examples of how to derive a signing key for Signature Version 4", AWS documentation.
    #[test]
    fn derives_the_documented_key() {
        let mut cache = KeyCache::default();
        let mac = cache.mac("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", b"20150830", &SCOPE);
        let key: LinearHash = "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9".parse().unwrap();
        let mut documented = HmacKey::default();
        documented.set(key.as_bytes(), b"");
        assert_eq!(mac.finish(), documented.begin().finish());
    }

    /// RFC 4231, test cases 1, 2, 3 and 6: shorter and longer than a block, whichever implementation this build has.
    #[test]
    fn hmac_gives_the_codes_of_the_rfc() {
        for (key, message, code) in [
            (&[0x0b; 20][..], &b"Hi There"[..], "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            for split in [0, key.len() / 2, key.len()] {
                let mut hmac_key = HmacKey::default();
                hmac_key.set(&key[..split], &key[split..]);
                let mut mac = hmac_key.begin();
                mac.put(&message[..5]);
                mac.put(&message[5..]);
                assert_eq!(LinearHash::from_bytes(mac.finish()), code.parse().unwrap());
            }
        }
    }

    #[test]
    fn a_new_secret_day_or_region_gives_a_new_key() {
        let mut cache = KeyCache::default();
        let mut keys = std::vec::Vec::new();
        for (secret, day, region) in [
            ("a", b"20150830", "r"),
            ("b", b"20150830", "r"),
            ("a", b"20150831", "r"),
            ("a", b"20150830", "s"),
            ("a", b"20150830", "r"),
        ] {
            let scope = Scope { region, service: "glacier" };
            keys.push(cache.mac(secret, day, &scope).finish());
            assert_eq!(keys.last(), Some(&cache.mac(secret, day, &scope).finish()), "the cached key is the same");
        }
        assert_eq!(keys.first(), keys.last());
        keys.pop();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 4);
    }
}
