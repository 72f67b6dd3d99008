//! Refusals: the service's error codes, their statuses, and the texts it uses.

use std::io;

use glacier_core::ErrorCode;
use serde::Serialize;

/// Why a request is not done. It becomes an answer with the service's error body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// The error body (section 2 of the API reference).
#[derive(Serialize)]
pub(super) struct ErrorBody<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
}

impl Refused {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Refused { status: status(code), code: code.name().unwrap_or("BadRequest"), message: message.into() }
    }

    /// 400: a parameter is wrong.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Refused::new(ErrorCode::InvalidParameterValue, message)
    }

    /// 400: a header or parameter is absent.
    pub(super) fn missing(name: &str) -> Self {
        Refused::new(ErrorCode::MissingParameterValue, format!("Required parameter missing: {name}"))
    }

    /// 404: the vault, archive, upload or job does not exist.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Refused::new(ErrorCode::ResourceNotFound, message)
    }

    /// 500: the service cannot do it now.
    pub(super) fn unavailable(message: impl Into<String>) -> Self {
        Refused::new(ErrorCode::ServiceUnavailable, message)
    }

    pub(super) fn is_unavailable(&self) -> bool {
        self.status == 500
    }

    pub(super) fn body(&self) -> ErrorBody<'_> {
        let kind = if self.status < 500 { "Client" } else { "Server" };
        ErrorBody { code: self.code, message: &self.message, kind }
    }
}

fn status(code: ErrorCode) -> u16 {
    match code {
        ErrorCode::AccessDenied | ErrorCode::ExpiredToken | ErrorCode::InvalidSignature => 403,
        ErrorCode::ResourceNotFound => 404,
        ErrorCode::RequestTimeout => 408,
        ErrorCode::ServiceUnavailable => 500,
        ErrorCode::InsufficientCapacity => 503,
        _ => 400,
    }
}

/// The disk failed, or is full. What was staged is removed by its owner; the service goes on.
impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Refused::unavailable(format!(
                "The disk that holds the archives is full ({error}): nothing was stored; make room and try again"
            )),
            _ => Refused::unavailable(format!("The disk that holds the archives failed: {error}")),
        }
    }
}

impl From<redb::Error> for Refused {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Io(error) => error.into(),
            error => Refused::unavailable(format!("The store of the archives failed: {error}")),
        }
    }
}

impl From<redb::TransactionError> for Refused {
    fn from(error: redb::TransactionError) -> Self {
        redb::Error::from(error).into()
    }
}

impl From<redb::TableError> for Refused {
    fn from(error: redb::TableError) -> Self {
        redb::Error::from(error).into()
    }
}

impl From<redb::StorageError> for Refused {
    fn from(error: redb::StorageError) -> Self {
        redb::Error::from(error).into()
    }
}

impl From<redb::CommitError> for Refused {
    fn from(error: redb::CommitError) -> Self {
        redb::Error::from(error).into()
    }
}

/// A record that cannot be read: written by something else, or damaged.
impl From<serde_json::Error> for Refused {
    fn from(error: serde_json::Error) -> Self {
        Refused::unavailable(format!("A record of the store cannot be read: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_shape() {
        let refused = Refused::not_found("Vault not found for ARN: a");
        assert_eq!(refused.status, 404);
        let body = serde_json::to_string(&refused.body()).unwrap();
        assert_eq!(body, r#"{"code":"ResourceNotFoundException","message":"Vault not found for ARN: a","type":"Client"}"#);
        let full = Refused::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!((full.status, full.code), (500, "ServiceUnavailableException"));
        assert!(full.message.contains("is full") && serde_json::to_string(&full.body()).unwrap().contains("Server"));
    }
}
