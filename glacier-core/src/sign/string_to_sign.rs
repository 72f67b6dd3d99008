//! Step 2 of Signature Version 4: the string to sign.

use super::canonical::Canonical;
use super::scope::{Scope, put_scope};
use super::sorted::Sorted;
use crate::hash::{LinearHash, LinearHasher};
use crate::request::Request;
use crate::values::Timestamp;
use crate::wire::{Sink, Wire};

/// Writes the canonical request, step 1 of Signature Version 4, to explain a signature that does not match. See
/// [`Signer::authorization`](super::Signer::authorization) for what it takes with very many parameters or headers.
pub fn canonical_request(request: &Request<'_>, payload: &LinearHash, out: &mut dyn Sink) {
    Canonical { request, order: &Sorted, payload }.write(out);
}

/// Writes the string to sign, step 2 of Signature Version 4, to explain a signature that does not match.
pub fn string_to_sign(scope: &Scope<'_>, now: Timestamp, request: &Request<'_>, payload: &LinearHash, out: &mut dyn Sink) {
    let mut hasher = LinearHasher::new();
    canonical_request(request, payload, &mut hasher);
    put_string_to_sign(scope, now, &now.date(), &hasher.finish(), out);
}

#[inline(never)]
pub(super) fn put_string_to_sign(scope: &Scope<'_>, now: Timestamp, date: &[u8; 8], hash: &LinearHash, out: &mut dyn Sink) {
    out.put(b"AWS4-HMAC-SHA256\n");
    now.wire(out);
    out.put(b"\n");
    put_scope(scope, date, out);
    out.put(b"\n");
    hash.wire(out);
}
