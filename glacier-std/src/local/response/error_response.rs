//! Service errors as responses: the status of each code, and the error body.

use glacier_core::ErrorCode;
use serde::{Deserialize, Serialize};

use super::response::LocalResponse;
use crate::local::model::{ApiError, SignedTexts};

/// The header with the code.
const ERROR_TYPE: &str = "x-amzn-ErrorType";

/// The error body (section 2 of the API reference).
#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    message: &'a str,
    r#type: &'a str,
    /// This service's own, and last, as a client may read only the beginning.
    #[serde(flatten)]
    signed: Option<SignedBody<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignedBody<'a> {
    canonical_request: &'a str,
    string_to_sign: &'a str,
}

impl LocalResponse {
    /// A service error.
    pub(crate) fn error(error: &ApiError) -> Self {
        let status = status(error.code);
        // The one error whose code the API does not list.
        let code = error.code.name().unwrap_or("NotImplementedException");
        let signed = error.signed.as_deref().map(|texts| {
            let SignedTexts { canonical_request, string_to_sign } = texts;
            SignedBody { canonical_request, string_to_sign }
        });
        LocalResponse::error_body(status, code, &error.message, signed)
    }

    /// A service error with a status and a code that the API need not have.
    pub(crate) fn other_error(status: u16, code: &str, message: &str) -> Self {
        LocalResponse::error_body(status, code, message, None)
    }

    fn error_body(status: u16, code: &str, message: &str, signed: Option<SignedBody<'_>>) -> Self {
        let body = ErrorBody { code, message, r#type: if status < 500 { "Client" } else { "Server" }, signed };
        // Texts can always be written as JSON; if not, an empty body still has the code in its header.
        LocalResponse::json(status, serde_json::to_vec(&body).unwrap_or_default()).with(ERROR_TYPE, code)
    }

    /// Code and message, if it is a service error.
    pub(crate) fn error_texts(&self) -> Option<(String, String)> {
        let (_, code) = self.headers().find(|(name, _)| *name == ERROR_TYPE)?;
        let ErrorText { message } = serde_json::from_slice(self.at_hand()).unwrap_or_default();
        Some((code.to_owned(), message))
    }
}

/// What is read back of an error body.
#[derive(Default, Deserialize)]
struct ErrorText {
    message: String,
}

fn status(code: ErrorCode) -> u16 {
    match code {
        ErrorCode::AccessDenied | ErrorCode::ExpiredToken | ErrorCode::InvalidSignature => 403,
        ErrorCode::ResourceNotFound => 404,
        ErrorCode::RequestTimeout => 408,
        ErrorCode::ServiceUnavailable => 500,
        ErrorCode::Unknown => 501,
        ErrorCode::InsufficientCapacity => 503,
        _ => 400,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn errors_have_the_services_status_and_body() {
        let texts = SignedTexts { canonical_request: "GET\n/".into(), string_to_sign: "A\nB".into() };
        for (error, status, expected) in [
            (
                ApiError::not_found("Vault not found for ARN: a"),
                404,
                r#"{"code":"ResourceNotFoundException","message":"Vault not found for ARN: a","type":"Client"}"#,
            ),
            (ApiError::unavailable("full"), 500, r#"{"code":"ServiceUnavailableException","message":"full","type":"Server"}"#),
            (
                ApiError::not_implemented("FreezeVault"),
                501,
                r#"{"code":"NotImplementedException","message":"FreezeVault is not implemented by this local vault","type":"Server"}"#,
            ),
            (ApiError::invalid("x"), 400, r#"{"code":"InvalidParameterValueException","message":"x","type":"Client"}"#),
            (
                ApiError::new(ErrorCode::InvalidSignature, "s"),
                403,
                r#"{"code":"InvalidSignatureException","message":"s","type":"Client"}"#,
            ),
            (
                ApiError { signed: Some(Box::new(texts)), ..ApiError::new(ErrorCode::InvalidSignature, "s") },
                403,
                r#"{"code":"InvalidSignatureException","message":"s","type":"Client","canonicalRequest":"GET\n/","stringToSign":"A\nB"}"#,
            ),
        ] {
            let response = LocalResponse::error(&error);
            let code = error.code.name().unwrap_or("NotImplementedException");
            assert_eq!(response.status(), status);
            assert!(response.headers().any(|header| header == ("x-amzn-ErrorType", code)), "{response:?}");
            let mut body = [0; 200];
            let length = response.into_body().read_chunk(&mut body).await.unwrap();
            assert_eq!(std::str::from_utf8(&body[..length]), Ok(expected));
        }
    }
}
