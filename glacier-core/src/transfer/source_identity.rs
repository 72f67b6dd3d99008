//! What tells whether a source is still the one that an upload was begun with.

use core::fmt;

use crate::hash::LinearHash;

/// Identifies the source of an upload, as far as can be told without reading it: a host hashes the file's size and times, a device
/// whatever makes its log another one. Sources with different identities are not the same; equal ones are taken to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SourceIdentity([u8; 32]);

impl SourceIdentity {
    /// A source of which nothing is known, such as another machine's.
    pub const UNKNOWN: SourceIdentity = SourceIdentity([0; 32]);

    /// An identity of these bytes; all zeros are [`UNKNOWN`](Self::UNKNOWN).
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        SourceIdentity(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both can be the same source: they are equal, or one of them is unknown.
    #[must_use]
    pub fn may_be(&self, other: &SourceIdentity) -> bool {
        self == other || *self == SourceIdentity::UNKNOWN || *other == SourceIdentity::UNKNOWN
    }
}

/// A hash of what makes the source another one.
impl From<LinearHash> for SourceIdentity {
    fn from(hash: LinearHash) -> Self {
        SourceIdentity(*hash.as_bytes())
    }
}

impl fmt::Debug for SourceIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&LinearHash::from_bytes(self.0), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_source_may_be_any() {
        let (one, other) = (SourceIdentity::from_bytes([1; 32]), SourceIdentity::from_bytes([2; 32]));
        assert!(one.may_be(&one) && !one.may_be(&other));
        assert!(one.may_be(&SourceIdentity::UNKNOWN) && SourceIdentity::UNKNOWN.may_be(&other));
    }
}
