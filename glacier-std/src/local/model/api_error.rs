//! A service error as the vault raises it: code and message. The HTTP status and the error body are made in `response`.

use glacier_core::ErrorCode;

/// Why the service does not do what a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    /// Only where a signature does not match, and only for a peer that may see it.
    pub(crate) signed: Option<Box<SignedTexts>>,
}

/// What a signature was computed over by the service, for comparison with what the client signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedTexts {
    pub(crate) canonical_request: String,
    pub(crate) string_to_sign: String,
}

impl ApiError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        ApiError { code, message: message.into(), signed: None }
    }

    /// A parameter has a value that is not allowed.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        ApiError::new(ErrorCode::InvalidParameterValue, message)
    }

    /// A required header or parameter is absent.
    pub(crate) fn missing(name: &str) -> Self {
        ApiError::new(ErrorCode::MissingParameterValue, format!("Required parameter missing: {name}"))
    }

    /// The vault, archive, upload or job does not exist.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        ApiError::new(ErrorCode::ResourceNotFound, message)
    }

    /// An operation of the API that this service does not have yet. Its code is not one of the API's.
    pub(crate) fn not_implemented(operation: &str) -> Self {
        ApiError::new(ErrorCode::Unknown, format!("{operation} is not implemented by this local vault"))
    }

    /// The service failed, through no fault of the request.
    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        ApiError::new(ErrorCode::ServiceUnavailable, message)
    }
}
