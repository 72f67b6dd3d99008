//! The errors inside a call, before they are reported to the caller.

use core::convert::Infallible;

use super::error::Error;
use crate::body::SourceError;
use crate::transport::SendError;
use crate::values::NoCredentials;
use crate::wire::{DecodeError, EncodeError};

/// An [`Error`] except the service error, which inside a call is a response like any other.
///
/// A service error carries some 300 bytes of text. This is a tenth of it, as it is passed up through one frame after another, and on a
/// device each frame with room for an error is stack.
#[derive(Debug)]
pub(crate) enum CallError<T, S = Infallible> {
    Encode(EncodeError),
    Credentials(NoCredentials),
    ClockNotSet,
    Source(SourceError<S>),
    NotSent(T),
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
            CallError::NotSent(error) => CallError::NotSent(error),
            CallError::Transport(error) => CallError::Transport(error),
            CallError::Decode(error) => CallError::Decode(error),
        }
    }

    /// The same as an error of a step before the operation: nothing of the operation itself was sent.
    pub(crate) fn before_sending(self) -> Self {
        match self {
            CallError::Transport(error) => CallError::NotSent(error),
            other => other,
        }
    }
}

impl<T, S> From<CallError<T, S>> for Error<T, S> {
    fn from(error: CallError<T, S>) -> Self {
        match error {
            CallError::Encode(error) => Error::Encode(error),
            CallError::Credentials(error) => Error::Credentials(error),
            CallError::ClockNotSet => Error::ClockNotSet,
            CallError::Source(error) => Error::Source(error),
            CallError::NotSent(error) => Error::NotSent(error),
            CallError::Transport(error) => Error::Transport(error),
            CallError::Decode(error) => Error::Decode(error),
        }
    }
}

impl<T, S> From<SendError<T, SourceError<S>>> for CallError<T, S> {
    fn from(error: SendError<T, SourceError<S>>) -> Self {
        match error {
            SendError::NotSent(error) => CallError::NotSent(error),
            SendError::Transport(error) => CallError::Transport(error),
            SendError::Source(error) => CallError::Source(error),
            SendError::Head(error) => CallError::Decode(DecodeError::Head(error)),
        }
    }
}
