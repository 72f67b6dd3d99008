//! The serializer test: an operation is built from a case's input, encoded, signed, and compared with what botocore sent.

use std::collections::BTreeMap;

use glacier_core::{Buffer, Encode, Fetch, List, Operation, Payload, SignedRequest, Signer, Upload};
use serde_json::Value;

use super::caller::ROOM;
use super::env::Env;
use super::operations::{self, Visit};
use super::outputs::{Shape, ToModel};
use super::params::{NotBuilt, Params};
use super::{NotPassed, Outcome, Rule, same, signing, text};
use crate::vectors::{self, Url};

/// Headers by which an SDK identifies itself, and headers that the transport writes.
const NOT_COMPARED: [&str; 4] = ["user-agent", "amz-sdk-invocation-id", "amz-sdk-request", "authorization"];

pub(super) fn replay(case: &Value) -> Outcome {
    let input = case["params"].as_object().ok_or_else(|| "the case has no params".to_string())?;
    let params = Params::new(input);
    let env = Env::new(&case["env"])?;
    let sent_to = Url::parse(text(&case["request"], "url")?)?;
    same("scheme", env.scheme, sent_to.scheme)?;
    same("host", env.endpoint.host(), sent_to.host.as_str())?;
    let encoded = match operations::with(text(case, "operation")?, &params, Encoder(&env)) {
        Ok(encoded) => encoded?,
        Err(not_built) => return rejected(not_built),
    };
    let empties = compare(case, &encoded)?;
    Ok(vec![Rule::EmptyIsAbsent; usize::from(empties || params.empties() > 0)])
}

/// A case that is rejected by a rule passes.
pub(super) fn rejected(not_built: NotBuilt) -> Outcome {
    match not_built {
        NotBuilt::Rejected(rule, _) => Ok(vec![rule]),
        not_built @ (NotBuilt::Wrong(_) | NotBuilt::Unknown(_)) => Err(unexpected(&not_built)),
    }
}

/// An operation that must be built and was not.
pub(super) fn unexpected(not_built: &NotBuilt) -> NotPassed {
    NotPassed::Failed(match not_built {
        NotBuilt::Rejected(rule, why) => format!("rejected by the rule {rule}: {why}"),
        NotBuilt::Wrong(text) => text.clone(),
        NotBuilt::Unknown(operation) => format!("this program does not know the operation {operation}"),
    })
}

/// A request as it would be sent, with the headers that a transport adds.
pub(super) struct Encoded {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
    pub(super) is_json: bool,
}

/// Encodes and signs any operation.
pub(super) struct Encoder<'e, 'a>(pub(super) &'e Env<'a>);

impl Encoder<'_, '_> {
    fn encode(self, operation: &(dyn Encode + Sync), body: &[u8]) -> Result<Encoded, NotPassed> {
        let Env { endpoint, credentials, now, .. } = self.0;
        let mut room = vec![0; ROOM];
        let (signed, _) = SignedRequest::new(operation, endpoint, credentials, &mut Signer::new(), *now, &mut room)
            .map_err(|error| error.to_string())?;
        let request = signed.as_request();
        let is_json = operation.payload() == Payload::Json;
        let body = if is_json { json(operation)? } else { body.to_vec() };
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in request.headers {
            if headers.insert((*name).to_string(), (*value).to_string()).is_some() {
                return Err(NotPassed::Failed(format!("the header {name} goes out twice")));
            }
        }
        Ok(Encoded {
            method: request.method.as_str(),
            path: request.path.to_string(),
            query: request.query.to_string(),
            headers,
            body,
            is_json,
        })
    }
}

impl Visit for Encoder<'_, '_> {
    type Out = Result<Encoded, NotPassed>;

    fn operation<O>(self, operation: &O) -> Self::Out
    where
        O: Operation + Sync,
        for<'b> O::Output<'b>: ToModel,
    {
        self.encode(operation, b"")
    }
    fn upload<O>(self, operation: &O, body: &[u8]) -> Self::Out
    where
        O: Upload + Sync,
        for<'b> O::Output<'b>: ToModel,
    {
        self.encode(operation, body)
    }
    fn list<L>(self, operation: &L, _: Shape) -> Self::Out
    where
        L: List + Encode + Sync,
        for<'b> L::Item<'b>: ToModel,
    {
        self.encode(operation, b"")
    }
    fn fetch<O: Fetch + Sync>(self, operation: &O) -> Self::Out {
        self.encode(operation, b"")
    }
}

