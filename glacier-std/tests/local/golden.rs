//! The golden requests, as botocore signed and sent them: the vault finds no fault in any signature.

use std::collections::HashMap;
use std::sync::Arc;

use glacier_core::{Bytes, Head, Method, Request, Timestamp, Transport};
use glacier_std::local::{AccessKey, Clock, LocalTransport, Settings, Vaults};
use serde_json::Value;

struct Then(Timestamp);

impl Clock for Then {
    fn unix_millis(&self) -> u64 {
        self.0.unix() * 1000
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The code of the error that a vault with the signer's key and clock returns.
async fn code(vaults: &Vaults, request: &Value) -> String {
    let method =
        [Method::Get, Method::Put, Method::Post, Method::Delete].into_iter().find(|method| request["method"] == method.as_str());
    let all = request["headers"].as_object().unwrap();
    let headers: Vec<(&str, &str)> = all.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
    let url = text(&request["url"]);
    let host = url.split('/').nth(2).unwrap();
    // The port of the scheme is not part of the header.
    let host = host.strip_suffix(if url.starts_with("https:") { ":443" } else { ":80" }).unwrap_or(host);
    let (path, query) = (text(&request["path"]), text(&request["query"]));
    let request_line = Request { method: method.unwrap(), host, path, query, headers: &headers };
    let mut arena = [0; 4096];
    let mut head = Head::new(&mut arena);
    let body = text(&request["body"]["$text"]).as_bytes();
    LocalTransport::new(vaults).send(&request_line, &mut Bytes::new(body), &mut head).await.unwrap();
    let response = head.with_body(b"");
    response.header(glacier_core::Header::ErrorType).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_botocore_signs_is_verified() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/requests");
    // The published crate has no vectors.
    let Ok(files) = std::fs::read_dir(folder) else { return };
    let mut opened = HashMap::new();
    let (mut verified, mut changed) = (0, 0);
    for file in files {
        let cases: Value = serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
        for case in cases.as_array().unwrap() {
            let (env, request) = (&case["env"], &case["request"]);
            // Bodies that the vectors state otherwise than as text, and requests that were never made.
            if request["headers"]["Authorization"].is_null() || !(request["body"].is_null() || request["body"]["$text"].is_string())
            {
                continue;
            }
            let date = text(&env["clock"]);
            let (key, token) =
                (AccessKey::new(text(&env["access_key_id"]), text(&env["secret_access_key"])), env["session_token"].as_str());
            let key = token.into_iter().fold(key, AccessKey::with_session_token);
            let settings =
                Settings::default().with_access_keys(vec![key]).with_clock(Arc::new(Then(Timestamp::parse_iso(date).unwrap())));
            let (vaults, _folder) = opened.entry(env.to_string()).or_insert_with(|| {
                let folder = tempfile::tempdir().unwrap();
                (Vaults::open(folder.path(), settings).unwrap(), folder)
            });
            let found = code(vaults, request).await;
            let signature = ["InvalidSignatureException", "UnrecognizedClientException", "MissingAuthenticationTokenException"];
            assert!(!signature.contains(&found.as_str()), "{}: {found}", case["id"]);
            verified += 1;
            // And of each, another path is noticed; a malformed one would have another code.
            let mut other = request.clone();
            other["path"] = format!("{}x", text(&request["path"])).into();
            changed += usize::from(code(vaults, &other).await == "InvalidSignatureException");
        }
    }
    assert!(verified > 150, "{verified}");
    assert_eq!(changed, verified);
}
