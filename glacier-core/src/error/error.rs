//! What can go wrong, and what to do about it.

use core::convert::Infallible;
use core::fmt;

use crate::body::SourceError;
use crate::response::ServiceError;
use crate::values::NoCredentials;
use crate::wire::{DecodeError, EncodeError};

/// Why a call failed. `T` is the transport's error, `S` that of the body's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<T, S = Infallible> {
    /// The request could not be made; nothing was sent.
    Encode(EncodeError),
    /// There are no credentials; nothing was sent.
    Credentials(NoCredentials),
    /// The clock is not set, so nothing can be signed, and the service has not told the time either. No signed request was sent.
    ClockNotSet,
    /// The body could not be read; nothing became an archive.
    Source(SourceError<S>),
    /// The way to the service or back failed. Whether the service has acted is unknown.
    Transport(T),
    /// The service answered, and the answer is not what was expected. The service may have acted.
    Decode(DecodeError),
    /// The service refused.
    Service(ServiceError),
}

impl<T> Error<T> {
    /// The same error in a place where a body may fail too.
    pub fn widen<S>(self) -> Error<T, S> {
        match self {
            Error::Encode(error) => Error::Encode(error),
            Error::Credentials(error) => Error::Credentials(error),
            Error::ClockNotSet => Error::ClockNotSet,
            Error::Source(SourceError::Ended { size, got }) => Error::Source(SourceError::Ended { size, got }),
            Error::Source(SourceError::Read(never)) => match never {},
            Error::Transport(error) => Error::Transport(error),
            Error::Decode(error) => Error::Decode(error),
            Error::Service(service_error) => Error::Service(service_error),
        }
    }
}

impl<T, S> From<DecodeError> for Error<T, S> {
    fn from(error: DecodeError) -> Self {
        Error::Decode(error)
    }
}

impl<T: fmt::Display, S: fmt::Display> fmt::Display for Error<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Encode(error) => error.fmt(f),
            Error::Credentials(error) => error.fmt(f),
            Error::ClockNotSet => f.write_str("the clock is not set, and requests are signed with the time: set it first"),
            Error::Source(error) => error.fmt(f),
            Error::Transport(error) => write!(f, "no answer from the service: {error}"),
            Error::Decode(error) => error.fmt(f),
            Error::Service(service_error) => service_error.fmt(f),
        }
    }
}

impl<T: core::error::Error, S: core::error::Error> core::error::Error for Error<T, S> {}

/// So that a [`Download`](crate::Download) is a [`Read`](embedded_io_async::Read): the transport's kind, or `Other`.
impl<T: embedded_io_async::Error, S: core::error::Error> embedded_io_async::Error for Error<T, S> {
    fn kind(&self) -> embedded_io_async::ErrorKind {
        match self {
            Error::Transport(error) => error.kind(),
            _ => embedded_io_async::ErrorKind::Other,
        }
    }
}
