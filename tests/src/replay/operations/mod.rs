//! From an operation's name and input to the typed operation: one block each, by resource.

mod archive;
mod job;
mod policy;
mod row;
mod select;
mod vault;

use glacier_core::Paginate;
use glacier_core::{Encode, Fetch, List, Operation, Upload};

pub(super) use row::Row;

use super::outputs::{Shape, ToModel};
use super::params::{Built, NotBuilt, Params};
use super::{Rule, rule};

/// What is done with an operation, whichever it is.
pub(super) trait Visit {
    type Out;

    /// An operation with a small response.
    fn operation<O>(self, operation: &O) -> Self::Out
    where
        O: Operation + Sync,
        for<'b> O::Output<'b>: ToModel;

    /// An operation with a body.
    fn upload<O>(self, operation: &O, body: &[u8]) -> Self::Out
    where
        O: Upload + Sync,
        for<'b> O::Output<'b>: ToModel;

    /// An operation whose response is a list.
    fn list<L>(self, operation: &L, shape: Shape) -> Self::Out
    where
        L: List + Encode + Sync,
        for<'b> L::Item<'b>: ToModel;

    /// An operation whose list comes in pages.
    fn pages<L>(self, operation: &L, shape: Shape) -> Self::Out
    where
        Self: Sized,
        L: Paginate + Sync,
        for<'b> L::Item<'b>: ToModel,
    {
        self.list(operation, shape)
    }

    /// An operation whose response is a stream.
    fn fetch<O: Fetch + Sync>(self, operation: &O) -> Self::Out;
}

/// All operations.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    [vault::OPERATIONS, archive::OPERATIONS, job::OPERATIONS, policy::OPERATIONS].into_iter().flatten()
}

/// Builds the operation and hands it over.
pub(super) fn with<V: Visit>(operation: &str, params: &Params<'_>, visit: V) -> Built<V::Out> {
    let is_in = |rows: &[Row]| rows.iter().any(|(name, ..)| *name == operation);
    match () {
        () if is_in(vault::OPERATIONS) => vault::with(operation, params, visit),
        () if is_in(archive::OPERATIONS) => archive::with(operation, params, visit),
        () if is_in(job::OPERATIONS) => job::with(operation, params, visit),
        () => policy::with(operation, params, visit),
    }
}

fn inexpressible(name: &str, value: impl std::fmt::Display) -> NotBuilt {
    NotBuilt::Rejected(Rule::Inexpressible, format!("{name}: {value}"))
}
