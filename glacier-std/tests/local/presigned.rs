//! Presigned URLs: those that botocore made, and those of this workspace.

use std::sync::Arc;

use glacier_core::Method::Get;
use glacier_core::ops::*;
use glacier_core::sign::{Expiry, PresignOptions};
use glacier_core::*;
use glacier_std::local::*;
use serde_json::Value;

use crate::harness::*;

struct Then(Timestamp);

impl Clock for Then {
    fn unix_millis(&self) -> u64 {
        self.0.unix() * 1000
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A URL as its user requests it: host, path and query.
fn split(url: &str) -> (&str, &str, &str) {
    let rest = url.split_once("://").unwrap().1;
    let at = rest.find('/').unwrap();
    let (path, query) = rest[at..].split_once('?').unwrap();
    (&rest[..at], path, query)
}

async fn ask(
    vaults: &Vaults,
    method: Method,
    host: &str,
    path: &str,
    query: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (u16, String) {
    let request = Request { method, host, path, query, headers };
    let mut arena = [0; 4096];
    let mut head = Head::new(&mut arena);
    let mut transport = LocalTransport::new(vaults);
    transport.send(&request, &mut Bytes::new(body), &mut head).await.unwrap();
    let response = head.with_body(b"");
    (response.status(), response.header(Header::ErrorType).unwrap_or_default().to_owned())
}

#[tokio::test]
async fn what_botocore_presigns_is_verified() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/presigned.json");
    // The published crate has no vectors.
    let Ok(bytes) = std::fs::read(file) else { return };
    let cases: Value = serde_json::from_slice(&bytes).unwrap();
    let (mut verified, mut refused) = (0, 0);
    for case in cases.as_array().unwrap().iter().filter(|case| case["url"].is_string()) {
        let env = &case["env"];
        let key = AccessKey::new(text(&env["access_key_id"]), text(&env["secret_access_key"]));
        let key = env["session_token"].as_str().into_iter().fold(key, AccessKey::with_session_token);
        let then = Timestamp::parse_iso(text(&env["clock"])).unwrap();
        let at = |seconds: u64| {
            let clock = Arc::new(Then(Timestamp::from_unix(then.unix() + seconds)));
            Vaults::in_memory(Settings::default().with_access_keys(vec![key.clone()]).with_clock(clock)).unwrap()
        };
        let method = [Get, Method::Put, Method::Post, Method::Delete].into_iter().find(|method| case["method"] == method.as_str());
        // HEAD is not a method of this service, and an upload needs the hash of its body.
        let Some(method) = method.filter(|_| case["operation"] != "UploadMultipartPart") else { continue };
        let (_, path, query) = split(text(&case["url"]));
        // The headers of the canonical request are those that the user of the URL sends.
        let lines = text(&case["signing"]["canonical_request"]).split('\n').skip(3).take_while(|line| !line.is_empty());
        let (mut host, mut headers) = ("", vec![("X-Amz-Glacier-Version", API_VERSION)]);
        for (name, value) in lines.map(|line| line.split_once(':').unwrap()) {
            if name == "host" { host = value } else { headers.push((name, value)) }
        }
        let signature = ["InvalidSignatureException", "UnrecognizedClientException", "MissingAuthenticationTokenException"];
        let code = |vaults: Vaults, path: String, query: String| {
            let headers = headers.clone();
            async move { ask(&vaults, method, host, &path, &query, &headers, b"").await.1 }
        };
        let expires = case["expires_in"].as_u64().unwrap();
        for seconds in [0, expires] {
            let found = code(at(seconds), path.into(), query.into()).await;
            assert!(!signature.contains(&found.as_str()), "{} after {seconds} s: {found}", case["id"]);
        }
        verified += 1;
        for (vaults, path, query) in [
            (at(expires + 1), path.to_owned(), query.to_owned()),
            (at(0), format!("{path}x"), query.to_owned()),
            (at(0), path.to_owned(), format!("{query}0")),
            (at(0), path.to_owned(), format!("limit=7&{query}")),
            (at(0), path.to_owned(), query.replace(&format!("Expires={expires}"), "Expires=604799")),
        ] {
            assert_eq!(
                code(vaults, path.clone(), query.clone()).await,
                "InvalidSignatureException",
                "{}: {path}?{query}",
                case["id"]
            );
            refused += 1;
        }
    }
    assert!(verified > 20, "{verified}");
    assert_eq!(refused, 5 * verified);
}

/// What the workspace presigns for `operation`; `token` is that of temporary credentials.
fn presign(harness: &Harness, operation: &(dyn Encode + Sync), expires: u32, token: Option<&str>) -> String {
    let endpoint = Endpoint::new(TEST_REGION, "localhost").unwrap();
    let credentials = Credentials::new("AKID", "secret", token).unwrap();
    let options = PresignOptions { expiry: Expiry::from_seconds(expires).unwrap(), ..PresignOptions::default() };
    let (mut buf, mut room) = ([0; 2048], [0; 2048]);
    let mut url = Buffer::new(&mut room);
    Signer::new().presign(operation, &endpoint, &credentials, &options, harness.now(), &mut buf, &mut url).unwrap();
    String::from_utf8(url.finish().unwrap().0.to_vec()).unwrap()
}

fn harness(token: Option<&str>) -> Harness {
    let key = token.into_iter().fold(AccessKey::new("AKID", "secret"), AccessKey::with_session_token);
    Harness::with_settings(|settings| settings.with_access_keys(vec![key, AccessKey::new(TEST_ACCESS_KEY_ID, TEST_SECRET)]))
}

const VERSION: (&str, &str) = ("x-amz-glacier-version", API_VERSION);

async fn use_url(harness: &Harness, method: Method, url: &str, more: &[(&str, &str)], body: &[u8]) -> RawResponse {
    let (_, path, query) = split(url);
    let headers = [VERSION].iter().chain(more).map(|(name, value)| (name.to_string(), value.to_string())).collect();
    send(&harness.vaults, &Signed { method, path: path.into(), query: query.into(), headers }, body).await
}

#[tokio::test]
async fn what_core_presigns_is_performed() {
    for token in [None, Some("a-token+/=")] {
        let mut harness = harness(token);
        let create = presign(&harness, &CreateVault { vault: vault() }, 60, token);
        assert_eq!(use_url(&harness, Method::Put, &create, &[], b"").await.status, 201);
        let archive = harness.upload(b"a thousand words", "").await;
        let job = harness.retrieve(&archive, None).await;
        let range = Range::Bytes(ByteRange::new(2, 9).unwrap());
        let operation = GetJobOutput { vault: vault(), job: job.as_str().try_into().unwrap(), range: Some(range) };
        let url = presign(&harness, &operation, 604_800, token);
        let output = use_url(&harness, Get, &url, &[("Range", "bytes=2-9")], b"").await;
        assert_eq!((output.status, output.body.as_slice()), (206, &b"thousand"[..]));
        // The range is signed: neither another one nor none will do.
        for more in [&[("range", "bytes=2-8")][..], &[]] {
            assert_eq!(use_url(&harness, Get, &url, more, b"").await.code, "InvalidSignatureException");
        }
        let list = presign(&harness, &ListVaults { limit: Some(1), ..ListVaults::default() }, 60, token);
        assert_eq!(use_url(&harness, Get, &list, &[], b"").await.json()["VaultList"][0]["VaultName"], "v");
        let delete = presign(&harness, &DeleteArchive { vault: vault(), archive: archive.as_str().try_into().unwrap() }, 60, token);
        assert_eq!(use_url(&harness, Method::Delete, &delete, &[], b"").await.status, 204);
    }
}

#[tokio::test]
async fn a_url_is_used_as_it_is_and_in_time() {
    let token = "tick+tock";
    let harness = harness(Some(token));
    let url = presign(&harness, &ListVaults::default(), 3600, Some(token));
    assert_eq!(use_url(&harness, Get, &url, &[], b"").await.status, 200);
    let (invalid, bad) = ((403, "InvalidSignatureException"), (400, "BadRequest"));
    let header = signed(harness.now(), Get, "/-/vaults", "", &[], b"").headers.pop().unwrap().1;
    let encoded = "tick%2Btock";
    for (url, more, expected) in [
        (url.replace("/-/vaults", "/-/vaults/v"), &[][..], invalid),
        (url.replace("Expires=3600", "Expires=3601"), &[], invalid),
        (url.replace("us-east-1", "us-east-2"), &[], invalid),
        (url.replace("%2Fglacier%2F", "%2Fs3%2F"), &[], invalid),
        (url.replace("SignedHeaders=host", "SignedHeaders=range"), &[], invalid),
        (url.replace("Date=2026", "Date=2025"), &[], invalid),
        (format!("{url}&x=y"), &[], invalid),
        (url.clone(), &[("x-amz-te", "1")], invalid),
        (url.clone(), &[("x-amz-date", "20260102T030405Z")], invalid),
        (url.clone(), &[("x-amz-content-sha256", "e3b0")], invalid),
        (url.replace("HMAC-SHA256", "HMAC-SHA512"), &[], bad),
        (url.replace("Expires=3600", "Expires=0"), &[], bad),
        (url.replace("Expires=3600", "Expires=604801"), &[], bad),
        (url.replace("X-Amz-Expires=3600&", ""), &[], bad),
        (url.replace("&X-Amz-SignedHeaders=host", ""), &[], bad),
        (url.split("&X-Amz-Signature").next().unwrap().to_owned(), &[], bad),
        (format!("{url}&X-Amz-Expires=3600"), &[], bad),
        (format!("{url}&X-Amz-Signature=0"), &[], bad),
        (url.clone(), &[("authorization", header.as_str())], bad),
        (url.clone(), &[("x-amz-security-token", token)], bad),
        (url.replace(encoded, "tack"), &[], (400, "UnrecognizedClientException")),
        (url.replace(&format!("&X-Amz-Security-Token={encoded}"), ""), &[], (400, "UnrecognizedClientException")),
        (url.replace("AKID", "AKIE"), &[], (400, "UnrecognizedClientException")),
        (url.replace("X-Amz-", "X-Other-"), &[], (400, "MissingAuthenticationTokenException")),
    ] {
        let response = use_url(&harness, Get, &url, more, b"").await;
        assert_eq!((response.status, response.code.as_str()), expected, "{url} {more:?}: {}", response.message);
        // What is explained has no token and no right signature.
        let shown = response.json().to_string();
        assert!(!shown.contains("tick") && !shown.contains("tock"), "{shown}");
    }
    // The signature is over an empty body, and the version is not optional.
    assert_eq!(use_url(&harness, Get, &url, &[], b"{}").await.code, invalid.1);
    let (_, path, query) = split(&url);
    let without = Signed { method: Get, path: path.into(), query: query.into(), headers: Vec::new() };
    assert_eq!(send(&harness.vaults, &without, b"").await.code, "MissingParameterValueException");

    harness.clock.advance(3_600_000);
    assert_eq!(use_url(&harness, Get, &url, &[], b"").await.status, 200);
    harness.clock.advance(1000);
    let expired = use_url(&harness, Get, &url, &[], b"").await;
    assert_eq!(((expired.status, expired.code.as_str()), expired.message.starts_with("Signature expired: ")), (invalid, true));
}
