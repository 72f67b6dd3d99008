//! Bodies, both ways: what arrives as a reader, and what is answered as hyper wants it.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use embedded_io_async::{ErrorKind, ErrorType, Read};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::timeout;

use super::super::answer::AnswerBody;

/// How long the next bytes of a body may take.
const IDLE: Duration = Duration::from_secs(60);

/// The body of a request while it arrives.
pub(super) struct Arriving {
    incoming: Incoming,
    /// Bytes that came and were not taken yet.
    ready: Bytes,
    is_read: bool,
}

impl Arriving {
    pub(super) fn new(incoming: Incoming) -> Self {
        let is_read = incoming.is_end_stream();
        Arriving { incoming, ready: Bytes::new(), is_read }
    }

    /// Whether the body was read to its end.
    pub(super) fn is_read(&self) -> bool {
        self.is_read
    }
}

/// Why a body cannot be read on.
#[derive(Debug)]
pub(super) enum BodyError {
    /// Nothing came for too long.
    Slow,
    /// The connection broke.
    Broken(hyper::Error),
}

impl ErrorType for Arriving {
    type Error = BodyError;
}

impl Read for Arriving {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, BodyError> {
        while self.ready.is_empty() && !self.is_read {
            let frame = std::future::poll_fn(|context| Pin::new(&mut self.incoming).poll_frame(context));
            match timeout(IDLE, frame).await {
                Err(_) => return Err(BodyError::Slow),
                Ok(Some(Err(error))) => return Err(BodyError::Broken(error)),
                Ok(Some(Ok(frame))) => self.ready = frame.into_data().unwrap_or_default(),
                Ok(None) => self.is_read = true,
            }
        }
        let length = self.ready.len().min(into.len());
        self.ready.copy_to_slice(&mut into[..length]);
        // Seen at once, so that the connection need not be closed behind a body that was taken whole.
        self.is_read |= self.ready.is_empty() && self.incoming.is_end_stream();
        Ok(length)
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BodyError::Slow => f.write_str("the body arrives too slowly"),
            BodyError::Broken(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BodyError {}

impl embedded_io_async::Error for BodyError {
    fn kind(&self) -> ErrorKind {
        match self {
            BodyError::Slow => ErrorKind::TimedOut,
            BodyError::Broken(_) => ErrorKind::ConnectionReset,
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.poll_piece(context).map(|piece| piece.map(|piece| piece.map(|piece| Frame::data(piece.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left())
    }
}
