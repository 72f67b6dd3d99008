//! Verifies Signature Version 4, from the service's side: who sent the request, and that it is intact and fresh.

use std::sync::{Mutex, MutexGuard, PoisonError};

use glacier_core::sign::{Scope, canonical_request, string_to_sign};
use glacier_core::{Credentials, ErrorCode, LinearHash, Request, Signer, Sink, Timestamp};
use subtle::ConstantTimeEq;

use super::access_key::AccessKey;
use super::authorization::{Authorization, authorization, check_skew, date, header, signature_error};
use super::identity::Identity;
use super::signed_headers::{check_signed, is_signed};
use crate::local::model::ApiError;

/// The service that requests are signed for.
const SERVICE: &str = "glacier";

/// What a request claims, found in order: a known key, a date that is near, and a signature over all that it must cover. Whether the
/// signature is genuine is not known yet.
pub(crate) struct Claim<'c, 'r> {
    key: &'c AccessKey,
    authorization: Authorization<'r>,
    date: Timestamp,
}

impl<'c, 'r> Claim<'c, 'r> {
    /// Who signed the request, if the signature is valid.
    pub(crate) fn identity(&self, default_account: &str) -> Identity {
        Identity::of(self.key, default_account, self.authorization.region)
    }

    /// Checks all that can be checked without the body.
    pub(crate) fn of(request: &Request<'r>, access_keys: &'c [AccessKey], now: Timestamp) -> Result<Self, ApiError> {
        let authorization = authorization(request)?;
        let key = access_key(access_keys, request, &authorization)?;
        if key.has_expired(now) {
            return Err(ApiError::new(ErrorCode::ExpiredToken, "The security token included in the request is expired."));
        }
        let date = date(request, &authorization)?;
        check_skew(date, now)?;
        if authorization.service != SERVICE {
            return Err(signature_error(format!(
                "Credential should be scoped to correct service: '{SERVICE}', not '{}'.",
                authorization.service
            )));
        }
        check_signed(request, authorization.signed_headers)?;
        Ok(Claim { key, authorization, date })
    }
}

/// Verifies signatures.
pub(crate) struct Verifier {
    /// Keeps the day's signing key.
    signer: Mutex<Signer>,
}

impl Verifier {
    pub(crate) fn new() -> Self {
        Verifier { signer: Mutex::new(Signer::new()) }
    }

    /// The region that the request is signed for, if its signature is valid. `payload` is the hash of its body.
    pub(crate) fn verify<'r>(
        &self,
        claim: &Claim<'_, 'r>,
        request: &Request<'_>,
        payload: &LinearHash,
    ) -> Result<&'r str, ApiError> {
        let Claim { key, authorization, date } = claim;
        let signed = |name: &str| is_signed(authorization.signed_headers, name);
        let headers: Vec<(&str, &str)> = request.headers.iter().copied().filter(|(name, _)| signed(name)).collect();
        let request = Request { headers: &headers, ..*request };
        let scope = Scope { region: authorization.region, service: SERVICE };
        let credentials = Credentials::new(key.id(), key.secret(), None)
            .map_err(|error| ApiError::unavailable(format!("The service's own access key is not usable: {error}")))?;

        let mut ours = TextSink::default();
        // Nobody waits while another request is hashed: only the key is taken out and put back.
        let mut signer = self.lock().clone();
        signer.authorization(&scope, &credentials, *date, &request, payload, &mut ours);
        *self.lock() = signer;
        let ours = ours.0.rsplit(|byte| *byte == b'=').next().unwrap_or_default();
        if ours.len() == 64 && bool::from(ours.ct_eq(authorization.signature.as_bytes())) {
            Ok(authorization.region)
        } else {
            Err(signature_error(explain(&scope, *date, &request, payload)))
        }
    }

    fn lock(&self) -> MutexGuard<'_, Signer> {
        // A thread that panicked here left at worst another day's key, which the signer replaces.
        self.signer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key that the request names, if the service accepts it together with the request's session token.
fn access_key<'s>(
    access_keys: &'s [AccessKey],
    request: &Request<'_>,
    authorization: &Authorization<'_>,
) -> Result<&'s AccessKey, ApiError> {
    let token = header(request, "x-amz-security-token");
    let unknown = || ApiError::new(ErrorCode::UnrecognizedClient, "The security token included in the request is invalid.");
    let key = access_keys.iter().find(|key| key.id() == authorization.access_key).ok_or_else(unknown)?;
    match (key.session_token(), token) {
        (None, None) => Ok(key),
        (Some(ours), Some(theirs)) if bool::from(ours.as_bytes().ct_eq(theirs.as_bytes())) => Ok(key),
        _ => Err(unknown()),
    }
}

