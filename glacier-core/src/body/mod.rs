//! Request bodies: what a transport sends, and how it is hashed before it is sent.
//! Files, flash and cards are bodies too; they live in the adapter crates.

mod prehashed;
mod source;

pub use prehashed::{Prehashed, SizeMismatch};
pub use source::{Bytes, SizeChecked, Source, SourceError, hash_source};
