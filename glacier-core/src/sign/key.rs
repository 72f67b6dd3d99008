//! The signing key: four HMACs over day, region and service, kept while these and the secret stay the same.

use zeroize::Zeroize;

use super::Scope;
use super::hmac::Hmac;
use crate::hash::LinearHasher;
use crate::sink::Sink;
use crate::time::Timestamp;

/// A signing key and what it was made of.
#[derive(Clone, Default)]
pub(super) struct KeyCache {
    /// SHA-256 over secret, day, region and service: tells whether the key still fits without keeping the secret.
    made_of: [u8; 32],
    key: [u8; 32],
}

impl KeyCache {
    /// An HMAC under the signing key, which is derived when it is not the one kept.
    pub(super) fn mac(&mut self, secret: &str, now: Timestamp, scope: &Scope<'_>) -> Hmac {
        let day = now.date();
        let mut wanted = made_of(secret, &day, scope);
        if self.made_of != wanted {
            let mut mac = Hmac::new(b"AWS4", secret.as_bytes());
            mac.put(&day);
            self.key = mac.finish();
            for part in [scope.region, scope.service, "aws4_request"] {
                let mut mac = Hmac::new(&self.key, b"");
                mac.put(part.as_bytes());
                self.key = mac.finish();
            }
            self.made_of = wanted;
        }
        wanted.zeroize();
        Hmac::new(&self.key, b"")
    }
}

impl Drop for KeyCache {
    fn drop(&mut self) {
        self.key.zeroize();
        self.made_of.zeroize();
    }
}

fn made_of(secret: &str, day: &[u8; 8], scope: &Scope<'_>) -> [u8; 32] {
    let mut hasher = LinearHasher::new();
    // A NUL between the parts, which none of them contains, keeps them apart.
    for part in [secret.as_bytes(), day, scope.region.as_bytes(), scope.service.as_bytes()] {
        hasher.update(part);
        hasher.update(&[0]);
    }
    *hasher.finish().as_bytes()
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
}
