//! Bodies in both directions: that of a request as a reader, that of a response as hyper's trait.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use embedded_io_async::{ErrorKind, ErrorType, Read};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::timeout_at;

use super::connections::{Slot, State};
use super::pace::Pace;
use crate::local::response::LocalBody;

/// The body of a request while it is received.
pub(super) struct RequestBody {
    incoming: Incoming,
    /// Bytes received and not read yet.
    ready: Bytes,
    is_read: bool,
    /// That of an upload begins when it is read first.
    pace: Option<Pace>,
    /// Of a body whose request may not be genuine.
    receiving: Option<Arc<Slot>>,
}

impl RequestBody {
    /// The body of an upload that is verified before it is read.
    pub(super) fn upload(incoming: Incoming) -> Self {
        RequestBody::new(incoming, None)
    }

    /// A body that is verified after it was read: until then the connection yields to others.
    pub(super) fn small(incoming: Incoming, slot: &Arc<Slot>) -> Self {
        let pace = Pace::small(incoming.size_hint().exact());
        let mut body = RequestBody::new(incoming, Some(pace));
        if !body.is_read {
            slot.set(State::Receiving);
            body.receiving = Some(slot.clone());
        }
        body
    }

    fn new(incoming: Incoming, pace: Option<Pace>) -> Self {
        let is_read = incoming.is_end_stream();
        RequestBody { incoming, ready: Bytes::new(), is_read, pace, receiving: None }
    }

    /// Whether the body was read to its end.
    pub(super) fn is_read(&self) -> bool {
        self.is_read
    }
}

/// The rest of a body cannot be read.
#[derive(Debug)]
pub(super) enum BodyError {
    /// It was received too slowly.
    TimedOut,
    /// The connection failed.
    Connection(hyper::Error),
}

impl ErrorType for RequestBody {
    type Error = BodyError;
}

impl Read for RequestBody {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, BodyError> {
        while self.ready.is_empty() && !self.is_read {
            let frame = std::future::poll_fn(|context| Pin::new(&mut self.incoming).poll_frame(context));
            let pace = self.pace.get_or_insert_with(Pace::upload);
            match timeout_at(pace.until(), frame).await {
                Err(_) => return Err(BodyError::TimedOut),
                Ok(Some(Err(error))) => return Err(BodyError::Connection(error)),
                Ok(Some(Ok(frame))) => {
                    self.ready = frame.into_data().unwrap_or_default();
                    pace.received(self.ready.len());
                }
                Ok(None) => self.is_read = true,
            }
        }
        let length = self.ready.len().min(into.len());
        self.ready.copy_to_slice(&mut into[..length]);
        // Noticed at once, so that the connection need not be closed after a body that was read to its end.
        self.is_read |= self.ready.is_empty() && self.incoming.is_end_stream();
        if self.is_read
            && let Some(slot) = self.receiving.take()
        {
            slot.set(State::Working);
        }
        Ok(length)
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BodyError::TimedOut => f.write_str("the body was received too slowly"),
            BodyError::Connection(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BodyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            BodyError::TimedOut => None,
            BodyError::Connection(error) => Some(error),
        }
    }
}

impl embedded_io_async::Error for BodyError {
    fn kind(&self) -> ErrorKind {
        match self {
            BodyError::TimedOut => ErrorKind::TimedOut,
            BodyError::Connection(_) => ErrorKind::ConnectionReset,
        }
    }
}

/// The body of a response; tells the slot when it was handed over.
pub(super) struct ResponseBody {
    body: LocalBody,
    slot: Arc<Slot>,
}

impl ResponseBody {
    pub(super) fn new(body: LocalBody, slot: Arc<Slot>) -> Self {
        ResponseBody { body, slot }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.body.is_at_cut() {
            // The connection ends once the bytes before are flushed; hyper would end it before.
            self.slot.cut();
            return Poll::Pending;
        }
        self.body.poll_chunk(context).map(|chunk| chunk.map(|chunk| chunk.map(|chunk| Frame::data(chunk.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.remaining() == 0 && !self.body.is_at_cut()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.body.remaining())
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        self.slot.written();
    }
}
