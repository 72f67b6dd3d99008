//! Lines on standard error.

use std::fmt::Display;
use std::io::{self, Write};

/// Prints a line with the command's name before it. A closed standard error is no reason to fail.
pub(crate) fn print_stderr(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "glacier: {text}");
}
