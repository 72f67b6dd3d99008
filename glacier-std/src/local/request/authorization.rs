//! Who signs a request, and when: the `Authorization` header and the date.

use glacier_core::{ErrorCode, Request, Timestamp};

use crate::local::model::ApiError;

/// The largest difference between the time of a request and the service's, in seconds.
const MAX_SKEW: u64 = 15 * 60;

/// The one algorithm, and the space after it.
const ALGORITHM: &str = "AWS4-HMAC-SHA256 ";

/// What the `Authorization` header says.
#[derive(Clone, Copy)]
pub(super) struct Authorization<'r> {
    pub(super) access_key: &'r str,
    /// `YYYYMMDD`
    pub(super) day: &'r str,
    pub(super) region: &'r str,
    pub(super) service: &'r str,
    pub(super) signed_headers: &'r str,
    pub(super) signature: &'r str,
}

/// A header's value; no header that is asked for here occurs twice. Names are case-insensitive.
pub(super) fn header<'r>(request: &Request<'r>, name: &str) -> Option<&'r str> {
    request.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// The signature is not valid for the request.
pub(super) fn signature_error(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidSignature, message)
}

/// The header does not have the form of a signature.
fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, message)
}

/// The names of the signed headers in an `Authorization` header, with `;` between them; of each list, if there are several, all but the
/// first are left to [`authorization`].
pub(super) fn signed_names(value: &str) -> Option<&str> {
    parts(value).find(|(name, _)| *name == "SignedHeaders").map(|(_, names)| names)
}

/// Names and values of an `Authorization` header, after the algorithm.
fn parts(value: &str) -> impl Iterator<Item = (&str, &str)> {
    let rest = value.trim().strip_prefix(ALGORITHM).unwrap_or_default();
    rest.split(',').map(|part| part.trim().split_once('=').unwrap_or((part, "")))
}

/// Reads the `Authorization` header.
pub(super) fn authorization<'r>(request: &Request<'r>) -> Result<Authorization<'r>, ApiError> {
    let missing = || ApiError::new(ErrorCode::MissingAuthenticationToken, "Missing Authentication Token");
    let value = header(request, "authorization").filter(|text| text.starts_with(ALGORITHM)).ok_or_else(missing)?;
    let part = |name: &str| {
        let mut values = parts(value).filter(|(of, _)| *of == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value),
            (None, _) => Err(malformed(format!("Authorization header requires '{name}' parameter."))),
            _ => Err(malformed(format!("Authorization header has more than one '{name}' parameter."))),
        }
    };
    let credential = part("Credential")?;
    let [access_key, day, region, service, "aws4_request"] = credential.split('/').collect::<Vec<_>>()[..] else {
        return Err(malformed("Credential must have the form ACCESS_KEY_ID/YYYYMMDD/REGION/glacier/aws4_request."));
    };
    if day.len() != 8 || !day.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed(format!("The day in Credential has the form YYYYMMDD, which '{day}' has not.")));
    }
    if !is_region(region) {
        return Err(malformed(format!("The region in Credential has 1 to 48 characters of a-z 0-9 and -; '{region}' is none.")));
    }
    Ok(Authorization { access_key, day, region, service, signed_headers: part("SignedHeaders")?, signature: part("Signature")? })
}

/// Any region is served, but it is part of ARNs, so it must look like one.
fn is_region(region: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    region.len() <= 48 && region.split('-').all(|word| !word.is_empty() && word.bytes().all(is_word))
}

/// The time that the request is signed for; `x-amz-date` takes precedence over `Date`.
pub(super) fn date(request: &Request<'_>, authorization: &Authorization<'_>) -> Result<Timestamp, ApiError> {
    let text = header(request, "x-amz-date").or_else(|| header(request, "date"));
    let text =
        text.ok_or_else(|| signature_error("Authorization requires an 'X-Amz-Date' or a 'Date' header in ISO 8601 basic form."))?;
    // What is signed is the time in this one form.
    let date = Timestamp::parse_iso(text)
        .filter(|date| basic(*date) == text)
        .ok_or_else(|| signature_error(format!("The date {text} does not have the form YYYYMMDDTHHMMSSZ.")))?;
    let day = authorization.day;
    if text.get(..8) != Some(day) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::Method;

    fn read(credential: &str, date_header: (&str, &str)) -> Result<String, (ErrorCode, String)> {
        let value = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=00");
        let headers = [date_header, ("Authorization", value.as_str())];
        let request = Request { method: Method::Get, host: "h", path: "/", query: "", headers: &headers };
        let read = authorization(&request).and_then(|found| date(&request, &found).map(|_| found.region.to_owned()));
        read.map_err(|error| (error.code, error.message))
    }

    #[test]
    fn credentials_are_read_strictly() {
        let date = ("x-amz-date", "20120525T002453Z");
        assert_eq!(read("AK/20120525/us-gov-west-1/glacier/aws4_request", date), Ok("us-gov-west-1".into()));
        let long = format!("AK/20120525/{}/glacier/aws4_request", "r".repeat(49));
        for credential in [
            "AK//us-east-1/glacier/aws4_request",
            "AK/2012052/us-east-1/glacier/aws4_request",
            "AK/2/us-east-1/glacier/aws4_request",
            "AK/201205250/us-east-1/glacier/aws4_request",
            "AK/20120525T/us-east-1/glacier/aws4_request",
            "AK/20120525//glacier/aws4_request",
            "AK/20120525/US-EAST-1/glacier/aws4_request",
            "AK/20120525/us east/glacier/aws4_request",
            "AK/20120525/us--east/glacier/aws4_request",
            "AK/20120525/-/glacier/aws4_request",
            "AK/20120525/us:east/glacier/aws4_request",
            long.as_str(),
            "AK/20120525/us-east-1/glacier/aws4_request/",
            "AK/20120525/us-east-1/glacier/aws4_reques",
            "AK/20120525/us-east-1/glacier/AWS4_REQUEST",
            "AK/20120525/us-east-1/glacier",
            "AK/20120525/us-east-1/glacier/aws4_request, Credential=AK/20120525/us-east-1/glacier/aws4_request",
            "",
        ] {
            assert_eq!(read(credential, date).unwrap_err().0, ErrorCode::BadRequest, "{credential}");
        }
        // Well formed, and not of this request.
        let (code, message) = read("AK/20120526/us-east-1/glacier/aws4_request", date).unwrap_err();
        assert!(code == ErrorCode::InvalidSignature && message.contains("'20120526' against '20120525T002453Z'"), "{message}");
    }

    #[test]
    fn a_date_has_one_form() {
        let good = "AK/20120525/us-east-1/glacier/aws4_request";
        assert!(read(good, ("Date", "20120525T002453Z")).is_ok());
        for text in ["2012-05-25T00:24:53Z", "20120525", "20120525T002453", "20120525T002453.5Z", "Fri, 25 May 2012 00:24:53 GMT"] {
            let (code, message) = read(good, ("x-amz-date", text)).unwrap_err();
            assert!(code == ErrorCode::InvalidSignature && message.contains("does not have the form"), "{text}: {message}");
        }
    }
}
