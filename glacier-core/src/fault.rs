//! What goes wrong inside a call, before it is told to the caller.

use core::convert::Infallible;

use crate::credentials::NoCredentials;
use crate::error::{DecodeError, EncodeError, Error};
use crate::source::SourceError;
use crate::transport::SendError;

/// An [`Error`] but for a refusal, which inside a call is an answer like any other.
///
/// A refusal brings some 300 bytes of the service's words. This is a tenth of it, as it is handed up through one frame after another,
/// and on a device each frame with room for an error is stack.
#[derive(Debug)]
pub(crate) enum Fault<T, S = Infallible> {
    Encode(EncodeError),
    Credentials(NoCredentials),
    ClockNotSet,
    Source(SourceError<S>),
    Transport(T),
    Decode(DecodeError),
}

impl<T> Fault<T> {
    /// The same in a call whose body may fail too.
    pub(crate) fn widen<S>(self) -> Fault<T, S> {
        match self {
            Fault::Encode(error) => Fault::Encode(error),
            Fault::Credentials(error) => Fault::Credentials(error),
            Fault::ClockNotSet => Fault::ClockNotSet,
            Fault::Source(SourceError::Ended { size, got }) => Fault::Source(SourceError::Ended { size, got }),
            Fault::Source(SourceError::Read(never)) => match never {},
            Fault::Transport(error) => Fault::Transport(error),
            Fault::Decode(error) => Fault::Decode(error),
        }
    }
}

impl<T, S> From<Fault<T, S>> for Error<T, S> {
    fn from(fault: Fault<T, S>) -> Self {
        match fault {
            Fault::Encode(error) => Error::Encode(error),
            Fault::Credentials(error) => Error::Credentials(error),
            Fault::ClockNotSet => Error::ClockNotSet,
            Fault::Source(error) => Error::Source(error),
            Fault::Transport(error) => Error::Transport(error),
            Fault::Decode(error) => Error::Decode(error),
        }
    }
}

impl<T, S> From<SendError<T, SourceError<S>>> for Fault<T, S> {
    fn from(error: SendError<T, SourceError<S>>) -> Self {
        match error {
            SendError::Transport(error) => Fault::Transport(error),
            SendError::Source(error) => Fault::Source(error),
            SendError::Head(error) => Fault::Decode(DecodeError::Head(error)),
        }
    }
}
