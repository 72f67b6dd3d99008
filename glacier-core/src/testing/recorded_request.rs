//! A request as a transport was given it.

use core::fmt;
use std::string::{String, ToString};
use std::vec::Vec;

use crate::request::{Method, Request};

/// A request that a [`ScriptedTransport`](super::ScriptedTransport) was given. Displayed, it is its method, path and query.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method.
    pub method: Method,
    /// The value of the `Host` header.
    pub host: String,
    /// The path, percent-encoded.
    pub path: String,
    /// The query, percent-encoded, without its `?`.
    pub query: String,
    /// The headers in their order, without `Host` and `Content-Length`, which a transport adds.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl RecordedRequest {
    pub(super) fn new(request: &Request<'_>, body: Vec<u8>) -> Self {
        RecordedRequest {
            method: request.method,
            host: request.host.to_string(),
            path: request.path.to_string(),
            query: request.query.to_string(),
            headers: request.headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            body,
        }
    }

    /// The value of a header, whose name may be in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl fmt::Display for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.query.is_empty() { "" } else { "?" };
        write!(f, "{} {}{mark}{}", self.method.as_str(), self.path, self.query)
    }
}

/// Shows no header value: some are secret.
impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} ({} bytes)", self.body.len())
    }
}
