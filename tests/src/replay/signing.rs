//! The signer test: a recorded request is signed again. The signer knows nothing of operations, so all 33 are tested.

use glacier_core::sign::{Scope, Signer, canonical_request, string_to_sign};
use glacier_core::{Buffer, Credentials, LinearHash, Method, Request, Sink, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::caller::ROOM;
use super::{NotPassed, Outcome, env, same, text};
use crate::vectors::{self, Url};

/// Headers of an SDK and of its HTTP library, which are not signed.
const UNSIGNED: [&str; 5] = ["authorization", "user-agent", "amz-sdk-invocation-id", "amz-sdk-request", "content-length"];

pub(super) fn replay(case: &Value) -> Outcome {
    let (request, expected) = (&case["request"], &case["signing"]);
    let url = Url::parse(text(request, "url")?)?;
    let headers = headers(&request["headers"], |name| !UNSIGNED.contains(&name))?;
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = vectors::body(&request["body"])?.unwrap_or_default();
    let request =
        Request { method: method(text(request, "method")?)?, host: &url.host, path: url.path, query: url.query, headers: &headers };
    let scope = Scope { region: env::signing_region(&case["env"])?, service: "glacier" };
    let signed = Signed::new(&scope, &env::credentials(&case["env"])?, env::now(&case["env"])?, &request, &body);

    same("payload hash", signed.payload.to_string().as_str(), text(expected, "payload_sha256")?)?;
    same("canonical request", signed.canonical.as_str(), text(expected, "canonical_request")?)?;
    same("string to sign", signed.string_to_sign.as_str(), text(expected, "string_to_sign")?)?;
    let recorded = text(&case["request"]["headers"], "Authorization")?;
    same("authorization", signed.authorization.as_str(), recorded)?;
    same("signature", signature(&signed.authorization), text(expected, "signature")?)?;
    Ok(vec![])
}

/// Everything a signer makes of a request.
pub(super) struct Signed {
    pub(super) payload: LinearHash,
    pub(super) canonical: String,
    pub(super) string_to_sign: String,
    pub(super) authorization: String,
}

impl Signed {
    pub(super) fn new(
        scope: &Scope<'_>,
        credentials: &Credentials<'_>,
        now: Timestamp,
        request: &Request<'_>,
        body: &[u8],
    ) -> Self {
        let payload = LinearHash::from_bytes(Sha256::digest(body).into());
        Signed {
            payload,
            canonical: written(|out| canonical_request(request, &payload, out)),
            string_to_sign: written(|out| string_to_sign(scope, now, request, &payload, out)),
            authorization: written(|out| Signer::new().authorization(scope, credentials, now, request, &payload, out)),
        }
    }
}

/// What is written to a sink, as text.
pub(super) fn written(write: impl Fn(&mut dyn Sink)) -> String {
    let mut room = vec![0; ROOM];
    let mut buffer = Buffer::new(&mut room);
    write(&mut buffer);
    buffer.finish().map_or_else(|error| error.to_string(), |(text, _)| String::from_utf8_lossy(text).into_owned())
}

/// The headers of an object for whose lower-case names `pass` is true.
pub(super) fn headers(object: &Value, pass: impl Fn(&str) -> bool) -> Result<Vec<(String, String)>, NotPassed> {
    let object = object.as_object().ok_or_else(|| "the case has no headers".to_string())?;
    let mut list = Vec::new();
    for (name, value) in object {
        let name = name.to_ascii_lowercase();
        if pass(&name) {
            list.push((name, value.as_str().ok_or_else(|| format!("a header is not a string: {value}"))?.to_string()));
        }
    }
    Ok(list)
}

pub(super) fn method(name: &str) -> Result<Method, NotPassed> {
    [Method::Get, Method::Head, Method::Put, Method::Post, Method::Delete]
        .into_iter()
        .find(|method| method.as_str() == name)
        .ok_or_else(|| NotPassed::Failed(format!("{name} is not a method of this service")))
}

pub(super) fn signature(authorization: &str) -> &str {
    authorization.rsplit_once("Signature=").map_or("", |(_, signature)| signature)
}
