//! Errors of the transport.

use core::fmt;

use embedded_io_async::ErrorKind;

/// Why there is no response, or only a part of one. `E` is the network stack's error, whose text is part of this error's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// Could not connect.
    Connect(E),
    /// The connection failed.
    Network(E),
    /// No progress within the [`Timeouts`](crate::Timeouts).
    TimedOut(Step),
    /// The peer closed the connection before its response was complete.
    Closed,
    /// The response was a success although the whole body was not sent yet, so it cannot be true.
    EarlySuccess,
    /// The response is not HTTP/1.x, or consists of too many 1xx responses.
    Malformed,
    /// The response's head is larger than the receive buffer, or has more than 32 headers.
    HeadTooLong {
        /// Size of the receive buffer in bytes.
        capacity: usize,
    },
    /// The request's path and query together are larger than the receive buffer, in which they are joined; or it has more than 23 headers;
    /// or the send buffer is empty.
    RequestTooLong,
    /// The request body had more or fewer bytes than its size. The request was broken off.
    BodySizeMismatch {
        /// The announced size in bytes.
        size: u64,
    },
}

/// What timed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Step {
    /// Connecting.
    Connect,
    /// Sending the request.
    Send,
    /// Receiving the response.
    Response,
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => write!(f, "could not connect: {error}"),
            Self::Network(error) => write!(f, "the connection failed: {error}"),
            Self::TimedOut(Step::Connect) => f.write_str("could not connect in time: check address, port and network"),
            Self::TimedOut(Step::Send) => f.write_str("timed out sending the request: try again"),
            Self::TimedOut(Step::Response) => f.write_str("timed out waiting for the response: try again"),
            Self::Closed => f.write_str("the connection was closed before the response was complete: try again"),
            Self::EarlySuccess => f.write_str("a success before the whole body was sent: is this a Glacier endpoint?"),
            Self::Malformed => f.write_str("the response is not HTTP/1.x: is this a Glacier endpoint?"),
            Self::HeadTooLong { capacity } => {
                write!(f, "the response's head exceeds the receive buffer of {capacity} bytes, or has more than 32 headers")
            }
            Self::RequestTooLong => {
                f.write_str("path and query exceed the receive buffer, or there are more than 23 headers, or no send buffer")
            }
            Self::BodySizeMismatch { size } => write!(f, "the body does not have the {size} bytes announced"),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Connect(error) | Self::Network(error) => Some(error),
            _ => None,
        }
    }
}

impl<E: embedded_io_async::Error + 'static> embedded_io_async::Error for Error<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Connect(error) | Self::Network(error) => error.kind(),
            Self::TimedOut(_) => ErrorKind::TimedOut,
            Self::Closed => ErrorKind::ConnectionAborted,
            Self::EarlySuccess | Self::Malformed | Self::BodySizeMismatch { .. } => ErrorKind::InvalidData,
            Self::HeadTooLong { .. } | Self::RequestTooLong => ErrorKind::OutOfMemory,
        }
    }
}
