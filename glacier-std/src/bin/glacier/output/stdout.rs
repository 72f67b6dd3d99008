//! Results on standard output: text for people, or JSON with the member names of the Glacier API.

use std::fmt::Display;
use std::io::{self, BufWriter, StdoutLock, Write};

use serde::Serialize;

use crate::args::OutputFormat;

/// Standard output, buffered.
pub(crate) struct Stdout {
    pub(crate) format: OutputFormat,
    out: BufWriter<StdoutLock<'static>>,
}

/// Standard output could not be written to.
#[derive(Debug)]
pub(crate) struct WriteError(pub(crate) io::Error);

impl Stdout {
    pub(crate) fn new(format: OutputFormat) -> Self {
        Stdout { format, out: BufWriter::new(io::stdout().lock()) }
    }

    pub(crate) fn line(&mut self, text: impl Display) -> Result<(), WriteError> {
        writeln!(self.out, "{text}").map_err(WriteError)
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.out.write_all(bytes).map_err(WriteError)
    }

    /// One JSON value, without a line break.
    pub(crate) fn value(&mut self, value: &impl Serialize) -> Result<(), WriteError> {
        serde_json::to_writer(&mut self.out, value).map_err(|error| WriteError(error.into()))
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
