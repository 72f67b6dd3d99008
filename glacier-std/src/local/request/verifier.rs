//! Verifies Signature Version 4, from the service's side: who sent the request, and that it is intact and fresh.

use std::sync::{Mutex, MutexGuard, PoisonError};

use glacier_core::sign::{Scope, canonical_request, string_to_sign};
use glacier_core::{Credentials, ErrorCode, LinearHash, Request, Signer, Sink, Timestamp};
use subtle::ConstantTimeEq;

use super::access_key::AccessKey;
use super::authorization::{Authorization, Form, claimed_region};
use super::identity::Identity;
use super::presigned::{without_signature, without_token};
use super::signature_errors::signature_error;
use super::signed_headers::{check_signed, is_signed};
use crate::local::model::{ApiError, SignedTexts};

/// The service that requests are signed for.
const SERVICE: &str = "glacier";

/// What a request claims, found in order: a known key that has not expired, a date that is near, and a signature over all that it must cover.
/// Whether the signature is genuine is not known yet.
pub(crate) struct Claim<'c> {
    identity: Identity,
    region: String,
    /// None where signatures are not verified.
    proof: Option<Proof<'c>>,
}

struct Proof<'c> {
    key: &'c AccessKey,
    authorization: Authorization,
    date: Timestamp,
}

impl<'c> Claim<'c> {
    /// Checks all that can be checked without the body. A key that names no account is one of `default_account`.
    pub(crate) fn of(
        request: &Request<'_>,
        access_keys: &'c [AccessKey],
        default_account: &str,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let authorization = Authorization::of(request)?;
        let key = access_key(access_keys, &authorization)?;
        if key.has_expired(now) {
            return Err(ApiError::new(ErrorCode::ExpiredToken, "The security token included in the request is expired."));
        }
        let date = authorization.signing_time()?;
        authorization.check_time(date, now)?;
        if authorization.service != SERVICE {
            return Err(signature_error(format!(
                "Credential should be scoped to correct service: '{SERVICE}', not '{}'.",
                authorization.service
            )));
        }
        check_signed(request, &authorization.form, &authorization.signed_headers)?;
        let region = authorization.region.clone();
        let identity = Identity::of(key, default_account, &region);
        Ok(Claim { identity, region, proof: Some(Proof { key, authorization, date }) })
    }

    /// Takes whoever sends the request for the root of an account, in the region that a signature names, genuine or not.
    pub(crate) fn unverified(request: &Request<'_>, account: &str, default_region: &str) -> Self {
        let region = claimed_region(request).unwrap_or_else(|| default_region.to_owned());
        Claim { identity: Identity::root(account, &region), region, proof: None }
    }

    /// Whether a signature has to be verified.
    pub(crate) fn needs_proof(&self) -> bool {
        self.proof.is_some()
    }

    /// Who sent it, and for which region.
    pub(crate) fn into_identity(self) -> (Identity, String) {
        (self.identity, self.region)
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

    /// Checks that the signature is valid. `payload` is the hash of the request's body. With `explain`, the error has what the signature was
    /// computed over here.
    pub(crate) fn verify(
        &self,
        claim: &Claim<'_>,
        request: &Request<'_>,
        payload: &LinearHash,
        explain: bool,
    ) -> Result<(), ApiError> {
        let Some(Proof { key, authorization, date }) = &claim.proof else { return Ok(()) };
        let signed = |name: &str| is_signed(&authorization.signed_headers, name);
        let headers: Vec<(&str, &str)> = request.headers.iter().copied().filter(|(name, _)| signed(name)).collect();
        let query = match authorization.form {
            Form::Header => request.query.to_owned(),
            Form::Presigned { .. } => without_signature(request.query),
        };
        let request = Request { query: &query, headers: &headers, ..*request };
        let scope = Scope { region: &authorization.region, service: SERVICE };
        let credentials = Credentials::new(key.id(), key.secret(), None)
            .map_err(|error| ApiError::unavailable(format!("The service's own access key is not usable: {error}")))?;

        let mut ours = TextSink::default();
        // Nobody waits while another request is hashed: only the key is taken out and put back.
        let mut signer = self.lock().clone();
        signer.authorization(&scope, &credentials, *date, &request, payload, &mut ours);
        *self.lock() = signer;
        let ours = ours.0.rsplit(|byte| *byte == b'=').next().unwrap_or_default();
        if ours.len() == 64 && bool::from(ours.ct_eq(authorization.signature.as_bytes())) {
            return Ok(());
        }
        let mismatch = signature_error(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing \
             method. Consult the service documentation for details.",
        );
        let signed = explain.then(|| Box::new(signed_texts(&scope, *date, &request, payload)));
        Err(ApiError { signed, ..mismatch })
    }

    fn lock(&self) -> MutexGuard<'_, Signer> {
        // A thread that panicked here left at worst another day's key, which the signer replaces.
        self.signer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key that the request names, if the service accepts it together with the request's session token.
fn access_key<'s>(access_keys: &'s [AccessKey], authorization: &Authorization) -> Result<&'s AccessKey, ApiError> {
    let unknown = || ApiError::new(ErrorCode::UnrecognizedClient, "The security token included in the request is invalid.");
    let key = access_keys.iter().find(|key| key.id() == authorization.access_key).ok_or_else(unknown)?;
    match (key.session_token(), &authorization.session_token) {
        (None, None) => Ok(key),
        (Some(ours), Some(theirs)) if bool::from(ours.as_bytes().ct_eq(theirs.as_bytes())) => Ok(key),
        _ => Err(unknown()),
    }
}

