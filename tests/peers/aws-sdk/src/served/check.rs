//! What a case expects.

use std::error::Error;
use std::fmt::Debug;
use std::panic::Location;

use aws_sdk_glacier::config::http::HttpResponse;
use aws_sdk_glacier::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_glacier::operation::RequestId;

pub(super) type Failure = Box<dyn Error + Send + Sync>;
pub(super) type Outcome = Result<(), Failure>;

// Statuses and codes of errors.
pub(super) const ABSENT: (u16, &str) = (404, "ResourceNotFoundException");
pub(super) const DENIED: (u16, &str) = (403, "AccessDeniedException");
pub(super) const INVALID: (u16, &str) = (400, "InvalidParameterValueException");
pub(super) const LIMIT: (u16, &str) = (400, "LimitExceededException");
pub(super) const MISSING: (u16, &str) = (400, "MissingParameterValueException");

#[track_caller]
pub(super) fn equal<T: PartialEq + Debug>(got: T, wanted: T, what: &str) -> Outcome {
    if got == wanted { Ok(()) } else { Err(format!("{}: {what}: got {got:?}, wanted {wanted:?}", Location::caller()).into()) }
}

/// A call must have failed with this status and this code, a message and a request id.
#[track_caller]
pub(super) fn fails<T, E>(outcome: Result<T, SdkError<E>>, (status, code): (u16, &str)) -> Outcome
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    SdkError<E>: RequestId,
{
    let Err(error) = outcome else {
        return Err(format!("{}: a call succeeded that should end with {code}", Location::caller()).into());
    };
    let shown = DisplayErrorContext(&error).to_string();
    let got = error.raw_response().map(|response: &HttpResponse| response.status().as_u16());
    equal((got, error.code()), (Some(status), Some(code)), &shown)?;
    equal(error.message().is_none_or(str::is_empty), false, "an error without a message")?;
    equal(error.request_id().is_none(), false, "an error without a request id")
}

/// What a member of an output must have.
pub(super) fn some<T>(member: Option<T>, name: &str) -> Result<T, Failure> {
    member.ok_or_else(|| format!("{name} is absent").into())
}
