//! What kind of output an operation has. Each operation implements [`Encode`] and one of these traits.

use super::encode::Encode;
use crate::response::{FromResponse, TreeHashMismatch};
use crate::wire::DecodeError;
use crate::wire::json::Value;

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
    /// One item, borrowed from the buffer.
    type Item<'b>;

    /// Reads an item; it has a `name` when the list is a map, and an empty one otherwise.
    ///
    /// # Errors
    /// [`DecodeError`] when it is not such an item.
    fn item<'b>(name: &'b str, value: Value<'b>) -> Result<Self::Item<'b>, DecodeError>;
}

/// An operation whose list comes in pages: ListVaults, ListJobs, ListParts and ListMultipartUploads.
pub trait Paginate: List + Encode {
    /// The same operation for another page.
    type Page<'m>: Paginate + Sync
    where
        Self: 'm;

    /// The same list with all its filters: at most `limit` items, or the limit of this operation, from `marker` on.
    fn page<'m>(&'m self, limit: Option<u64>, marker: Option<&'m str>) -> Self::Page<'m>;

    /// The marker that this operation starts with.
    fn marker(&self) -> Option<&str>;
}
