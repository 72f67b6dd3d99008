//! Why a call failed, and what may be done about it.
//! The errors of encoding and decoding alone are in `wire`, those of an input in the file of its type.

mod call_error;
mod classify;
mod error;

pub(crate) use call_error::CallError;
pub use error::Error;
