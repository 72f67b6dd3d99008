//! Results on standard output: text for people, or JSON with the member names of the Glacier API.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use serde::Serialize;

use super::json::write_json;
use super::printable::{printable, printable_bytes};
use super::stderr::WipesStatus;
use crate::args::OutputFormat;

/// Standard output, buffered.
pub(crate) struct Stdout {
    pub(crate) format: OutputFormat,
    /// Nothing that a terminal would obey goes there.
    is_terminal: bool,
    out: BufWriter<WipesStatus<StdoutLock<'static>>>,
}

/// Standard output could not be written to.
#[derive(Debug)]
pub(crate) struct WriteError(pub(crate) io::Error);

impl Stdout {
    pub(crate) fn new(format: OutputFormat) -> Self {
        let out = io::stdout().lock();
        Stdout { format, is_terminal: out.is_terminal(), out: BufWriter::new(WipesStatus(out)) }
    }

    pub(crate) fn line(&mut self, text: impl Display) -> Result<(), WriteError> {
        match self.is_terminal {
            true => writeln!(self.out, "{}", printable(&text.to_string())),
            false => writeln!(self.out, "{text}"),
        }
        .map_err(WriteError)
    }

    /// Bytes of lines, such as those with file names.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        match self.is_terminal {
            true => self.out.write_all(printable_bytes(bytes).as_bytes()),
            false => self.out.write_all(bytes),
        }
        .map_err(WriteError)
    }

    /// One JSON value, without a line break.
    pub(crate) fn value(&mut self, value: &impl Serialize) -> Result<(), WriteError> {
        write_json(&mut self.out, value).map_err(WriteError)
    }

    /// One JSON value on a line of its own.
    pub(crate) fn object(&mut self, value: &impl Serialize) -> Result<(), WriteError> {
        self.value(value)?;
        self.bytes(b"\n")
    }

    /// The result of an operation without output members: an empty JSON object, no text.
    pub(crate) fn empty(&mut self) -> Result<(), WriteError> {
        match self.format {
            OutputFormat::Text => Ok(()),
            OutputFormat::Json => self.object(&serde_json::json!({})),
        }
    }

    /// One line a member, the values aligned.
    pub(crate) fn members(&mut self, members: &[(&str, String)]) -> Result<(), WriteError> {
        let width = members.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        members.iter().try_for_each(|(name, value)| self.line(format_args!("{name:width$}  {value}")))
    }

    /// Writes what is still buffered. Only then is a result printed.
    pub(crate) fn flush(&mut self) -> Result<(), WriteError> {
        self.out.flush().map_err(WriteError)
    }
}
