//! Who signs a request, and when: what the `Authorization` header says, or the query of a presigned URL.

use glacier_core::{ErrorCode, Request};
use zeroize::Zeroizing;

use super::presigned::PresignedQuery;
use super::signature_errors::malformed;
use super::text::decode;
use crate::local::model::ApiError;

/// The one algorithm.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What a request says of its signature.
pub(super) struct Authorization {
    pub(super) form: Form,
    pub(super) access_key: String,
    /// `YYYYMMDD`
    pub(super) day: String,
    pub(super) region: String,
    pub(super) service: String,
    /// Names with `;` between them.
    pub(super) signed_headers: String,
    pub(super) signature: String,
    /// The time that it is signed for, as it is sent.
    pub(super) date: Option<String>,
    pub(super) session_token: Option<Zeroizing<String>>,
}

/// Where the signature is.
pub(super) enum Form {
    /// In the `Authorization` header.
    Header,
    /// In the query of a presigned URL, which is valid for this many seconds.
    Presigned { expires: u64 },
}

/// A header's value; no header that is asked for here occurs twice. Names are case-insensitive.
fn header<'r>(request: &Request<'r>, name: &str) -> Option<&'r str> {
    request.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// The numbers of signed headers that a request claims, in whichever form.
pub(super) fn signed_header_counts(request: &Request<'_>) -> impl Iterator<Item = usize> {
    let in_header = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let in_header = in_header.flat_map(|(_, value)| parts(value)).filter(|(name, _)| *name == "SignedHeaders");
    let in_query = PresignedQuery::pairs(request.query).filter(|(name, _)| name == "X-Amz-SignedHeaders");
    let count = |names: &str| names.split(';').count();
    in_header
        .map(move |(_, names)| count(names))
        .chain(in_query.map(move |(_, names)| decode(names).map_or(0, |names| count(&names))))
}

/// Names and values of an `Authorization` header, after the algorithm.
fn parts(value: &str) -> impl Iterator<Item = (&str, &str)> {
    let rest = value.trim().split_once(' ').map_or("", |(_, rest)| rest);
    rest.split(',').map(|part| part.trim().split_once('=').unwrap_or((part, "")))
}

/// The region in a credential scope, whatever else the signature is; `None` without one.
pub(super) fn claimed_region(request: &Request<'_>) -> Option<String> {
    let in_header = header(request, "authorization").and_then(|value| parts(value).find(|(name, _)| *name == "Credential"));
    let credential = match in_header {
        Some((_, credential)) => credential.to_owned(),
        None => {
            PresignedQuery::pairs(request.query).find(|(name, _)| name == "X-Amz-Credential").and_then(|(_, v)| decode(v).ok())?
        }
    };
    credential.split('/').nth(2).filter(|region| is_region(region)).map(str::to_owned)
}

impl Authorization {
    /// Reads it from the header or from the query.
    pub(super) fn of(request: &Request<'_>) -> Result<Self, ApiError> {
        let query = PresignedQuery::of(request.query)?;
        match (header(request, "authorization"), query) {
            (Some(_), Some(_)) => Err(malformed(
                "The request is signed twice, in the Authorization header and by X-Amz-... parameters of its query: sign it one way only",
            )),
            (Some(value), None) => Authorization::of_header(request, value),
            (None, Some(query)) => Authorization::of_query(request, &query),
            (None, None) => Err(missing()),
        }
    }

    fn of_header(request: &Request<'_>, value: &str) -> Result<Self, ApiError> {
        let algorithm = value.split(' ').next().unwrap_or_default();
        if !algorithm.starts_with("AWS4-") {
            return Err(missing());
        }
        check_algorithm(algorithm)?;
        let part = |name: &str| {
            let mut values = parts(value).filter(|(of, _)| *of == name).map(|(_, value)| value);
            match (values.next(), values.next()) {
                (Some(value), None) => Ok(value),
                (None, _) => Err(malformed(format!("Authorization header requires '{name}' parameter."))),
                _ => Err(malformed(format!("Authorization header has more than one '{name}' parameter."))),
            }
        };
        let credential = Authorization::of_credential(part("Credential")?)?;
        Ok(Authorization {
            signed_headers: part("SignedHeaders")?.to_owned(),
            signature: part("Signature")?.to_owned(),
            date: header(request, "x-amz-date").or_else(|| header(request, "date")).map(str::to_owned),
            session_token: header(request, "x-amz-security-token").map(|token| Zeroizing::new(token.to_owned())),
            ..credential
        })
    }

    fn of_query(request: &Request<'_>, query: &PresignedQuery) -> Result<Self, ApiError> {
        check_algorithm(query.required("X-Amz-Algorithm")?)?;
        let credential = Authorization::of_credential(query.required("X-Amz-Credential")?)?;
        let token = (query.get("X-Amz-Security-Token"), header(request, "x-amz-security-token"));
        let token = match token {
            (Some(_), Some(_)) => {
                return Err(malformed("The session token is sent twice, in the query and in a header: send it in the query only"));
            }
            (in_query, in_header) => in_query.or(in_header),
        };
        Ok(Authorization {
            form: Form::Presigned { expires: query.expires()? },
            signed_headers: query.required("X-Amz-SignedHeaders")?.to_owned(),
            signature: query.required("X-Amz-Signature")?.to_owned(),
            date: Some(query.required("X-Amz-Date")?.to_owned()),
            session_token: token.map(|token| Zeroizing::new(token.to_owned())),
            ..credential
        })
    }

