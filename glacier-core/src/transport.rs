//! The seam: what core asks of a network, a socket-less vault, a radio.

use core::fmt;
use embedded_io_async::{Error, Read};

use crate::body::Source;
use crate::request::Request;
use crate::response::Head;
use crate::wire::HeadTooSmall;

/// Carries one request to the service and brings the answer back.
///
/// The contract, which one battery of tests checks on every transport of this project. A transport MUST
/// - send method, path, query and headers unchanged and unsorted, with `Host` as given in [`Request::host`];
/// - send `Content-Length: body.size()` with PUT and POST, zero included; never use a chunked request body;
/// - read the body from where it stands to its end, and send just those bytes; when reading it fails, give up the connection
///   and return [`SendError::Source`] with that error, so that the service never takes a part of it for the whole;
/// - return an answer that arrives before the whole body is sent (an early 403), not the write error that follows;
/// - skip 1xx answers, follow no redirect, answer nothing from a cache;
/// - fill `head` with the status and every header, and fail with [`SendError::Head`] when they do not fit: never cut a value;
/// - give a body that ends early as an error, never as `Ok(0)`, and never more bytes than announced;
/// - stay usable after any error, and after an answer's body or the `send` future was dropped half way: the next request gets a
///   clean connection;
/// - be bounded in time: a peer that stalls gives an error, not a wait for ever.
///
/// It need not retry. Dropping the future of [`send`](Transport::send) is allowed at any point; whether the service has then acted is unknown.
// As with `Source`: Send when the implementation is, which devices without threads need not be.
#[allow(async_fn_in_trait)]
pub trait Transport {
    /// What can go wrong on the way.
    type Error: Error;

    /// The answer's body, of the length the service announced.
    type Body<'t>: Read<Error = Self::Error>
    where
        Self: 't;

    /// Sends `request` and `body`, fills `head`, and returns the answer's body.
    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<Self::Body<'_>, SendError<Self::Error, S::Error>>;
}

impl<T: Transport> Transport for &mut T {
    type Error = T::Error;
    type Body<'t>
        = T::Body<'t>
    where
        Self: 't;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<Self::Body<'_>, SendError<T::Error, S::Error>> {
        T::send(self, request, body, head).await
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SendError<T, S> {
    /// The way to the service or back failed.
    Transport(T),
    /// The body could not be read.
    Source(S),
    /// The answer's headers did not fit.
    Head(HeadTooSmall),
}

impl<T, S> From<HeadTooSmall> for SendError<T, S> {
    fn from(error: HeadTooSmall) -> Self {
        SendError::Head(error)
    }
}

impl<T: fmt::Display, S: fmt::Display> fmt::Display for SendError<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => error.fmt(f),
            Self::Source(error) => error.fmt(f),
            Self::Head(error) => error.fmt(f),
        }
    }
}

impl<T: core::error::Error, S: core::error::Error> core::error::Error for SendError<T, S> {}
