//! Which headers a signature must cover, and which must not be repeated.

use glacier_core::{ErrorCode, Request};

use super::authorization::Form;
use super::signature_errors::signature_error;
use crate::local::model::ApiError;

/// The headers that the service reads, beside `host`. Which of two values counts would be a matter of taste, so neither does.
const USED: [&str; 12] = [
    "authorization",
    "content-range",
    "date",
    "range",
    "x-amz-archive-description",
    "x-amz-archive-size",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-glacier-version",
    "x-amz-part-size",
    "x-amz-security-token",
    "x-amz-sha256-tree-hash",
];

/// The headers of the service that need not be signed: the developer guide's examples leave them unsigned.
const MAY_BE_UNSIGNED: [&str; 4] = ["x-amz-archive-description", "x-amz-archive-size", "x-amz-part-size", "x-amz-sha256-tree-hash"];

/// A header that the service reads must occur once at most.
pub(crate) fn check_repeated(request: &Request<'_>) -> Result<(), ApiError> {
    let count = |name: &str| request.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).count();
    let repeated = USED.into_iter().find(|name| count(name) > 1);
    match repeated.or_else(|| Some("host").filter(|host| count(host) > 0)) {
        None => Ok(()),
        Some(name) => Err(repeated_header(name)),
    }
}

/// The service error for a header that is repeated.
pub(crate) fn repeated_header(name: &str) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, format!("The header {name} occurs more than once: send it once"))
}

/// The signature must cover `host`, the date, and whatever else of AWS is sent; `names` are those it covers, with `;` between them. The date
/// of a presigned URL is in its query, and its user adds the version.
pub(super) fn check_signed(request: &Request<'_>, form: &Form, names: &str) -> Result<(), ApiError> {
    let is_presigned = matches!(form, Form::Presigned { .. });
    let is_signed = |name: &str| is_signed(names, name);
    if !is_signed("host") {
        return Err(signature_error("'Host' must be a 'SignedHeader' in the AWS Authorization."));
    }
    let has_amz_date = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("x-amz-date"));
    for (name, _) in request.headers {
        let name = name.to_ascii_lowercase();
        let must = match name.as_str() {
            "date" => !has_amz_date && !is_presigned,
            "x-amz-glacier-version" => !is_presigned,
            name => name.starts_with("x-amz-") && !MAY_BE_UNSIGNED.contains(&name),
        };
        if must && !is_signed(&name) {
            return Err(signature_error(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")));
        }
    }
    Ok(())
}

/// Whether a header is among the signed ones.
pub(super) fn is_signed(names: &str, name: &str) -> bool {
    names.split(';').any(|signed| signed.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::Method;

    fn request<'r>(headers: &'r [(&'r str, &'r str)]) -> Request<'r> {
        Request { method: Method::Get, host: "h", path: "/", query: "", headers }
    }

    #[test]
    fn what_the_signature_must_cover() {
        let sent = [
            ("X-Amz-Date", "d"),
            ("date", "d"),
            ("x-amz-glacier-version", "2012-06-01"),
            ("x-amz-archive-description", "unsigned in the guide's examples"),
            ("x-amz-sha256-tree-hash", "h"),
            ("x-amz-archive-size", "1"),
            ("x-amz-part-size", "1048576"),
            ("range", "bytes=0-1"),
            ("content-range", "bytes 0-1/*"),
            ("content-type", "t"),
            ("user-agent", "u"),
            ("x-amzn-trace-id", "Root=1"),
        ];
        let error = |names: &str, more: &[(&str, &str)]| {
            let error = check_signed(&request(&[&sent[..], more].concat()), &Form::Header, names).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidSignature);
            error.message
        };
        let names = "host;x-amz-date;x-amz-glacier-version";
        let check = |sent: &[(&str, &str)], names: &str| check_signed(&request(sent), &Form::Header, names);
        assert_eq!(check(&sent, names), Ok(()));
        assert_eq!(check(&sent, "Host;X-Amz-Date;X-Amz-Glacier-Version"), Ok(()));
        assert!(error("x-amz-date;x-amz-glacier-version", &[]).starts_with("'Host'"));
        assert!(error("host;x-amz-glacier-version", &[]).starts_with("'x-amz-date'"));
        assert!(error("host;date;x-amz-glacier-version", &[]).starts_with("'x-amz-date'"));
        assert!(error("host;x-amz-date", &[]).starts_with("'x-amz-glacier-version'"));
        for added in ["x-amz-content-sha256", "X-Amz-Security-Token", "x-amz-te", "x-amz-acl"] {
            let lower = added.to_ascii_lowercase();
            assert!(error(names, &[(added, "v")]).starts_with(&format!("'{lower}'")));
            assert_eq!(check(&[(added, "v")], &format!("host;{lower}")), Ok(()));
        }
        // The other date.
        let dated = [("Date", "d")];
        assert_eq!(check(&dated, "date;host"), Ok(()));
        assert!(check(&dated, "host").is_err());
    }

    #[test]
    fn a_presigned_url_leaves_version_and_date_to_its_user() {
        let check = |sent: &[(&str, &str)], names: &str| check_signed(&request(sent), &Form::Presigned { expires: 1 }, names);
        assert_eq!(check(&[("x-amz-glacier-version", "2012-06-01"), ("Date", "d"), ("x-amz-part-size", "1")], "host"), Ok(()));
        assert!(check(&[], "range").unwrap_err().message.starts_with("'Host'"));
        for name in ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256", "x-amz-te"] {
            assert!(check(&[(name, "v")], "host").unwrap_err().message.starts_with(&format!("'{name}'")), "{name}");
            assert_eq!(check(&[(name, "v")], &format!("host;{name}")), Ok(()));
        }
    }

    #[test]
    fn what_must_not_be_repeated() {
        for name in USED.into_iter().chain(["Authorization", "X-AMZ-DATE"]) {
            let lower = name.to_ascii_lowercase();
            let message = check_repeated(&request(&[(name, "a"), ("accept", "b"), (&lower, "a")])).unwrap_err().message;
            assert_eq!(message, format!("The header {lower} occurs more than once: send it once"));
            assert_eq!(check_repeated(&request(&[(name, "a")])), Ok(()));
        }
        assert_eq!(check_repeated(&request(&[("accept", "a"), ("accept", "b"), ("via", "1"), ("via", "2")])), Ok(()));
        // The host is not among the headers of a request; here would be a second one.
        assert!(check_repeated(&request(&[("Host", "other")])).is_err());
    }
}
