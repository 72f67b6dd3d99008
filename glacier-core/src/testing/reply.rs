//! The replies of a script.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use std::boxed::Box;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use embedded_io_async::ErrorKind;

use super::scripted_body::{ScriptedBody, ScriptedError};
use crate::response::Head;
use crate::transport::SendError;
use crate::wire::HeadTooSmall;

/// The reply of a [`ScriptedTransport`](super::ScriptedTransport) to a request: a response, or a failure of the network.
///
/// The settings of a response (headers, body) have no effect on a failure.
#[must_use]
pub struct Reply {
    kind: Kind,
    headers: Vec<(String, String)>,
    with_tree_hash: bool,
    body: ScriptedBody,
    pub(super) delay: Option<Delay>,
}

pub(super) type Delay = Pin<Box<dyn Future<Output = ()> + Send>>;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Response(u16),
    NotSent(ErrorKind),
    ConnectionLost(ErrorKind),
}

impl Reply {
    /// A response with this status, without headers or body.
    pub fn status(status: u16) -> Self {
        Reply::of_kind(Kind::Response(status))
    }

    /// A response with this body.
    pub fn json(status: u16, body: &str) -> Self {
        Reply::status(status).body(body)
    }

    /// The response of a service error, with its code and message as the service writes them.
    pub fn service_error(status: u16, code: &str, message: &str) -> Self {
        let kind = if status < 500 { "Client" } else { "Server" };
        let [code, message] = [code, message].map(|text| text.replace('\\', r"\\").replace('"', r#"\""#));
        Reply::json(status, &format!(r#"{{"code":"{code}","message":"{message}","type":"{kind}"}}"#))
    }

    /// [`SendError::NotSent`]: nothing of the request has reached the service.
    pub fn not_sent(kind: ErrorKind) -> Self {
        Reply::of_kind(Kind::NotSent(kind))
    }

    /// [`SendError::Transport`]: the connection was lost after the request was sent and before its response came.
    pub fn connection_lost(kind: ErrorKind) -> Self {
        Reply::of_kind(Kind::ConnectionLost(kind))
    }

    fn of_kind(kind: Kind) -> Self {
        Reply { kind, headers: Vec::new(), with_tree_hash: false, body: ScriptedBody::default(), delay: None }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_string(), value.to_string()));
        self
    }

    /// Adds `x-amz-sha256-tree-hash` with the tree hash of the body that was sent, as the service does when it has stored one.
    pub fn with_tree_hash(self) -> Self {
        Reply { with_tree_hash: true, ..self }
    }

    /// Sets the body.
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body.bytes = body.as_ref().to_vec();
        self
    }

    /// Reading the body fails after this many bytes.
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.body.cut_after = Some(bytes);
        self
    }

    /// Reads of the body give at most these many bytes, in turn and again from the first.
    pub fn in_pieces(mut self, sizes: &[usize]) -> Self {
        self.body.pieces = sizes.to_vec();
        self
    }

    /// The reply comes when this future is done, which may wait on any runtime. It is dropped if the request is given up before.
    pub fn after(self, delay: impl Future<Output = ()> + Send + 'static) -> Self {
        Reply { delay: Some(Box::pin(delay)), ..self }
    }

    /// Whether the tree hash of the request's body is wanted.
    pub(super) fn wants_tree_hash(&self) -> bool {
        self.with_tree_hash
    }

    /// Fills `head`, and gives the body that follows it.
    pub(super) fn respond<S>(
        self,
        tree_hash: Option<String>,
        head: &mut Head<'_>,
    ) -> Result<ScriptedBody, SendError<ScriptedError, S>> {
        match self.kind {
            Kind::NotSent(kind) => Err(SendError::NotSent(ScriptedError::new(kind))),
            Kind::ConnectionLost(kind) => Err(SendError::Transport(ScriptedError::new(kind))),
            Kind::Response(status) => {
                self.fill(status, tree_hash, head)?;
                Ok(self.body)
            }
        }
    }

    fn fill(&self, status: u16, tree_hash: Option<String>, head: &mut Head<'_>) -> Result<(), HeadTooSmall> {
        head.start(status);
        for (name, value) in &self.headers {
            head.push(name, value.as_bytes())?;
        }
        tree_hash.map_or(Ok(()), |hash| head.push("x-amz-sha256-tree-hash", hash.as_bytes()))
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("kind", &self.kind)
            .field("headers", &self.headers)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
