//! The two hashes that Glacier requires of every byte: the linear SHA-256 and the SHA-256 tree hash, which are different types here.
//! Reading the bytes belongs to `body` and `stream`.

mod blocks;
mod compress;
mod digest;
mod linear;
mod pairs;
mod payload;
mod tree;
mod unit;

pub use compress::{Backend, Instructions};
pub(crate) use compress::{INITIAL, State};
pub use digest::{InvalidHash, LinearHash, TreeHash};
pub use linear::LinearHasher;
pub use pairs::LeafPairHasher;
pub use payload::{PayloadHasher, PayloadHashes};
pub use tree::{PushError, TooLarge, TreeHasher};
pub use unit::{HashUnit, UnitHasher};
