//! The phases of a request that changes the store: for programs that log them, and for tests that crash in each.

use std::fmt;
use std::sync::Arc;

/// A phase of a request that changes the store. It is reported when it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestPhase {
    /// The body is received, hashed, and written to a staged file.
    Body,
    /// The staged file is synced to the disk and renamed into place.
    Fsync,
    /// The records are written and synced. After this phase the change is durable.
    Commit,
    /// The response is sent.
    Reply,
}

impl fmt::Display for RequestPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RequestPhase::Body => "body",
            RequestPhase::Fsync => "fsync",
            RequestPhase::Commit => "commit",
            RequestPhase::Reply => "reply",
        })
    }
}

/// A phase of one request.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RequestProgress<'a> {
    /// The id of the request, as in the response's `x-amzn-RequestId`.
    pub request_id: &'a str,
    /// The name of the operation, such as `UploadArchive`.
    pub operation: &'static str,
    /// The phase that begins now.
    pub phase: RequestPhase,
}

/// Called with each phase as it begins, on the thread that does the work; it should return soon.
pub type RequestObserver = Arc<dyn Fn(RequestProgress<'_>) + Send + Sync>;
