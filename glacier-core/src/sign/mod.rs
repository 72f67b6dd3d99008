//! AWS Signature Version 4, without a buffer: the canonical request goes into a hash while it is written.
//!
//! Source: "Create a signed AWS API request", AWS IAM user guide; the files here are its steps.

mod canonical;
mod hmac;
mod key;
mod presign;
mod sorted;

use crate::credentials::Credentials;
use crate::hash::{LinearHash, LinearHasher};
use crate::request::Request;
use crate::sink::{Sink, Wire, put_hex};
use crate::time::Timestamp;

use canonical::{AsItStands, Canonical};
use key::KeyCache;
use sorted::Sorted;

pub use presign::{Expiry, InvalidExpiry, PresignError, PresignOptions};

/// What a signature is good for, besides its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scope<'a> {
    /// The region, such as `eu-west-1`.
    pub region: &'a str,
    /// The service; `glacier` here.
    pub service: &'a str,
}

/// Signs requests, and keeps the day's signing key so that it is derived once a day. The key is zeroized on drop.
#[derive(Clone, Default)]
pub struct Signer {
    key: KeyCache,
}

impl Signer {
    /// A signer that has no key yet.
    pub fn new() -> Self {
        Signer::default()
    }

    /// Writes the value of the `authorization` header for `request`, whose headers must hold `x-amz-date` (the same `now`) and,
    /// with temporary credentials, `x-amz-security-token`. All headers given are signed, and `host`.
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

    /// The same for a request that is in order as it stands.
    pub(crate) fn authorize_ordered(
        &mut self,
        scope: &Scope<'_>,
        credentials: &Credentials<'_>,
        now: Timestamp,
        request: &Request<'_>,
        payload: &LinearHash,
        out: &mut dyn Sink,
    ) {
        self.authorize(scope, credentials, now, &Canonical { request, order: &AsItStands, payload }, out);
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

    fn signature(
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

/// Shows nothing: the key is a secret.
impl core::fmt::Debug for Signer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

/// Writes the canonical request, step 1 of the specification: for explaining a signature that does not match.
pub fn canonical_request(request: &Request<'_>, payload: &LinearHash, out: &mut dyn Sink) {
    Canonical { request, order: &Sorted, payload }.write(out);
}

/// Writes the string to sign, step 2: for explaining a signature that does not match.
pub fn string_to_sign(scope: &Scope<'_>, now: Timestamp, request: &Request<'_>, payload: &LinearHash, out: &mut dyn Sink) {
    let mut hasher = LinearHasher::new();
    canonical_request(request, payload, &mut hasher);
    put_string_to_sign(scope, now, &now.date(), &hasher.finish(), out);
}

#[inline(never)]
fn put_string_to_sign(scope: &Scope<'_>, now: Timestamp, date: &[u8; 8], hash: &LinearHash, out: &mut dyn Sink) {
    out.put(b"AWS4-HMAC-SHA256\n");
    now.wire(out);
    out.put(b"\n");
    put_scope(scope, date, out);
    out.put(b"\n");
    hash.wire(out);
}

#[inline(never)]
fn put_scope(scope: &Scope<'_>, date: &[u8; 8], out: &mut dyn Sink) {
    out.put(date);
    out.put(b"/");
    out.put(scope.region.as_bytes());
    out.put(b"/");
    out.put(scope.service.as_bytes());
    out.put(b"/aws4_request");
}
