//! How bytes are written and read: sinks, percent-encoding, JSON, pieces of text, and the errors of doing so.
//! Nothing here knows an operation, a signature or a connection.

mod error;
pub(crate) mod json;
mod sink;
mod text;
mod truncated;
mod uri;

pub use error::{BufferTooSmall, DecodeError, EncodeError, HeadTooSmall};
pub use json::{FromJson, Items, Text, Value};
pub use sink::{Buffer, Sink, Wire};
pub(crate) use sink::{Counter, hex_digit, put_hex};
pub(crate) use text::{contains, decimal, rsplit_once, split, split_once};
pub use truncated::Truncated;
pub(crate) use uri::Percent;
pub use uri::{Path, Query};
