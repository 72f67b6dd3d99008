//! Who signs a request, and when: the `Authorization` header and the date.

use glacier_core::{ErrorCode, Request, Timestamp};

use crate::local::model::ApiError;

/// The largest difference between the time of a request and the service's, in seconds.
const MAX_SKEW: u64 = 15 * 60;

/// What the `Authorization` header says.
pub(super) struct Authorization<'r> {
    pub(super) access_key: &'r str,
    /// `YYYYMMDD`
    pub(super) day: &'r str,
    pub(super) region: &'r str,
    pub(super) service: &'r str,
    pub(super) signed_headers: &'r str,
    pub(super) signature: &'r str,
}

/// A header's value; the first one when it is repeated. Names are case-insensitive.
pub(super) fn header<'r>(request: &Request<'r>, name: &str) -> Option<&'r str> {
    request.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// The signature is not valid for the request.
pub(super) fn signature_error(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidSignature, message)
}

/// Reads the `Authorization` header.
pub(super) fn authorization<'r>(request: &Request<'r>) -> Result<Authorization<'r>, ApiError> {
    let missing = || ApiError::new(ErrorCode::MissingAuthenticationToken, "Missing Authentication Token");
    let rest = header(request, "authorization").and_then(|text| text.strip_prefix("AWS4-HMAC-SHA256 ")).ok_or_else(missing)?;
    let part = |name: &str| {
        let mut parts = rest.split(',').filter_map(|part| part.trim().split_once('='));
        let value = parts.find(|(of, _)| *of == name).map(|(_, value)| value);
        value.ok_or_else(|| signature_error(format!("Authorization header requires '{name}' parameter.")))
    };
    let credential = part("Credential")?;
    let [access_key, day, region, service, "aws4_request"] = credential.split('/').collect::<Vec<_>>()[..] else {
        return Err(signature_error("Credential must have the form ACCESS_KEY_ID/YYYYMMDD/REGION/glacier/aws4_request."));
    };
    Ok(Authorization { access_key, day, region, service, signed_headers: part("SignedHeaders")?, signature: part("Signature")? })
}

/// The time that the request is signed for; `x-amz-date` takes precedence over `Date`.
pub(super) fn date(request: &Request<'_>, authorization: &Authorization<'_>) -> Result<Timestamp, ApiError> {
    let text = header(request, "x-amz-date").or_else(|| header(request, "date"));
    let text =
        text.ok_or_else(|| signature_error("Authorization requires an 'X-Amz-Date' or a 'Date' header in ISO 8601 basic form."))?;
    let date = Timestamp::parse_iso(text)
        .ok_or_else(|| signature_error(format!("The date {text} does not have the form YYYYMMDDTHHMMSSZ.")))?;
    if !text.starts_with(authorization.day) {
        let day = authorization.day;
        return Err(signature_error(format!(
            "Date in Credential scope does not match the date of the request: '{day}' against '{text}'."
        )));
    }
    Ok(date)
}

/// The request must be signed for a time within 15 minutes of `now`.
pub(super) fn check_skew(date: Timestamp, now: Timestamp) -> Result<(), ApiError> {
    let at = |seconds: u64| basic(Timestamp::from_unix(seconds));
    if date.unix() + MAX_SKEW < now.unix() {
        let earliest = at(now.unix() - MAX_SKEW);
        return Err(signature_error(format!(
            "Signature expired: {} is now earlier than {earliest} ({} - 15 min.)",
            basic(date),
            basic(now)
        )));
    }
    if date.unix() > now.unix() + MAX_SKEW {
        let latest = at(now.unix() + MAX_SKEW);
        return Err(signature_error(format!(
            "Signature not yet current: {} is still later than {latest} ({} + 15 min.)",
            basic(date),
            basic(now)
        )));
    }
    Ok(())
}

/// `YYYYMMDDTHHMMSSZ`
fn basic(moment: Timestamp) -> String {
    moment.to_string().replace(['-', ':'], "")
}
