//! The two hashes that Glacier requires of every body: the linear SHA-256 and the SHA-256 tree hash, which are different types here.
//! Reading the bytes belongs in `body` and `stream`.

mod blocks;
#[cfg(test)]
pub(crate) mod by_definition;
#[cfg(not(feature = "rustcrypto"))]
mod compress;
#[cfg(feature = "rustcrypto")]
#[path = "rustcrypto.rs"]
mod compress;
mod digest;
mod leaves;
mod linear;
mod pairs;
mod part_tree;
mod payload;
mod subtrees;
mod tree;
mod unit;

pub use compress::Backend;
#[cfg(not(feature = "rustcrypto"))]
pub(crate) use compress::{State, initial};
pub use digest::{InvalidHash, LinearHash, TreeHash};
pub use leaves::LeavesHasher;
pub use linear::LinearHasher;
pub use pairs::LeafPairHasher;
pub use part_tree::{PartTree, PartTreeError, PushError};
pub use payload::{PayloadHasher, PayloadHashes};
pub use subtrees::TooLarge;
pub use tree::TreeHasher;
pub use unit::{HashUnit, UnitHasher};
