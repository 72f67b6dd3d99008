//! `defmt::Format` for types that do not derive it.

use defmt::{Format, Formatter, write};

use crate::body::{Bytes, SizeChecked};
use crate::client::Client;
use crate::client::pages::{Page, Pages};
use crate::hash::{LinearHash, LinearHasher, PayloadHasher, TreeHash, TreeHasher};
use crate::request::{Headers, Request};
use crate::response::{Head, Response};
use crate::sign::{SignedRequest, Signer};
use crate::stream::inventory::CsvInventory;
use crate::stream::{Download, Listing};
use crate::values::{Credentials, Endpoint, Id, OwnedId};
use crate::wire::json::{Items, Text};
use crate::wire::{Buffer, Path, Query, Truncated};

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

impl<const N: usize> Format for Truncated<N> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "{=str}", self.as_str());
    }
}

/// With its escapes.
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

impl Format for Endpoint {
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

impl Format for SignedRequest<'_> {
    fn format(&self, f: Formatter<'_>) {
        self.as_request().format(f);
    }
}

/// The endpoint alone: transport and credentials belong to the caller.
impl<T, C> Format for Client<T, C> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Client({})", self.endpoint);
    }
}

impl Format for Head<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Head({=u16})", self.status());
    }
}

impl Format for Response<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Response({=u16})", self.status());
    }
}

impl Format for TreeHasher {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "TreeHasher({=u64} bytes)", self.position());
    }
}

/// Types that hold bytes or secrets which do not belong in a log show only their name.
macro_rules! by_name {
    ($([$($parameters:tt)*] $type:ty, $name:literal;)*) => {
        $(impl<$($parameters)*> Format for $type {
            fn format(&self, f: Formatter<'_>) {
                write!(f, $name);
            }
        })*
    };
}

by_name! {
    [] Signer, "Signer(..)";
    [] LinearHasher, "LinearHasher(..)";
    [] PayloadHasher, "PayloadHasher(..)";
    [] Buffer<'_>, "Buffer(..)";
    [] Bytes<'_>, "Bytes(..)";
    [S] SizeChecked<'_, S>, "SizeChecked(..)";
    [] Path<'_>, "Path(..)";
    [] Query<'_>, "Query(..)";
    [] Headers<'_, '_>, "Headers(..)";
    [B] Download<'_, B>, "Download(..)";
    [B] CsvInventory<'_, B>, "CsvInventory(..)";
    [B, L] Listing<'_, B, L>, "Listing(..)";
    [L] Pages<'_, L>, "Pages(..)";
    [B, L] Page<'_, '_, '_, B, L>, "Page(..)";
}