/// The operation's JSON, which a source writes piece by piece and this all at once.
fn json(operation: &dyn Encode) -> Result<Vec<u8>, NotPassed> {
    let mut room = vec![0; ROOM];
    let mut buffer = Buffer::new(&mut room);
    operation.json(&mut buffer);
    buffer.finish().map(|(text, _)| text.to_vec()).map_err(|error| NotPassed::Failed(error.to_string()))
}

/// Compares what goes out; whether an empty member was left away comes back.
fn compare(case: &Value, ours: &Encoded) -> Result<bool, NotPassed> {
    let theirs = &case["request"];
    same("method", ours.method, text(theirs, "method")?)?;
    same("path", ours.path.as_str(), text(theirs, "path")?)?;
    let (query, query_empties) = pairs(&ours.query, text(theirs, "query")?);
    same("query", pairs(&ours.query, &ours.query).0, query)?;
    let header_empties = compare_headers(ours, theirs, &case["params"])?;
    let body = vectors::body(&theirs["body"])?.unwrap_or_default();
    let mut body_empties = false;
    if ours.is_json {
        let (ours, mut theirs) = (parsed(&ours.body)?, parsed(&body)?);
        body_empties = drop_empties(&ours, &mut theirs);
        same("body", ours, theirs)?;
    } else {
        if ours.body != body {
            return Err(NotPassed::Failed(format!("body: ours has {} bytes, theirs {}", ours.body.len(), body.len())));
        }
        if !query_empties && !header_empties {
            let ours = ours.headers.get("authorization").map_or("", String::as_str);
            same("authorization", ours, text(&theirs["headers"], "Authorization")?)?;
        }
    }
    Ok(query_empties || header_empties || body_empties)
}

/// Drops the members of `theirs` that are empty texts and that `ours` leaves away; whether there were any comes back.
fn drop_empties(ours: &Value, theirs: &mut Value) -> bool {
    let Value::Object(theirs) = theirs else { return false };
    let before = theirs.len();
    theirs.retain(|name, value| value != "" || ours.get(name).is_some());
    let dropped = theirs.len() < before;
    theirs.iter_mut().fold(dropped, |any, (name, value)| drop_empties(&ours[name.as_str()], value) || any)
}

/// The pairs of `theirs` as a sorted list, without those that are empty and that `ours` leaves away.
fn pairs<'a>(ours: &str, theirs: &'a str) -> (Vec<&'a str>, bool) {
    let mut dropped = false;
    let mut list: Vec<&str> = theirs.split('&').filter(|pair| !pair.is_empty()).collect();
    list.retain(|pair| {
        let keep = !pair.ends_with('=') || ours.split('&').any(|other| other == *pair);
        dropped |= !keep;
        keep
    });
    list.sort_unstable();
    (list, dropped)
}

fn compare_headers(ours: &Encoded, theirs: &Value, params: &Value) -> Result<bool, NotPassed> {
    let mut empties = false;
    let mut expected: BTreeMap<String, String> =
        signing::headers(&theirs["headers"], |name| !NOT_COMPARED.contains(&name))?.into_iter().collect();
    // The transport writes the length, by core's contract: that of the body, zero included, with PUT and POST.
    if let Some(length) = expected.remove("content-length").filter(|_| !ours.is_json) {
        same("content-length", ours.body.len().to_string(), length)?;
    }
    let mut found = ours.headers.clone();
    found.remove("authorization");
    // An empty value stands for absent; a checksum that the caller left empty is computed.
    expected.retain(|name, value| {
        let computed = name == "x-amz-sha256-tree-hash" && params["checksum"] == "";
        if value.is_empty() && (computed || !found.contains_key(name)) {
            empties = true;
            found.remove(name);
            return false;
        }
        true
    });
    same("headers", found, expected)?;
    Ok(empties)
}

fn parsed(json: &[u8]) -> Result<Value, NotPassed> {
    serde_json::from_slice(json).map_err(|error| NotPassed::Failed(format!("the body is not JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_empty_texts_that_were_left_away_are_dropped() {
        let mut theirs = json!({ "a": "", "b": "", "c": { "d": "", "e": 1 }, "f": [] });
        assert!(drop_empties(&json!({ "b": "x", "c": {} }), &mut theirs));
        assert_eq!(theirs, json!({ "b": "", "c": { "e": 1 }, "f": [] }));
        assert!(!drop_empties(&json!({}), &mut json!({ "a": null, "b": 0 })));
    }
}
