//! What goes wrong inside a call, before it is told to the caller.

use core::convert::Infallible;

use super::error::Error;
use crate::body::SourceError;
use crate::transport::SendError;
use crate::values::NoCredentials;
use crate::wire::{DecodeError, EncodeError};

/// An [`Error`] but for a refusal, which inside a call is an answer like any other.
///
/// A refusal brings some 300 bytes of the service's words. This is a tenth of it, as it is handed up through one frame after another,
/// and on a device each frame with room for an error is stack.
#[derive(Debug)]
pub(crate) enum CallError<T, S = Infallible> {
    Encode(EncodeError),
    Credentials(NoCredentials),
    ClockNotSet,
    Source(SourceError<S>),
    Transport(T),
    Decode(DecodeError),
}

impl<T> CallError<T> {
    /// The same in a call whose body may fail too.
    pub(crate) fn widen<S>(self) -> CallError<T, S> {
        match self {
            CallError::Encode(error) => CallError::Encode(error),
            CallError::Credentials(error) => CallError::Credentials(error),
            CallError::ClockNotSet => CallError::ClockNotSet,
            CallError::Source(SourceError::Ended { size, got }) => CallError::Source(SourceError::Ended { size, got }),
            CallError::Source(SourceError::Read(never)) => match never {},
            CallError::Transport(error) => CallError::Transport(error),
            CallError::Decode(error) => CallError::Decode(error),
        }
    }
}

impl<T, S> From<CallError<T, S>> for Error<T, S> {
    fn from(fault: CallError<T, S>) -> Self {
        match fault {
            CallError::Encode(error) => Error::Encode(error),
            CallError::Credentials(error) => Error::Credentials(error),
            CallError::ClockNotSet => Error::ClockNotSet,
            CallError::Source(error) => Error::Source(error),
            CallError::Transport(error) => Error::Transport(error),
            CallError::Decode(error) => Error::Decode(error),
        }
    }
}

impl<T, S> From<SendError<T, SourceError<S>>> for CallError<T, S> {
    fn from(error: SendError<T, SourceError<S>>) -> Self {
        match error {
            SendError::Transport(error) => CallError::Transport(error),
            SendError::Source(error) => CallError::Source(error),
            SendError::Head(error) => CallError::Decode(DecodeError::Head(error)),
        }
    }
}
