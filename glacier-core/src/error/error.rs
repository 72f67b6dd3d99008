//! Why a call failed.

use core::convert::Infallible;
use core::fmt;

use crate::body::SourceError;
use crate::response::{ServiceError, TreeHashMismatch};
use crate::values::NoCredentials;
use crate::wire::{DecodeError, EncodeError};

/// Why a call failed. `T` is the transport's error, `S` that of the body's source.
///
/// [`may_have_acted`](Error::may_have_acted) says whether the service may have acted nevertheless, and
/// [`is_retryable`](Error::is_retryable) whether the same request may succeed later.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<T, S = Infallible> {
    /// The request could not be encoded; nothing was sent.
    Encode(EncodeError),
    /// There are no credentials; nothing was sent.
    Credentials(NoCredentials),
    /// The clock is not set, so nothing can be signed, and the service has not told the time either. No signed request was sent.
    ClockNotSet,
    /// The body could not be read; no archive was created.
    Source(SourceError<S>),
    /// The service was not reached: nothing of the request was sent.
    NotSent(T),
    /// The connection failed after the request was sent at least in part. Whether the service has acted is unknown.
    Transport(T),
    /// The service's response is not what the operation promises. The service may have acted.
    Decode(DecodeError),
    /// What the service has is not what was sent, or it did not say what it has. An archive may exist: its id is in the error.
    TreeHashMismatch(TreeHashMismatch),
    /// The service returned an error.
    Service(ServiceError),
}

impl<T> Error<T> {
    /// The same error in a place where a body may fail too.
    #[must_use]
    pub fn widen<S>(self) -> Error<T, S> {
        match self {
            Error::Encode(error) => Error::Encode(error),
            Error::Credentials(error) => Error::Credentials(error),
            Error::ClockNotSet => Error::ClockNotSet,
            Error::Source(SourceError::Ended { size, got }) => Error::Source(SourceError::Ended { size, got }),
            Error::Source(SourceError::Read(never)) => match never {},
            Error::NotSent(error) => Error::NotSent(error),
            Error::Transport(error) => Error::Transport(error),
            Error::Decode(error) => Error::Decode(error),
            Error::TreeHashMismatch(error) => Error::TreeHashMismatch(error),
            Error::Service(error) => Error::Service(error),
        }
    }
}

impl<T, S> From<DecodeError> for Error<T, S> {
    fn from(error: DecodeError) -> Self {
        Error::Decode(error)
    }
}

impl<T, S> From<TreeHashMismatch> for Error<T, S> {
    fn from(error: TreeHashMismatch) -> Self {
        Error::TreeHashMismatch(error)
    }
}

impl<T: fmt::Display, S: fmt::Display> fmt::Display for Error<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Encode(error) => error.fmt(f),
            Error::Credentials(error) => error.fmt(f),
            Error::ClockNotSet => f.write_str("the clock is not set, and requests are signed with the time: set it first"),
            Error::Source(error) => error.fmt(f),
            Error::NotSent(error) => write!(f, "the request was not sent: {error}"),
            Error::Transport(error) => write!(f, "no response from the service: {error}"),
            Error::Decode(error) => error.fmt(f),
            Error::TreeHashMismatch(error) => error.fmt(f),
            Error::Service(error) => error.fmt(f),
        }
    }
}

impl<T: core::error::Error + 'static, S: core::error::Error + 'static> core::error::Error for Error<T, S> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(match self {
            Error::Encode(error) => error,
            Error::Credentials(error) => error,
            Error::ClockNotSet => return None,
            Error::Source(error) => error,
            Error::NotSent(error) | Error::Transport(error) => error,
            Error::Decode(error) => error,
            Error::TreeHashMismatch(error) => error,
            Error::Service(error) => error,
        })
    }
}

/// So that a [`Download`](crate::Download) is a [`Read`](embedded_io_async::Read): the transport's kind, or `Other`.
impl<T: embedded_io_async::Error + 'static, S: core::error::Error + 'static> embedded_io_async::Error for Error<T, S> {
    fn kind(&self) -> embedded_io_async::ErrorKind {
        match self {
            Error::NotSent(error) | Error::Transport(error) => error.kind(),
            _ => embedded_io_async::ErrorKind::Other,
        }
    }
}
