//! Request bodies: what a transport sends, and how it is hashed before.
//! Bodies in files, in flash and on cards belong in the adapter crates.

mod prehashed;
mod source;

pub use prehashed::{Prehashed, SizeMismatch};
pub use source::{Bytes, SizeChecked, Source, SourceError, hash_source};
