//! Lines on standard error.

use std::fmt::Display;
use std::io::{self, Write};

/// Prints a line with the command's name before it. A closed standard error does not make the command fail.
pub(crate) fn print_stderr(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "glacier: {}", one_line(&text.to_string()));
}

/// With a space for each control character: a service's message may hold any, and could draw on the terminal.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_without_control_characters() {
        assert_eq!(one_line("a\nb\u{1b}[31mc"), "a b [31mc");
    }
}
