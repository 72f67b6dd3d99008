//! What can go wrong on the way to the service and back.

use core::fmt;

use embedded_io_async::ErrorKind;

/// Why there is no answer, or only a part of one. `E` is the network stack's own error.
///
/// Except for [`Connect`](Error::Connect) and the sizes of buffers, whether the service has acted is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// No connection could be made; nothing was sent.
    Connect(E),
    /// The connection failed.
    Network(E),
    /// The peer was silent for longer than [`Timeouts`](crate::Timeouts) allow.
    TimedOut(Step),
    /// The peer closed the connection before its answer was whole.
    Closed,
    /// What came back is not HTTP/1.x, or nothing but 1xx answers.
    Malformed,
    /// The answer's head is longer than the receive buffer, or has more than 32 headers.
    HeadTooLong {
        /// Bytes in the receive buffer.
        capacity: usize,
    },
    /// The request's path and query together are longer than the receive buffer, in which they are put together; or it has more than
    /// 23 headers; or there is no send buffer. Nothing was sent.
    RequestTooLong,
    /// The body gave another number of bytes than its size. The request was broken off.
    BodyHashes {
        /// Bytes announced.
        size: u64,
    },
}

/// What was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Step {
    /// The connection.
    Connect,
    /// The peer taking more of the request.
    Send,
    /// The answer, or more of it.
    Response,
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => write!(f, "no connection to the endpoint: {error}"),
            Self::Network(error) => write!(f, "the connection failed: {error}"),
            Self::TimedOut(Step::Connect) => f.write_str("no connection to the endpoint in time: check address, port and network"),
            Self::TimedOut(Step::Send) => f.write_str("the peer took no more of the request in time: try again"),
            Self::TimedOut(Step::Response) => f.write_str("the peer was silent for too long: try again"),
            Self::Closed => f.write_str("the connection was closed before the answer was whole: try again"),
            Self::Malformed => f.write_str("the answer is not HTTP/1.x: is this a Glacier endpoint?"),
            Self::HeadTooLong { capacity } => {
                write!(f, "the answer's head does not fit the receive buffer of {capacity} bytes, or has more than 32 headers")
            }
            Self::RequestTooLong => f.write_str(
                "path and query do not fit the receive buffer, or there are more than 23 headers, or the send buffer is empty",
            ),
            Self::BodyHashes { size } => write!(f, "the body gave another number of bytes than the {size} announced"),
        }
    }
}

impl<E: core::error::Error> core::error::Error for Error<E> {}

impl<E: embedded_io_async::Error> embedded_io_async::Error for Error<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Connect(error) | Self::Network(error) => error.kind(),
            Self::TimedOut(_) => ErrorKind::TimedOut,
            Self::Closed => ErrorKind::ConnectionAborted,
            Self::Malformed | Self::BodyHashes { .. } => ErrorKind::InvalidData,
            Self::HeadTooLong { .. } | Self::RequestTooLong => ErrorKind::OutOfMemory,
        }
    }
}
