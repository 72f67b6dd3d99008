//! Signs requests with a cached signing key.

use super::canonical::{Canonical, Presorted};
use super::key::KeyCache;
use super::scope::{Scope, put_scope};
use super::sorted::Sorted;
use super::string_to_sign::put_string_to_sign;
use crate::hash::{LinearHash, LinearHasher};
use crate::request::Request;
use crate::values::{Credentials, Timestamp};
use crate::wire::{Sink, put_hex};

/// Signs requests, and caches the signing key, so that it is derived once for each day, region and secret.
///
/// The key is overwritten on drop: zeroized, or with the feature `rustcrypto` as far as the crates hmac and sha2 allow.
#[derive(Clone, Default)]
#[must_use]
pub struct Signer {
    key: KeyCache,
}

impl Signer {
    /// A signer without a key yet.
    pub fn new() -> Self {
        Signer::default()
    }

    /// Writes the value of the `authorization` header for any request in any order. Its headers must include `x-amz-date`, of the same
    /// `now`, and with temporary credentials `x-amz-security-token`. All of them are signed, and `host`.
    ///
    /// Sorting takes memory for 128 items (32 on a device) and a pass over the query, or the headers, for each as many: before you sign requests
    /// of strangers, limit how many parameters and headers they have.
    pub fn authorization(
        &mut self,
        scope: &Scope<'_>,
        credentials: &Credentials<'_>,
        now: Timestamp,
        request: &Request<'_>,
        payload: &LinearHash,
        out: &mut dyn Sink,
    ) {
        self.authorize(scope, credentials, now, &Canonical { request, order: &Sorted, payload }, out);
    }

    /// The same for a request that is in canonical order.
    pub(crate) fn authorize_ordered(
        &mut self,
        scope: &Scope<'_>,
        credentials: &Credentials<'_>,
        now: Timestamp,
        request: &Request<'_>,
        payload: &LinearHash,
        out: &mut dyn Sink,
    ) {
        self.authorize(scope, credentials, now, &Canonical { request, order: &Presorted, payload }, out);
    }

    fn authorize(
        &mut self,
        scope: &Scope<'_>,
        credentials: &Credentials<'_>,
        now: Timestamp,
        canonical: &Canonical<'_>,
        out: &mut dyn Sink,
    ) {
        let date = now.date();
        let signature = self.signature(scope, credentials, now, &date, canonical);
        out.put(b"AWS4-HMAC-SHA256 Credential=");
        out.put(credentials.access_key_id().as_bytes());
        out.put(b"/");
        put_scope(scope, &date, out);
        out.put(b", SignedHeaders=");
        canonical.signed_headers(out);
        out.put(b", Signature=");
        put_hex(out, &signature);
    }

    pub(super) fn signature(
        &mut self,
        scope: &Scope<'_>,
        credentials: &Credentials<'_>,
        now: Timestamp,
        date: &[u8; 8],
        canonical: &Canonical<'_>,
    ) -> [u8; 32] {
        let mut hasher = LinearHasher::new();
        canonical.write(&mut hasher);
        let hash = hasher.finish();
        let mut mac = self.key.mac(credentials.secret(), date, scope);
        put_string_to_sign(scope, now, date, &hash, &mut mac);
        mac.finish()
    }
}

/// Shows nothing: the key is secret.
impl core::fmt::Debug for Signer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Signer").field("has_key", &self.key.is_derived()).finish_non_exhaustive()
    }
}