/// The texts that the signature was computed over, for comparison. A session token is not repeated.
fn explain(scope: &Scope<'_>, date: Timestamp, request: &Request<'_>, payload: &LinearHash) -> String {
    let secret = |name: &str| name.eq_ignore_ascii_case("x-amz-security-token");
    let mut shown = request.headers.to_vec();
    for (_, value) in shown.iter_mut().filter(|(name, _)| secret(name)) {
        *value = "REDACTED";
    }
    let (mut canonical, mut to_sign) = (TextSink::default(), TextSink::default());
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

/// Collects what is written.
#[derive(Default)]
struct TextSink(Vec<u8>);

impl Sink for TextSink {
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
    const THEN: Timestamp = Timestamp::from_unix(1_337_905_493);

    fn verify(authorization: &str, change: &[(&str, &str)], secret: &str, now: Timestamp) -> Result<String, ApiError> {
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
        let keys = [AccessKey::new("AKIAIOSFODNN7EXAMPLE", secret)];
        let request = Request {
            method: Method::Put,
            host: "glacier.us-east-1.amazonaws.com",
            path: "/-/vaults/examplevault",
            query: "",
            headers: &headers,
        };
        judge(&keys, &request, now).map(String::from)
    }

    fn judge<'r>(keys: &[AccessKey], request: &Request<'r>, now: Timestamp) -> Result<&'r str, ApiError> {
        Verifier::new().verify(&Claim::of(request, keys, now)?, request, &LinearHash::EMPTY)
    }

    fn after(seconds: u64) -> Timestamp {
        Timestamp::from_unix(THEN.unix() + seconds)
    }

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn accepts_what_aws_signed() {
        assert_eq!(verify(GUIDE, &[], SECRET, THEN), Ok("us-east-1".into()));
        assert!(verify(GUIDE, &[], SECRET, after(900)).is_ok());
    }

    #[test]
    fn every_other_signature_is_an_error() {
        let error = |authorization: &str, change: &[(&str, &str)], secret, now| {
            let error = verify(authorization, change, secret, now).unwrap_err();
            (error.code, error.message)
        };
        use ErrorCode::{BadRequest, InvalidSignature, MissingAuthenticationToken, UnrecognizedClient};
        for (name, (code, message), expected, words) in [
            ("secret", error(GUIDE, &[], "other", THEN), InvalidSignature, "PUT\n/-/vaults/examplevault\n"),
            ("header", error(GUIDE, &[("x-amz-glacier-version", "2")], SECRET, THEN), InvalidSignature, ""),
            ("late", error(GUIDE, &[], SECRET, after(901)), InvalidSignature, "expired"),
            ("early", error(GUIDE, &[], SECRET, Timestamp::from_unix(THEN.unix() - 901)), InvalidSignature, "not yet current"),
            ("day", error(&GUIDE.replace("/20120525/", "/20120524/"), &[], SECRET, THEN), InvalidSignature, "scope"),
            ("host", error(&GUIDE.replace("host;", ""), &[], SECRET, THEN), InvalidSignature, "'Host'"),
            ("service", error(&GUIDE.replace("/glacier/", "/s3/"), &[], SECRET, THEN), InvalidSignature, "'s3'"),
            ("none", error("", &[], SECRET, THEN), MissingAuthenticationToken, ""),
            ("basic", error("Basic dGVzdA==", &[], SECRET, THEN), MissingAuthenticationToken, ""),
            ("half", error("AWS4-HMAC-SHA256 Credential=a", &[], SECRET, THEN), BadRequest, "form"),
            ("no day", error(&GUIDE.replace("/20120525/", "//"), &[], SECRET, THEN), BadRequest, "YYYYMMDD"),
            ("cut day", error(&GUIDE.replace("/20120525/", "/2012/"), &[], SECRET, THEN), BadRequest, "YYYYMMDD"),
            ("no region", error(&GUIDE.replace("/us-east-1/", "//"), &[], SECRET, THEN), BadRequest, "region"),
            ("other region", error(&GUIDE.replace("/us-east-1/", "/us-east-2/"), &[], SECRET, THEN), InvalidSignature, ""),
            ("terminator", error(&GUIDE.replace("aws4_request", "aws4-request"), &[], SECRET, THEN), BadRequest, "form"),
            ("unsigned date", error(&GUIDE.replace("x-amz-date;", ""), &[], SECRET, THEN), InvalidSignature, "'x-amz-date'"),
            ("added", error(GUIDE, &[("x-amz-te", "append-md5")], SECRET, THEN), InvalidSignature, "'x-amz-te'"),
            ("no date", error(GUIDE, &[("x-amz-date", "")], SECRET, THEN), InvalidSignature, "form"),
            ("key", error(&GUIDE.replace("AKIA", "AKIB"), &[], SECRET, THEN), UnrecognizedClient, ""),
            ("token", error(GUIDE, &[("x-amz-security-token", "t")], SECRET, THEN), UnrecognizedClient, ""),
        ] {
            assert_eq!(code, expected, "{name}");
            assert!(message.contains(words), "{name}: {message}");
            assert!(!message.contains(SECRET), "{name}");
        }
    }

    #[test]
    fn a_session_token_is_not_repeated() {
        let keys = [AccessKey::new("AK", "s").with_session_token("tick")];
        let authorization = "AWS4-HMAC-SHA256 Credential=AK/20120525/r/glacier/aws4_request, \
             SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=0";
        let headers = [("x-amz-date", "20120525T002453Z"), ("x-amz-security-token", "tick"), ("authorization", authorization)];
        let request = Request { method: Method::Get, host: "h", path: "/", query: "", headers: &headers };
        let error = judge(&keys, &request, THEN).unwrap_err();
        assert!(error.message.contains("x-amz-security-token:REDACTED") && !error.message.contains("tick"), "{error:?}");
    }
}
