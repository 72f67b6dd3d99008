//! The service errors for signatures.

use glacier_core::ErrorCode;

use crate::local::model::ApiError;

/// The signature is not valid for the request.
pub(super) fn signature_error(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidSignature, message)
}

/// The request does not have the form of a signed one.
pub(super) fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, message)
}
