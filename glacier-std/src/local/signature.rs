//! Signature Version 4, from the service's side: is the request from whom it says, and untouched, and fresh?

use std::sync::{Mutex, PoisonError};

use glacier_core::sign::{Scope, canonical_request, string_to_sign};
use glacier_core::{Credentials, ErrorCode, LinearHash, Request, Signer, Sink, Timestamp};
use subtle::ConstantTimeEq;

use super::refuse::Refused;
use super::settings::{AccessKey, Settings};
use super::time::Moment;

/// How far the time of a request may be from ours, in seconds.
const SKEW: u64 = 15 * 60;

/// What the `Authorization` header says.
struct Authorization<'r> {
    access_key: &'r str,
    /// `YYYYMMDD`
    day: &'r str,
    region: &'r str,
    service: &'r str,
    signed_headers: &'r str,
    signature: &'r str,
}

/// Judges signatures.
pub(super) struct Verifier {
    /// Keeps the day's signing key.
    signer: Mutex<Signer>,
}

impl Verifier {
    pub(super) fn new() -> Self {
        Verifier { signer: Mutex::new(Signer::new()) }
    }

    /// Accepts the request or says what is wrong with its signature; the region that it is signed for.
    pub(super) fn verify<'r>(
        &self,
        settings: &Settings,
        request: &Request<'r>,
        payload: Result<LinearHash, Refused>,
        now: Moment,
    ) -> Result<&'r str, Refused> {
        let authorization = authorization(request)?;
        let payload = &payload?;
        let key = access_key(settings, request, &authorization)?;
        let date = date(request, &authorization)?;
        check_skew(date, now.timestamp())?;
        if authorization.service != "glacier" {
            return Err(wrong(format!(
                "Credential should be scoped to correct service: 'glacier', not '{}'.",
                authorization.service
            )));
        }

        let signed = |name: &str| authorization.signed_headers.split(';').any(|signed| signed.eq_ignore_ascii_case(name));
        if !signed("host") {
            return Err(wrong("'Host' must be a 'SignedHeader' in the AWS Authorization."));
        }
        let headers: Vec<(&str, &str)> = request.headers.iter().copied().filter(|(name, _)| signed(name)).collect();
        let request = Request { headers: &headers, ..*request };
        let scope = Scope { region: authorization.region, service: authorization.service };
        let credentials = Credentials::new(key.id(), key.secret(), None)
            .map_err(|error| Refused::unavailable(format!("The service's own access key is not usable: {error}")))?;

        let mut ours = Text::default();
        // A thread that panicked in here left at worst a key that does not fit, which is then made anew.
        let mut signer = self.signer.lock().unwrap_or_else(PoisonError::into_inner);
        signer.authorization(&scope, &credentials, date, &request, payload, &mut ours);
        drop(signer);
        let ours = ours.0.rsplit(|byte| *byte == b'=').next().unwrap_or_default();
        if ours.len() == 64 && bool::from(ours.ct_eq(authorization.signature.as_bytes())) {
            Ok(authorization.region)
        } else {
            Err(wrong(explain(&scope, date, &request, payload)))
        }
    }
}

/// A header's value; the first one when it is repeated. Names in any case of letters.
fn header<'r>(request: &Request<'r>, name: &str) -> Option<&'r str> {
    request.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn wrong(message: impl Into<String>) -> Refused {
    Refused::new(ErrorCode::InvalidSignature, message)
}

fn authorization<'r>(request: &Request<'r>) -> Result<Authorization<'r>, Refused> {
    let missing = || Refused::new(ErrorCode::MissingAuthenticationToken, "Missing Authentication Token");
    let rest = header(request, "authorization").and_then(|text| text.strip_prefix("AWS4-HMAC-SHA256 ")).ok_or_else(missing)?;
    let part = |name: &str| {
        let mut parts = rest.split(',').filter_map(|part| part.trim().split_once('='));
        let value = parts.find(|(of, _)| *of == name).map(|(_, value)| value);
        value.ok_or_else(|| wrong(format!("Authorization header requires '{name}' parameter.")))
    };
    let credential = part("Credential")?;
    let [access_key, day, region, service, "aws4_request"] = credential.split('/').collect::<Vec<_>>()[..] else {
        return Err(wrong("Credential must have the form ACCESS_KEY_ID/YYYYMMDD/REGION/glacier/aws4_request."));
    };
    Ok(Authorization { access_key, day, region, service, signed_headers: part("SignedHeaders")?, signature: part("Signature")? })
}

