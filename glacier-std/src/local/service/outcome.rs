//! What becomes of a request.

use crate::local::response::LocalResponse;

/// What becomes of a request. Without a [fault script](crate::local::FaultScript) it is a response.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub enum Outcome {
    /// A response. Its body may break off.
    Response(LocalResponse),
    /// The connection is reset.
    Reset,
    /// The connection ends without a response. The request may have been done all the same.
    Ended,
    /// Nothing comes, for ever: it is up to the client to give up.
    Stall,
}

impl Outcome {
    /// The response, if there is one.
    pub fn into_response(self) -> Option<LocalResponse> {
        match self {
            Outcome::Response(response) => Some(response),
            Outcome::Reset | Outcome::Ended | Outcome::Stall => None,
        }
    }
}
