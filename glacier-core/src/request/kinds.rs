//! What kind of output an operation has. Each operation implements [`Encode`] and one of these traits.

use super::encode::{Encode, Method};
use crate::response::{FromResponse, TreeHashMismatch};
use crate::wire::json::Value;
use crate::wire::{DecodeError, Path, Query};

/// An operation whose output fits the caller's buffer: nothing, headers, or one object.
pub trait Operation: Encode {
    /// The output of the operation, borrowed from the buffer.
    type Output<'b>: FromResponse<'b>;

    /// Compares what the service says it has with what was sent; by default there is nothing to compare.
    ///
    /// # Errors
    /// [`TreeHashMismatch`] when the tree hashes differ.
    fn verify(&self, _output: &Self::Output<'_>) -> Result<(), TreeHashMismatch> {
        Ok(())
    }
}

/// An operation that sends a body from a [`Source`](crate::Source).
pub trait Upload: Encode {
    /// The output of the operation, borrowed from the buffer.
    type Output<'b>: FromResponse<'b>;

    /// Compares what the service says it has with what was sent.
    ///
    /// # Errors
    /// [`TreeHashMismatch`] when the tree hashes differ, or the response has none.
    fn verify(&self, output: &Self::Output<'_>) -> Result<(), TreeHashMismatch>;
}

/// An operation whose output is a stream of any length.
pub trait Fetch: Encode {}

/// A list: a response, or an inventory, with one member that is long.
pub trait List {
    /// The member that is the list.
    const NAME: &'static str;
    /// Whether it is a map, an object whose members are the items.
    const IS_MAP: bool = false;
    /// Whether it is an inventory, which may come from a file: a byte order mark before it is skipped, and without its list it is an error
    /// also where the lists of responses are read without a client.
    const IS_INVENTORY: bool = false;
    /// One item, borrowed from the buffer.
    type Item<'b>;

    /// Reads an item; it has a `name` when the list is a map, and an empty one otherwise.
    ///
    /// # Errors
    /// [`DecodeError`] when it is not such an item.
    fn item<'b>(name: &'b str, value: Value<'b>) -> Result<Self::Item<'b>, DecodeError>;
}

/// An operation whose list comes in pages: ListVaults, ListJobs, ListParts and ListMultipartUploads.
// The pages are not an associated type: a future that holds one would not be `Send` for any caller ("not general enough").
pub trait Paginate: List + Encode + Sync {
    /// Writes the query of another page: with all filters of this operation, at most `limit` items, and from `marker` on.
    fn page_query(&self, limit: Option<u64>, marker: Option<&str>, query: &mut Query<'_>);

    /// The limit of this operation.
    fn limit(&self) -> Option<u64>;

    /// The marker that this operation starts with.
    fn marker(&self) -> Option<&str>;
}

/// Another page of a list.
pub(crate) struct PageRequest<'m, L> {
    pub(crate) list: &'m L,
    pub(crate) limit: Option<u64>,
    pub(crate) marker: Option<&'m str>,
}

impl<L: Paginate> Encode for PageRequest<'_, L> {
    fn method(&self) -> Method {
        self.list.method()
    }
    fn path(&self, path: &mut Path<'_>) {
        self.list.path(path);
    }
    fn query(&self, query: &mut Query<'_>) {
        self.list.page_query(self.limit.or(self.list.limit()), self.marker, query);
    }
}
