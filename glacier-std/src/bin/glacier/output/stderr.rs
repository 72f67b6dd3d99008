//! Standard error, and the status line that is drawn there: whatever is printed on either stream wipes that line first.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::json::write_json;
use super::printable::{printable, printable_lines};
use super::status_line::StatusLine;

/// The columns of a terminal that does not say how many it has.
const COLUMNS: usize = 80;

/// One for the process, as there is one terminal. Held while standard error is written to, never while standard output is.
static TERMINAL: Mutex<Terminal> = Mutex::new(Terminal { status: StatusLine::new(), within_line: false, json: false });

struct Terminal {
    status: StatusLine,
    /// Standard output has begun a line and not ended it: nothing is drawn into it.
    within_line: bool,
    /// Messages are JSON objects.
    json: bool,
}

fn terminal() -> MutexGuard<'static, Terminal> {
    // The state is consistent between any two statements, so a panicked holder left it good.
    TERMINAL.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Terminal {
    /// Writes to standard error, after what wipes the status line. A closed standard error does not make the command fail.
    fn write(&mut self, bytes: &[u8]) {
        let bytes = [self.status.wipe(columns()).as_bytes(), bytes].concat();
        let _ = io::stderr().write_all(&bytes);
    }
}

/// Prints every message as a JSON object from now on.
pub(crate) fn print_messages_as_json() {
    terminal().json = true;
}

/// Prints a line with the command's name before it, or a JSON object with the members `event` (`message`) and `text`.
pub(crate) fn print_stderr(text: impl Display) {
    let text = text.to_string();
    let mut terminal = terminal();
    if terminal.json {
        terminal.write(&json_line(&serde_json::json!({ "event": "message", "text": text })));
    } else {
        terminal.write(format!("glacier: {}\n", printable(&text)).as_bytes());
    }
}

/// Prints a JSON object on a line.
pub(crate) fn print_stderr_json(value: &impl Serialize) {
    terminal().write(&json_line(value));
}

fn json_line(value: &impl Serialize) -> Vec<u8> {
    let mut line = Vec::new();
    // A Vec takes everything, and the values have nothing that JSON cannot express.
    let _ = write_json(&mut line, value);
    line.push(b'\n');
    line
}

/// Prints what is wrong with the command line, in several lines.
pub(crate) fn print_usage_error(text: impl Display) {
    terminal().write(printable_lines(&text.to_string()).as_bytes());
}

/// Draws the status line, unless standard output is within a line. `text` is given the columns that it may fill.
pub(crate) fn draw_status(text: impl FnOnce(usize) -> String) {
    let mut terminal = terminal();
    if !terminal.within_line {
        let columns = columns();
        let text = text(columns.saturating_sub(1));
        let drawn = terminal.status.draw(&printable(&text), columns);
        let _ = io::stderr().write_all(drawn.as_bytes());
    }
}

/// Leaves nothing of the status line.
pub(crate) fn wipe_status() {
    terminal().write(b"");
}

/// The columns of the terminal now.
fn columns() -> usize {
    terminal_size::terminal_size_of(io::stderr()).map_or(COLUMNS, |(width, _)| width.0.into())
}

/// Standard output on what may be the same terminal.
pub(super) struct WipesStatus<W>(pub(super) W);

impl<W: Write> Write for WipesStatus<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        {
            let mut terminal = terminal();
            terminal.write(b"");
            terminal.within_line = true;
        }
        // The reader may make this wait for ever; messages must still get through.
        let written = self.0.write(bytes);
        let last = written.as_ref().ok().and_then(|written| bytes.get(..*written)).and_then(<[u8]>::last);
        terminal().within_line = last.is_some_and(|last| *last != b'\n');
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_as_json_is_one_line() {
        let line = json_line(&serde_json::json!({ "event": "message", "text": "a\nb\u{9b}c" }));
        assert_eq!(String::from_utf8(line).unwrap(), "{\"event\":\"message\",\"text\":\"a\\nb\\u009bc\"}\n");
    }

    #[test]
    fn nothing_is_drawn_into_a_line_of_standard_output() {
        let mut out = WipesStatus(Vec::new());
        out.write_all(b"id").unwrap();
        let mut asked = false;
        draw_status(|_| {
            asked = true;
            String::new()
        });
        assert!(!asked);
        out.write_all(b"\n").unwrap();
        draw_status(|_| {
            asked = true;
            String::new()
        });
        assert!(asked);
        assert_eq!(out.0, b"id\n");
    }
}
