//! How results and messages look: standard output in both formats, lines and a status line on standard error, sizes and checksum
//! lines as text, and what may reach a terminal. Nothing here calls a service or decides how the command ends.

mod checksum_line;
mod json;
mod printable;
mod quoted;
mod readable;
mod status_line;
mod stderr;
mod stdout;

pub(crate) use checksum_line::{escape, parse};
pub(crate) use quoted::quoted;
pub(crate) use readable::{readable, readable_time, shown};
pub(crate) use stderr::{draw_status, print_messages_as_json, print_stderr, print_stderr_json, print_usage_error, wipe_status};
pub(crate) use stdout::{Stdout, WriteError};
