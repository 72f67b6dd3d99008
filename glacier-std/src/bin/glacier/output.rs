//! Results, on standard output: for people or as JSON with the service's member names.

use std::fmt::Display;
use std::io::{self, BufWriter, StdoutLock, Write};

use serde::Serialize;

use crate::args::Form;
use crate::exit::Failure;

/// Standard output. Errors of writing are failures, not panics; a reader that went away is a quiet one.
pub(crate) struct Output {
    pub(crate) form: Form,
    out: BufWriter<StdoutLock<'static>>,
}

impl Output {
    pub(crate) fn new(form: Form) -> Self {
        Output { form, out: BufWriter::new(io::stdout().lock()) }
    }

    pub(crate) fn line(&mut self, text: impl Display) -> Result<(), Failure> {
        writeln!(self.out, "{text}").map_err(Failure::stdout)
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.out.write_all(bytes).map_err(Failure::stdout)
    }

    /// One JSON value, without a line break.
    pub(crate) fn value(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.out, value).map_err(|error| Failure::stdout(error.into()))
    }

    /// One JSON value on a line of its own.
    pub(crate) fn object(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        self.value(value)?;
        self.bytes(b"\n")
    }

    /// Writes what is still held back. A result counts only after this.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(Failure::stdout)
    }
}

/// A member for people: `-` where the service says nothing.
pub(crate) fn shown(member: Option<impl Display>) -> String {
    member.map_or("-".into(), |value| value.to_string().replace(char::is_control, " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_hyphen_for_people() {
        assert_eq!(shown(None::<u64>), "-");
        assert_eq!(shown(Some("a\nb")), "a b");
    }
}
