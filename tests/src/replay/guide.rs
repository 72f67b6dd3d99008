//! The two signatures that the developer guide prints.

use glacier_core::Request;
use glacier_core::sign::Scope;
use serde_json::Value;

use super::signing::{self, Signed};
use super::{Outcome, env, same, text};
use crate::vectors::{self, Url};

pub(super) fn replay(case: &Value) -> Outcome {
    let url = Url::parse(text(case, "url")?)?;
    let mut headers = signing::headers(&case["headers"], |_| true)?;
    headers.push(("x-amz-date".into(), text(&case["env"], "clock")?.into()));
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request = Request {
        method: signing::method(text(case, "method")?)?,
        host: &url.host,
        path: url.path,
        query: url.query,
        headers: &headers,
    };
    let body = vectors::body(&case["body"])?.unwrap_or_default();
    let scope = Scope { region: text(&case["env"], "region")?, service: "glacier" };
    let signed = Signed::new(&scope, &env::credentials(&case["env"])?, env::now(&case["env"])?, &request, &body);
    same("canonical request", signed.canonical.as_str(), text(case, "canonical_request")?)?;
    same("string to sign", signed.string_to_sign.as_str(), text(case, "string_to_sign")?)?;
    same("authorization", signed.authorization.as_str(), text(case, "authorization")?)?;
    same("signature", signing::signature(&signed.authorization), text(case, "signature")?)?;
    Ok(vec![])
}
