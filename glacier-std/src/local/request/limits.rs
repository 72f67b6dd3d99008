//! Limits of a request, checked before anything is computed from it: what strangers send must not cost more than what the service
//! understands.

use glacier_core::{ErrorCode, Request};

use super::authorization::signed_header_counts;
use crate::local::model::ApiError;

/// Segments of a path; the longest of the API has 6.
const MAX_SEGMENTS: usize = 16;
/// Parameters in the query; a presigned URL of the operation with the most has 11.
const MAX_PARAMETERS: usize = 32;
/// Headers, and names of signed headers.
const MAX_HEADERS: usize = 64;

/// Checks the number of segments, parameters and headers.
pub(crate) fn check_limits(request: &Request<'_>) -> Result<(), ApiError> {
    let path = request.path.strip_prefix('/').unwrap_or(request.path);
    at_most(MAX_SEGMENTS, path.split('/').count(), "path has", "segments")?;
    at_most(MAX_PARAMETERS, request.query.split('&').count(), "query has", "parameters")?;
    at_most(MAX_HEADERS, request.headers.len(), "request has", "headers besides Host")?;
    at_most(MAX_HEADERS, signed_header_counts(request).max().unwrap_or(0), "request has", "signed headers")
}

fn at_most(limit: usize, count: usize, has: &str, what: &str) -> Result<(), ApiError> {
    if count <= limit {
        return Ok(());
    }
    let message = format!("A {has} at most {limit} {what}; this one has {count}: send only those that the operation needs");
    Err(ApiError::new(ErrorCode::BadRequest, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::Method;

    fn check(path: &str, query: &str, headers: &[(&str, &str)]) -> Result<(), String> {
        let request = Request { method: Method::Get, host: "h", path, query, headers };
        check_limits(&request).map_err(|error| {
            assert_eq!(error.code, ErrorCode::BadRequest);
            error.message
        })
    }

    #[test]
    fn the_limits_are_allowed_and_one_more_is_not() {
        let path = |count| "/s".repeat(count);
        let query = |count| vec!["b"; count].join("&");
        let headers = |count| vec![("accept", "*/*"); count];
        let signed = |count| format!("AWS4-HMAC-SHA256 Credential=c, SignedHeaders={}, Signature=s", vec!["host"; count].join(";"));
        assert_eq!(check(&path(16), &query(32), &headers(64)), Ok(()));
        assert_eq!(check("/", "", &[("authorization", &signed(64))]), Ok(()));
        for (error, words) in [
            (check(&path(17), "", &[]), "at most 16 segments; this one has 17"),
            (check("/", &query(33), &[]), "at most 32 parameters; this one has 33"),
            (check("/", &"b&a&".repeat(8192), &[]), "at most 32 parameters; this one has 16385"),
            (check("/", "", &headers(65)), "at most 64 headers besides Host; this one has 65"),
            (
                check("/", &format!("X-Amz-SignedHeaders={}", vec!["host"; 65].join("%3B")), &[]),
                "at most 64 signed headers; this one has 65",
            ),
            (check("/", "", &[("Authorization", &signed(65))]), "at most 64 signed headers; this one has 65"),
        ] {
            let message = error.unwrap_err();
            assert!(message.contains(words), "{message}");
        }
    }
}
