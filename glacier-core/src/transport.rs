//! What core asks of a network: carry one request to the service and bring the response back.

use core::fmt;

use embedded_io_async::{Error, Read};

use crate::body::Source;
use crate::request::Request;
use crate::response::Head;
use crate::wire::HeadTooSmall;

/// Carries one request to the service and brings the response back.
///
/// The contract, which `testing::battery` (feature `testing`) checks. A transport MUST
/// - send method, path, query and headers unchanged and unsorted, with `Host` as given in [`Request::host`];
/// - send `Content-Length: body.size()` with PUT and POST, zero included; never use a chunked request body;
/// - read the body from its current position to its end, and send exactly those bytes; when reading it fails, close the connection
///   and return [`SendError::Source`] with that error, so that the service never takes a part of the body for the whole;
/// - return a response that arrives before the whole body is sent (an early 403), not the write error that follows; but a success (2xx)
///   is then an error, [`SendError::Transport`], as nobody can have stored what was not sent, and the connection is closed;
/// - skip 1xx responses, follow no redirect, return nothing from a cache;
/// - fill `head` with the status and every header, and fail with [`SendError::Head`] when they do not fit: never truncate a value;
/// - report a response body that ends early as an error, never as `Ok(0)`, and never give more bytes than announced;
/// - return [`SendError::NotSent`] only if no byte of the request can have reached the service;
/// - stay usable after any error, and after a response's body or the `send` future was dropped at any point, or the body never asked
///   for: the next request gets a clean connection;
/// - be bounded in time: a peer that stalls leads to an error.
///
/// It need not retry.
///
/// # Cancel safety
/// The future of [`send`](Transport::send) may be dropped at any point; whether the service has then acted is unknown.
// As with `Source`: the futures are Send if the implementation is, which devices without threads need not be.
#[allow(async_fn_in_trait)]
pub trait Transport {
    /// What can go wrong between here and the service.
    type Error: Error + 'static;

    /// The response's body, of the length that the service announced.
    type Body<'t>: Read<Error = Self::Error>
    where
        Self: 't;

    /// Sends `request` and `body`, and fills `head` with the head of the response. Its body is read from [`body`](Transport::body).
    ///
    /// # Errors
    /// [`SendError`], which says whether anything was sent.
    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<Self::Error, S::Error>>;

    /// The body of the response whose head [`send`](Transport::send) returned last; to be asked for once. There is none after an
    /// error or when it was taken already: reading it is then an error or its end.
    // Apart from `send`, so that a caller can look at the head, and send again, before it borrows the transport for the body.
    fn body(&mut self) -> Self::Body<'_>;
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
    ) -> Result<(), SendError<T::Error, S::Error>> {
        T::send(self, request, body, head).await
    }

    fn body(&mut self) -> Self::Body<'_> {
        T::body(self)
    }
}

/// Why there is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SendError<T, S> {
    /// Connecting failed, or the connection was lost before the first byte of the request: the service cannot have acted.
    NotSent(T),
    /// The connection failed later. Whether the service has acted is unknown.
    Transport(T),
    /// The body could not be read.
    Source(S),
    /// The response's headers did not fit. The service may have acted.
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
            Self::NotSent(error) | Self::Transport(error) => error.fmt(f),
            Self::Source(error) => error.fmt(f),
            Self::Head(error) => error.fmt(f),
        }
    }
}

impl<T: core::error::Error + 'static, S: core::error::Error + 'static> core::error::Error for SendError<T, S> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::NotSent(error) | Self::Transport(error) => error.source(),
            Self::Source(error) => error.source(),
            Self::Head(_) => None,
        }
    }
}
