//! How results and messages look: standard output in both formats, lines on standard error, sizes and checksum lines as text.
//! Nothing here calls a service or decides how the command ends.

mod checksum_line;
mod readable;
mod stderr;
mod stdout;

pub(crate) use checksum_line::{escape, parse};
pub(crate) use readable::{readable, shown};
pub(crate) use stderr::print_stderr;
pub(crate) use stdout::{Stdout, WriteError};