    /// Reads key and scope, and leaves the rest open.
    fn of_credential(credential: &str) -> Result<Self, ApiError> {
        let [access_key, day, region, service, "aws4_request"] = credential.split('/').collect::<Vec<_>>()[..] else {
            return Err(malformed("Credential must have the form ACCESS_KEY_ID/YYYYMMDD/REGION/glacier/aws4_request."));
        };
        if day.len() != 8 || !day.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed(format!("The day in Credential has the form YYYYMMDD, which '{day}' has not.")));
        }
        if !is_region(region) {
            return Err(malformed(format!(
                "The region in Credential has 1 to 48 characters of a-z 0-9 and -; '{region}' is none."
            )));
        }
        Ok(Authorization {
            form: Form::Header,
            access_key: access_key.to_owned(),
            day: day.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: String::new(),
            signature: String::new(),
            date: None,
            session_token: None,
        })
    }
}

fn missing() -> ApiError {
    ApiError::new(ErrorCode::MissingAuthenticationToken, "Missing Authentication Token")
}

fn check_algorithm(algorithm: &str) -> Result<(), ApiError> {
    if algorithm == ALGORITHM {
        return Ok(());
    }
    Err(malformed(format!("Unsupported AWS 'algorithm': '{algorithm}'. Requests are signed with {ALGORITHM}.")))
}

/// Any region is served, but it is part of ARNs, so it must look like one.
fn is_region(region: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    region.len() <= 48 && region.split('-').all(|word| !word.is_empty() && word.bytes().all(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::Method;

    fn of(authorization: &str, query: &str) -> Result<Authorization, ErrorCode> {
        let headers = [("x-amz-date", "20120525T002453Z"), ("Authorization", authorization)];
        let headers = if authorization.is_empty() { &headers[..1] } else { &headers };
        let request = Request { method: Method::Get, host: "h", path: "/", query, headers };
        Authorization::of(&request).map_err(|error| error.code)
    }

    #[test]
    fn credentials_are_read_strictly() {
        let read = |credential: &str| {
            of(&format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=00"), "").map(|found| found.region)
        };
        assert_eq!(read("AK/20120525/us-gov-west-1/glacier/aws4_request"), Ok("us-gov-west-1".into()));
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
            assert_eq!(read(credential), Err(ErrorCode::BadRequest), "{credential}");
        }
    }

    #[test]
    fn a_signature_has_one_form_and_one_algorithm() {
        let header = "AWS4-HMAC-SHA256 Credential=AK/20120525/r/glacier/aws4_request, SignedHeaders=host, Signature=00";
        let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20120525%2Fr%2Fglacier%2Faws4_request\
            &X-Amz-Date=20120525T002453Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00";
        assert!(of(header, "").is_ok_and(|found| matches!(found.form, Form::Header)));
        assert!(of("", query).is_ok_and(|found| matches!(found.form, Form::Presigned { expires: 60 })));
        let (bad, none) = (ErrorCode::BadRequest, ErrorCode::MissingAuthenticationToken);
        for (authorization, query, code) in [
            (header, query, bad),
            (header, "X-Amz-Date=20120525T002453Z", bad),
            ("Basic dGVzdA==", query, bad),
            (&header.replace("SHA256", "SHA512"), "", bad),
            (&header.replace("HMAC", "ECDSA-P256"), "", bad),
            (&header.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256,"), "", bad),
            ("", &query.replace("SHA256", "SHA512"), bad),
            ("", &query.replace("SHA256", "sha256"), bad),
            ("Basic dGVzdA==", "", none),
            ("AWS test:00", "", none),
            ("", "", none),
            ("", "limit=1", none),
        ] {
            assert_eq!(of(authorization, query).map(|_| ()), Err(code), "{authorization} {query}");
        }
    }

    #[test]
    fn a_region_is_found_in_any_signature() {
        let region = |authorization: &str, query: &str| {
            let headers = [("authorization", authorization)];
            claimed_region(&Request { method: Method::Get, host: "h", path: "/", query, headers: &headers })
        };
        assert_eq!(region("AWS4-HMAC-SHA256 Credential=x/y/eu-west-1/z", "").as_deref(), Some("eu-west-1"));
        assert_eq!(region("", "X-Amz-Credential=x%2Fy%2Feu-west-1").as_deref(), Some("eu-west-1"));
        for authorization in ["", "Basic dGVzdA==", "AWS4-HMAC-SHA256 Credential=x", "AWS4-HMAC-SHA256 Credential=x/y/NO/z"] {
            assert_eq!(region(authorization, ""), None, "{authorization}");
        }
    }
}
