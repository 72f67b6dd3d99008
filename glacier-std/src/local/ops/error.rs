//! Why an operation failed.

use std::io;

use crate::local::model::ApiError;
use crate::local::store::{StoreError, TransactionError};

/// An operation failed.
#[derive(Debug)]
pub(crate) enum OperationError {
    /// A service error: the request cannot be done.
    Api(ApiError),
    /// The service could not do it.
    Store(StoreError),
}

impl OperationError {
    /// As a service error. This is the one place where a failure of the store becomes one.
    pub(crate) fn into_api_error(self) -> ApiError {
        match self {
            OperationError::Api(error) => error,
            OperationError::Store(error) => ApiError::unavailable(error.to_string()),
        }
    }
}

impl From<ApiError> for OperationError {
    fn from(error: ApiError) -> Self {
        OperationError::Api(error)
    }
}

impl From<StoreError> for OperationError {
    fn from(error: StoreError) -> Self {
        OperationError::Store(error)
    }
}

impl From<io::Error> for OperationError {
    fn from(error: io::Error) -> Self {
        OperationError::Store(error.into())
    }
}

impl TransactionError for OperationError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            OperationError::Api(_) => None,
            OperationError::Store(error) => Some(error),
        }
    }
}

/// An upload failed.
#[derive(Debug)]
pub(crate) enum UploadError<E> {
    Operation(OperationError),
    /// The body could not be read, so there is nobody to respond to.
    Body(E),
}

impl<B, E: Into<OperationError>> From<E> for UploadError<B> {
    fn from(error: E) -> Self {
        UploadError::Operation(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::ErrorCode;

    #[test]
    fn a_failure_of_the_store_is_not_an_error_of_the_request() {
        let error = OperationError::from(ApiError::unavailable("no random bytes"));
        assert!(error.store_error().is_none(), "a status does not make it a failure of the store");
        let failed = OperationError::from(io::Error::from(io::ErrorKind::StorageFull));
        assert!(failed.store_error().is_some());
        let error = failed.into_api_error();
        assert_eq!(error.code, ErrorCode::ServiceUnavailable);
        assert!(error.message.contains("is full"), "{error:?}");
    }
}