/// The key that the request names, when the service accepts it together with the request's session token.
fn access_key<'s>(
    settings: &'s Settings,
    request: &Request<'_>,
    authorization: &Authorization<'_>,
) -> Result<&'s AccessKey, Refused> {
    let token = header(request, "x-amz-security-token");
    let unknown = || Refused::new(ErrorCode::UnrecognizedClient, "The security token included in the request is invalid.");
    let key = settings.access_keys.iter().find(|key| key.id() == authorization.access_key).ok_or_else(unknown)?;
    match (key.session_token(), token) {
        (None, None) => Ok(key),
        (Some(ours), Some(theirs)) if bool::from(ours.as_bytes().ct_eq(theirs.as_bytes())) => Ok(key),
        _ => Err(unknown()),
    }
}

/// The time of the request; `x-amz-date` goes before `Date`.
fn date(request: &Request<'_>, authorization: &Authorization<'_>) -> Result<Timestamp, Refused> {
    let text = header(request, "x-amz-date").or_else(|| header(request, "date"));
    let text = text.ok_or_else(|| wrong("Authorization requires an 'X-Amz-Date' or a 'Date' header in ISO 8601 basic form."))?;
    let date = Timestamp::parse_iso(text).ok_or_else(|| wrong(format!("The date {text} is none of the form YYYYMMDDTHHMMSSZ.")))?;
    if !text.starts_with(authorization.day) {
        let day = authorization.day;
        return Err(wrong(format!("Date in Credential scope does not match the date of the request: '{day}' against '{text}'.")));
    }
    Ok(date)
}

