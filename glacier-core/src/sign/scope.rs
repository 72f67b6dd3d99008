//! What a signature is valid for: day, region and service.

use crate::values::Endpoint;
use crate::wire::Sink;

/// What a signature is valid for, besides its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scope<'a> {
    /// The region, such as `eu-west-1`.
    pub region: &'a str,
    /// The service: `glacier`.
    pub service: &'a str,
}

impl<'a> Scope<'a> {
    /// The scope of requests to an endpoint.
    #[must_use]
    pub fn of(endpoint: &'a Endpoint) -> Self {
        Scope { region: endpoint.region(), service: "glacier" }
    }
}

#[inline(never)]
pub(super) fn put_scope(scope: &Scope<'_>, date: &[u8; 8], out: &mut dyn Sink) {
    out.put(date);
    out.put(b"/");
    out.put(scope.region.as_bytes());
    out.put(b"/");
    out.put(scope.service.as_bytes());
    out.put(b"/aws4_request");
}