/// The texts that the signature was computed over, for comparison. A session token is not repeated.
fn signed_texts(scope: &Scope<'_>, date: Timestamp, request: &Request<'_>, payload: &LinearHash) -> SignedTexts {
    let secret = |name: &str| name.eq_ignore_ascii_case("x-amz-security-token");
    let mut shown = request.headers.to_vec();
    for (_, value) in shown.iter_mut().filter(|(name, _)| secret(name)) {
        *value = "REDACTED";
    }
    let query = without_token(request.query);
    let (mut canonical, mut to_sign) = (TextSink::default(), TextSink::default());
    canonical_request(&Request { query: &query, headers: &shown, ..*request }, payload, &mut canonical);
    string_to_sign(scope, date, request, payload, &mut to_sign);
    SignedTexts { canonical_request: canonical.into_text(), string_to_sign: to_sign.into_text() }
}

/// Collects what is written.
#[derive(Default)]
struct TextSink(Vec<u8>);

impl TextSink {
    fn into_text(self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

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
        judge(&keys, &request, now, false)
    }

    /// The region of a request that is genuine.
    fn judge(keys: &[AccessKey], request: &Request<'_>, now: Timestamp, explain: bool) -> Result<String, ApiError> {
        let claim = Claim::of(request, keys, "000000000000", now)?;
        Verifier::new().verify(&claim, request, &LinearHash::EMPTY, explain)?;
        Ok(claim.into_identity().1)
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
            assert_eq!(error.signed, None);
            (error.code, error.message)
        };
        use ErrorCode::{BadRequest, InvalidSignature, MissingAuthenticationToken, UnrecognizedClient};
        for (name, (code, message), expected, words) in [
            ("secret", error(GUIDE, &[], "other", THEN), InvalidSignature, "does not match the signature you provided"),
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
    fn a_mismatch_is_explained_without_signature_and_token() {
        let keys = [AccessKey::new("AK", "s").with_session_token("tick")];
        let authorization = "AWS4-HMAC-SHA256 Credential=AK/20120525/r/glacier/aws4_request, \
             SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=0";
        let headers = [("x-amz-date", "20120525T002453Z"), ("x-amz-security-token", "tick"), ("authorization", authorization)];
        let request = Request { method: Method::Get, host: "h", path: "/", query: "b&a=1", headers: &headers };
        let error = judge(&keys, &request, THEN, false).unwrap_err();
        assert!(error.signed.is_none() && error.message.starts_with("The request signature we calculated does not match"));
        let texts = judge(&keys, &request, THEN, true).unwrap_err().signed.unwrap();
        assert_eq!(
            texts.canonical_request,
            format!(
                "GET\n/\na=1&b=\nhost:h\nx-amz-date:20120525T002453Z\nx-amz-security-token:REDACTED\n\n\
                 host;x-amz-date;x-amz-security-token\n{}",
                LinearHash::EMPTY
            )
        );
        // The hash is that of the request as it is, by `sha256sum`.
        assert_eq!(
            texts.string_to_sign,
            "AWS4-HMAC-SHA256\n20120525T002453Z\n20120525/r/glacier/aws4_request\n\
             0242540eb8368c09ead45498b9fc61ad868b4bcee2060ed75f9b8f1176b78134"
        );
    }

    #[test]
    fn an_expired_key_is_told_from_an_unknown_one() {
        let key = || AccessKey::new("AKIAIOSFODNN7EXAMPLE", SECRET);
        let headers = [("x-amz-date", "20120525T002453Z"), ("x-amz-glacier-version", "2012-06-01"), ("authorization", GUIDE)];
        let (path, host) = ("/-/vaults/examplevault", "glacier.us-east-1.amazonaws.com");
        let request = Request { method: Method::Put, host, path, query: "", headers: &headers };
        let code = |key: AccessKey| judge(&[key], &request, THEN, false).map_err(|error| error.code);
        assert_eq!(code(key().with_expiry(after(1))), Ok("us-east-1".into()));
        assert_eq!(code(key().with_expiry(THEN)), Err(ErrorCode::ExpiredToken));
        // The token of an expired key must be right all the same.
        let temporary = key().with_session_token("tick").with_expiry(THEN);
        assert_eq!(code(temporary), Err(ErrorCode::UnrecognizedClient));
    }

    #[test]
    fn without_proof_anybody_is_the_default_account() {
        let signed = [("authorization", "AWS4-HMAC-SHA256 Credential=x/y/cn-north-1/z/w, Signature=0")];
        for (headers, region, principal) in
            [(&signed[..], "cn-north-1", "arn:aws-cn:iam::111122223333:root"), (&[], "us-east-1", "arn:aws:iam::111122223333:root")]
        {
            let request = Request { method: Method::Get, host: "h", path: "/", query: "", headers };
            let claim = Claim::unverified(&request, "111122223333", "us-east-1");
            assert!(!claim.needs_proof() && Verifier::new().verify(&claim, &request, &LinearHash::EMPTY, false).is_ok());
            let identity = Identity { account: "111122223333".into(), principal: principal.into(), session_mfa: None };
            assert_eq!(claim.into_identity(), (identity, region.into()));
        }
    }
}
