//! `defmt::Format` for the types that show themselves in their own way; all others derive it.

use defmt::{Format, Formatter, write};

use crate::credentials::Credentials;
use crate::excerpt::Excerpt;
use crate::hash::{LinearHash, TreeHash};
use crate::id::{Id, OwnedId};
use crate::json::{Items, Text};
use crate::request::Request;
use crate::service::Service;

impl Format for LinearHash {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "LinearHash({=[u8]:02x})", &self.as_bytes()[..]);
    }
}

impl Format for TreeHash {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "TreeHash({=[u8]:02x})", &self.as_bytes()[..]);
    }
}

impl<const N: usize> Format for Excerpt<N> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "{=str}", self.as_str());
    }
}

/// As it lies in the buffer, escapes and all.
impl Format for Text<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "{=str}", self.raw());
    }
}

impl Format for Items<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "[..]");
    }
}

impl<K> Format for Id<'_, K> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "{=str}", self.as_str());
    }
}

impl<K, const N: usize> Format for OwnedId<K, N> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "{=str}", self.as_id().as_str());
    }
}

impl Format for Service {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "{=str} {=str}", self.region(), self.host());
    }
}

/// Shows no header value: some are secret.
impl Format for Request<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "{=str} {=str}{=str} {=str}", self.method.as_str(), self.host, self.path, self.query);
    }
}

/// Shows the access key's id only.
impl Format for Credentials<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Credentials({=str})", self.access_key_id());
    }
}
