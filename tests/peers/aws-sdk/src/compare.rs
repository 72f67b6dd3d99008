//! Two requests, field by field.

use std::collections::{BTreeMap, BTreeSet};

use glacier_core::hash::LinearHasher;
use glacier_core::sign::Scope;
use glacier_core::{Buffer, Credentials, Method, Request, Signer, Timestamp};
use serde_json::Value;

use crate::recorder::Recorded;

/// The names of the fields in which two requests differ, each with the SDK's value and ours; `-` is absent.
pub(crate) fn differences(theirs: &Recorded, ours: &Recorded) -> BTreeMap<String, (String, String)> {
    let (mut theirs, mut ours) = (fields(theirs), fields(ours));
    let names: BTreeSet<String> = theirs.keys().chain(ours.keys()).cloned().collect();
    let mut found = BTreeMap::new();
    for name in names {
        let (a, b) = (theirs.remove(&name), ours.remove(&name));
        if a != b {
            let shown = |value: Option<String>| value.unwrap_or_else(|| "-".into());
            found.insert(name, (shown(a), shown(b)));
        }
    }
    found
}

/// All fields of a request, by name, without the signature: see [`signed_alike`].
fn fields(request: &Recorded) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    fields.insert("method".into(), request.method.clone());
    fields.insert("path".into(), request.path.clone());
    let mut pairs: Vec<&str> = request.query.split('&').collect();
    pairs.sort_unstable();
    fields.insert("query".into(), pairs.join("&"));
    fields.insert("body".into(), body(request));
    for (name, value) in &request.headers {
        if name == "authorization" {
            fields.insert("credential".into(), part(value, "Credential").into());
            for name in part(value, "SignedHeaders").split(';') {
                fields.insert(format!("signed {name}"), "yes".into());
            }
        } else {
            // A repeated header appears as two values.
            let field: &mut String = fields.entry(format!("header {name}")).or_default();
            *field = if field.is_empty() { value.clone() } else { format!("{field} and {value}") };
        }
    }
    fields
}

/// A JSON body in a canonical form, any other unchanged.
fn body(request: &Recorded) -> String {
    if request.header("content-type") == Some("application/json") {
        match serde_json::from_slice::<Value>(&request.body) {
            Ok(value) => return value.to_string(),
            Err(error) => return format!("not JSON: {error}"),
        }
    }
    request.body.escape_ascii().to_string()
}

/// `NAME=value` in an authorization.
fn part<'a>(authorization: &'a str, name: &str) -> &'a str {
    let (_, rest) = authorization.split_once(name).unwrap_or_default();
    let value = rest.strip_prefix('=').unwrap_or_default();
    value.split_once(',').map_or(value, |(value, _)| value)
}

/// Signs the SDK's request with our signer: the same headers, the same time. The authorization must be the one it was sent with.
///
/// The two sides sign different headers, so their signatures cannot be compared with each other.
pub(crate) fn signed_alike(theirs: &Recorded, scope: &Scope<'_>, who: &Credentials<'_>, now: Timestamp) -> Result<(), String> {
    let sent = theirs.header("authorization").ok_or("the SDK's request is not signed")?;
    let signed: Vec<&str> = part(sent, "SignedHeaders").split(';').collect();
    let headers: Vec<(&str, &str)> = theirs
        .headers
        .iter()
        .filter(|(name, _)| name != "host" && signed.contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let request = Request {
        method: method(&theirs.method)?,
        host: theirs.header("host").ok_or("the SDK's request has no host")?,
        path: &theirs.path,
        query: &theirs.query,
        headers: &headers,
    };
    let mut payload = LinearHasher::new();
    payload.update(&theirs.body);
    let mut room = [0; 1024];
    let mut text = Buffer::new(&mut room);
    Signer::new().authorization(scope, who, now, &request, &payload.finish(), &mut text);
    let (ours, _) = text.finish().map_err(|error| error.to_string())?;
    if ours == sent.as_bytes() {
        Ok(())
    } else {
        Err(format!("signed by the SDK: {sent}\nby our signer:     {}", ours.escape_ascii()))
    }
}

fn method(name: &str) -> Result<Method, String> {
    let all = [Method::Get, Method::Put, Method::Post, Method::Delete];
    all.into_iter().find(|method| method.as_str() == name).ok_or_else(|| format!("the SDK's method is {name}"))
}
