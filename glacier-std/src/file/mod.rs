//! Files, or ranges of files, as the bodies of requests. How a file is divided into parts and uploaded is decided in `transfer`.

mod error;
mod source;

pub use error::{FileError, FileErrorKind};
pub use source::FileSource;
