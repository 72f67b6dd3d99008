//! What kind of answer an operation has. Each operation implements [`Encode`] and one of these, or [`List`](crate::List).

use crate::encode::Encode;
use crate::error::DecodeError;
use crate::response::FromResponse;

/// An operation whose answer fits the caller's buffer: nothing, headers, or one object.
pub trait Operation: Encode {
    /// The answer, borrowed from the buffer.
    type Answer<'b>: FromResponse<'b>;
}

/// An operation that sends a body from a [`Source`](crate::Source).
pub trait Upload: Encode {
    /// The answer, borrowed from the buffer.
    type Answer<'b>: FromResponse<'b>;

    /// Compares what the service says it has with what was sent.
    ///
    /// # Errors
    /// [`DecodeError::TreeHashMismatch`] when the service's tree hash is another than ours.
    fn check(&self, answer: &Self::Answer<'_>) -> Result<(), DecodeError>;
}

/// An operation whose answer is a stream of any length.
pub trait Fetch: Encode {}
