//! The body of a scripted response, and the error of a scripted transport.

use core::fmt;
use std::vec::Vec;

use embedded_io_async::{Error, ErrorKind, ErrorType, Read};

/// The body of a response from a script. It ends as its [`Reply`](super::Reply) says: after its last byte or too early.
#[derive(Clone, Debug, Default)]
pub struct ScriptedBody {
    pub(super) bytes: Vec<u8>,
    pub(super) position: usize,
    /// After how many bytes reading fails.
    pub(super) cut_after: Option<usize>,
    /// The largest sizes of the reads, in turn.
    pub(super) pieces: Vec<usize>,
    pub(super) reads: usize,
}

impl ErrorType for ScriptedBody {
    type Error = ScriptedError;
}

impl Read for ScriptedBody {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, ScriptedError> {
        let piece = self.reads.checked_rem(self.pieces.len()).and_then(|turn| self.pieces.get(turn));
        let most = piece.map_or(usize::MAX, |size| (*size).max(1)).min(into.len());
        let end = self.cut_after.unwrap_or(self.bytes.len()).min(self.bytes.len());
        let rest = self.bytes.get(self.position..end).unwrap_or_default();
        if rest.is_empty() && self.cut_after.is_some() && !into.is_empty() {
            return Err(ScriptedError::new(ErrorKind::ConnectionReset));
        }
        let mut got = 0;
        for (to, byte) in into.iter_mut().take(most).zip(rest) {
            *to = *byte;
            got += 1;
        }
        self.position += got;
        self.reads += 1;
        Ok(got)
    }
}

/// A failure of the network that a script asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptedError {
    kind: ErrorKind,
}

impl ScriptedError {
    /// A failure of this kind.
    #[must_use]
    pub const fn new(kind: ErrorKind) -> Self {
        ScriptedError { kind }
    }
}

impl fmt::Display for ScriptedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scripted {:?}", self.kind)
    }
}

impl core::error::Error for ScriptedError {}

impl Error for ScriptedError {
    fn kind(&self) -> ErrorKind {
        self.kind
    }
}