fn check_skew(date: Timestamp, now: Timestamp) -> Result<(), Refused> {
    let at = |seconds: u64| basic(Timestamp::from_unix(seconds));
    if date.unix() + SKEW < now.unix() {
        let earliest = at(now.unix() - SKEW);
        return Err(wrong(format!("Signature expired: {} is now earlier than {earliest} ({} - 15 min.)", basic(date), basic(now))));
    }
    if date.unix() > now.unix() + SKEW {
        let latest = at(now.unix() + SKEW);
        return Err(wrong(format!(
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

/// What we computed the signature of, so that one can compare. A session token is not repeated.
fn explain(scope: &Scope<'_>, date: Timestamp, request: &Request<'_>, payload: &LinearHash) -> String {
    let secret = |name: &str| name.eq_ignore_ascii_case("x-amz-security-token");
    let mut shown = request.headers.to_vec();
    for (_, value) in shown.iter_mut().filter(|(name, _)| secret(name)) {
        *value = "REDACTED";
    }
    let (mut canonical, mut to_sign) = (Text::default(), Text::default());
    canonical_request(&Request { headers: &shown, ..*request }, payload, &mut canonical);
    string_to_sign(scope, date, request, payload, &mut to_sign);
    format!(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing \
         method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'{}'\n\nThe \
         String-to-Sign should have been\n'{}'\n",
        String::from_utf8_lossy(&canonical.0),
        String::from_utf8_lossy(&to_sign.0)
    )
}

/// Collects what core writes.
#[derive(Default)]
struct Text(Vec<u8>);

impl Sink for Text {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::Method;

    /// The developer guide's worked example: CreateVault of `examplevault`, which AWS signed and printed.
    const GUIDE: &str = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20120525/us-east-1/glacier/aws4_request, \
         SignedHeaders=host;x-amz-date;x-amz-glacier-version, \
         Signature=3ce5b2f2fffac9262b4da9256f8d086b4aaf42eba5f111c21681a65a127b7c2a";
    /// 2012-05-25T00:24:53Z
    const THEN: Moment = Moment(1_337_905_493_000);

    fn judge(authorization: &str, change: &[(&str, &str)], secret: &str, now: Moment) -> Result<String, Refused> {
        let mut headers = vec![
            ("x-amz-date", "20120525T002453Z"),
            ("x-amz-glacier-version", "2012-06-01"),
            ("user-agent", "not signed"),
            ("authorization", authorization),
        ];
        for (name, value) in change {
            headers.retain(|(other, _)| other != name);
            headers.push((name, value));
        }
        let settings = Settings { access_keys: vec![AccessKey::new("AKIAIOSFODNN7EXAMPLE", secret)], ..Settings::default() };
        let request = Request {
            method: Method::Put,
            host: "glacier.us-east-1.amazonaws.com",
            path: "/-/vaults/examplevault",
            query: "",
            headers: &headers,
        };
        Verifier::new().verify(&settings, &request, Ok(LinearHash::EMPTY), now).map(String::from)
    }

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn accepts_what_aws_signed() {
        assert_eq!(judge(GUIDE, &[], SECRET, THEN), Ok("us-east-1".into()));
        assert!(judge(GUIDE, &[], SECRET, Moment(THEN.0 + 900_000)).is_ok());
    }

    #[test]
    fn refuses_the_rest() {
        let refused = |authorization: &str, change: &[(&str, &str)], secret, now| {
            let refused = judge(authorization, change, secret, now).unwrap_err();
            (refused.status, refused.code, refused.message)
        };
        for (name, (status, code, message), wanted_status, wanted_code, words) in [
            ("secret", refused(GUIDE, &[], "other", THEN), 403, "InvalidSignatureException", "PUT\n/-/vaults/examplevault\n"),
            ("header", refused(GUIDE, &[("x-amz-glacier-version", "2")], SECRET, THEN), 403, "InvalidSignatureException", ""),
            ("late", refused(GUIDE, &[], SECRET, Moment(THEN.0 + 901_000)), 403, "InvalidSignatureException", "expired"),
            ("early", refused(GUIDE, &[], SECRET, Moment(THEN.0 - 901_000)), 403, "InvalidSignatureException", "not yet current"),
            (
                "day",
                refused(&GUIDE.replace("/20120525/", "/20120524/"), &[], SECRET, THEN),
                403,
                "InvalidSignatureException",
                "scope",
            ),
            ("host", refused(&GUIDE.replace("host;", ""), &[], SECRET, THEN), 403, "InvalidSignatureException", "'Host'"),
            ("service", refused(&GUIDE.replace("/glacier/", "/s3/"), &[], SECRET, THEN), 403, "InvalidSignatureException", "'s3'"),
            ("none", refused("", &[], SECRET, THEN), 400, "MissingAuthenticationTokenException", ""),
            ("basic", refused("Basic dGVzdA==", &[], SECRET, THEN), 400, "MissingAuthenticationTokenException", ""),
            ("half", refused("AWS4-HMAC-SHA256 Credential=a", &[], SECRET, THEN), 403, "InvalidSignatureException", "form"),
            ("key", refused(&GUIDE.replace("AKIA", "AKIB"), &[], SECRET, THEN), 400, "UnrecognizedClientException", ""),
            ("token", refused(GUIDE, &[("x-amz-security-token", "t")], SECRET, THEN), 400, "UnrecognizedClientException", ""),
        ] {
            assert_eq!((status, code), (wanted_status, wanted_code), "{name}");
            assert!(message.contains(words), "{name}: {message}");
            assert!(!message.contains(SECRET), "{name}");
        }
    }

    #[test]
    fn a_session_token_is_not_repeated() {
        let settings = Settings { access_keys: vec![AccessKey::new("AK", "s").with_session_token("tick")], ..Settings::default() };
        let authorization = "AWS4-HMAC-SHA256 Credential=AK/20120525/r/glacier/aws4_request, \
             SignedHeaders=host;x-amz-security-token, Signature=0";
        let headers = [("x-amz-date", "20120525T002453Z"), ("x-amz-security-token", "tick"), ("authorization", authorization)];
        let request = Request { method: Method::Get, host: "h", path: "/", query: "", headers: &headers };
        let refused = Verifier::new().verify(&settings, &request, Ok(LinearHash::EMPTY), THEN).unwrap_err();
        assert!(refused.message.contains("x-amz-security-token:REDACTED") && !refused.message.contains("tick"), "{refused:?}");
    }
}
