//! Where a writing request stands: for those who watch, or who pull the plug.

use std::fmt;
use std::sync::Arc;

/// A step of a writing request, told when it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The body is received, hashed, and written to a staged file.
    Body,
    /// The staged file is synced to the disk and put in its place.
    Fsync,
    /// The records are written and synced. When this is over, the request is done for good.
    Commit,
    /// The answer is handed over.
    Reply,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Body => "body",
            Phase::Fsync => "fsync",
            Phase::Commit => "commit",
            Phase::Reply => "reply",
        })
    }
}

/// One step of one request.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The request's id, as in the answer's `x-amzn-RequestId`.
    pub request_id: &'a str,
    /// The operation's name, such as `UploadArchive`.
    pub operation: &'static str,
    /// What begins now.
    pub phase: Phase,
}

/// Is told each step as it begins, from whichever thread does it; it should return soon.
pub type Observer = Arc<dyn Fn(Progress<'_>) + Send + Sync>;
