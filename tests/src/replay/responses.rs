//! Responses: what the client makes of a recorded response, compared with what botocore made of it.

use glacier_core::{DecodeError, Head};
use serde_json::{Value, json};

use super::call::{Call, CallResult};
use super::caller::ROOM;
use super::params::Params;
use super::recorded::RecordedResponse;
use super::{NotPassed, Outcome, Rule, errors, members, number, operations, requests, rule, same, text};
use crate::{second, vectors};

pub(super) fn replay(case: &Value) -> Outcome {
    let recorded = RecordedResponse::new(&case["response"])?;
    let operation = text(case, "operation")?;
    let input = case["params"].as_object().ok_or_else(|| "the case has no params".to_string())?;
    let input = members::completed(operation, input);
    let call = Call { response: &recorded };
    let result = match operations::with(operation, &Params::new(&input), call) {
        Ok(result) => result,
        Err(not_built) => return Err(requests::unexpected(&not_built)),
    };
    match (case.get("ok"), case.get("error")) {
        (Some(ok), _) => success(operation, ok, &recorded, result),
        (None, Some(error)) => errors::compare(error, &recorded, result),
        _ => Err(NotPassed::Failed("the case has neither ok nor error".into())),
    }
}

fn success(operation: &str, ok: &Value, recorded: &RecordedResponse, result: CallResult) -> Outcome {
    let id = ok["request_id"].as_str();
    head(recorded, number(ok, "http_status")?, id)?;
    let expected = &ok["output"];
    match result {
        CallResult::Output(output) => compare(output, expected),
        CallResult::Download(output, body, last) => {
            let mut members = expected.as_object().cloned().unwrap_or_default();
            vectors::compare_body(&body, &members.remove("body").unwrap_or_default())?;
            let mut rules = compare(output, &Value::Object(members))?;
            if let Some(error) = last {
                rules.push(wrong_checksum(recorded, error)?);
            }
            Ok(rules)
        }
        CallResult::Undecodable(error) => Ok(vec![justified(operation, error, recorded, expected)?]),
        CallResult::Service(service_error) => Err(NotPassed::Failed(format!("the success was decoded as {service_error}"))),
        CallResult::Other(text) => Err(NotPassed::Failed(text)),
    }
}

/// Compares status and request id.
pub(super) fn head(recorded: &RecordedResponse, status: u64, request_id: Option<&str>) -> Result<(), NotPassed> {
    let mut arena = vec![0; ROOM];
    let mut head = Head::new(&mut arena);
    recorded.fill(&mut head).map_err(|error| error.to_string())?;
    let response = head.with_body(b"");
    same("status", u64::from(response.status()), status)?;
    same("request id", response.request_id(), request_id)
}

/// Compares outputs. An empty list equals an absent one, and an empty header an absent one.
fn compare(ours: Value, theirs: &Value) -> Outcome {
    let mut rules = vec![];
    let (Value::Object(mut ours), Value::Object(mut theirs)) = (ours, theirs.clone()) else {
        return Err(NotPassed::Failed("the output is not an object".into()));
    };
    let empty = |value: &Value| value == &json!([]) || value == &json!({});
    ours.retain(|name, value| !empty(value) || theirs.contains_key(name));
    // null for an item is an item without members.
    for (name, value) in &mut theirs {
        if let (Value::Array(theirs), Some(Value::Array(ours))) = (value, ours.get(name)) {
            for (item, _) in theirs.iter_mut().zip(ours).filter(|(item, ours)| item.is_null() && empty(ours)) {
                *item = json!({});
                rules.push(Rule::Leniency);
            }
        }
    }
    // The case of a hash's digits has no meaning.
    if let Some(Value::String(text)) = theirs.get_mut("checksum") {
        text.make_ascii_lowercase();
    }
    let members = theirs.len();
    theirs.retain(|name, value| value != "" || ours.contains_key(name));
    rules.truncate(1);
    rules.extend((theirs.len() < members).then_some(Rule::EmptyIsAbsent));
    same("output", ours, theirs)?;
    Ok(rules)
}

/// Whether an error in place of an output is justified by the response.
fn justified(operation: &str, error: DecodeError, recorded: &RecordedResponse, expected: &Value) -> Result<Rule, NotPassed> {
    match error {
        DecodeError::InvalidHeader("x-amz-sha256-tree-hash") => recorded.header("x-amz-sha256-tree-hash").and_then(rule::tree_hash),
        DecodeError::MissingHeader(name) => recorded.header(name).unwrap_or_default().is_empty().then_some(Rule::Required),
        DecodeError::Json | DecodeError::Truncated | DecodeError::TooDeep | DecodeError::InvalidItem { .. } => {
            match serde_json::from_slice::<Value>(&recorded.body) {
                Err(_) if !recorded.body.trim_ascii().is_empty() => Some(Rule::NotJson),
                Err(_) => None,
                Ok(body) => lenient(operation, &body, unwrapped(expected)).then_some(Rule::Leniency),
            }
        }
        DecodeError::Marker(_) => {
            let long = expected["Marker"].as_str().is_some_and(|marker| marker.len() > rule::LONGEST_MARKER);
            long.then_some(Rule::Inexpressible)
        }
        _ => None,
    }
    .ok_or_else(|| NotPassed::Failed(format!("ours {error:?}, theirs {expected}")))
}

/// The output without the name that the model gives a response that is one object.
fn unwrapped(output: &Value) -> &Value {
    output.get("policy").or_else(|| output.get("vaultNotificationConfig")).unwrap_or(output)
}

/// Whether botocore was lenient: it accepted a value of another type than the member's, a float or a negative number for an unsigned one,
/// or null for an item or a value of a map.
fn lenient(operation: &str, recorded: &Value, output: &Value) -> bool {
    let Value::Object(members) = recorded else { return true };
    let member = |(name, recorded): (&String, &Value)| {
        output.get(name).is_some_and(|output| match (name.as_str(), operation) {
            // One of the members of this name is an object, the others are strings.
            ("Policy", "GetDataRetrievalPolicy") => lenient(operation, recorded, output),
            _ => lenient_member(operation, name, recorded, output),
        })
    };
    members.iter().any(member)
}

fn lenient_member(operation: &str, name: &str, recorded: &Value, output: &Value) -> bool {
    match rule::type_of(name) {
        rule::Type::Text => !recorded.is_string(),
        rule::Type::Number => !recorded.is_u64(),
        rule::Type::Flag => !recorded.is_boolean(),
        rule::Type::Texts => !recorded.as_object().is_some_and(|map| map.values().all(Value::is_string)),
        rule::Type::Object => lenient(operation, recorded, output),
        rule::Type::List => match (recorded, output) {
            (Value::Array(recorded), Value::Array(outputs)) => recorded.iter().zip(outputs).any(|(recorded, output)| {
                if name == "Events" { !recorded.is_string() } else { lenient(operation, recorded, output) }
            }),
            _ => true,
        },
    }
}

/// A download whose bytes do not have the announced tree hash, which is computed here from its definition.
fn wrong_checksum(recorded: &RecordedResponse, error: DecodeError) -> Result<Rule, NotPassed> {
    let announced = recorded.header("x-amz-sha256-tree-hash");
    let real = second::tree_hash(&recorded.body);
    match error {
        DecodeError::DownloadMismatch if announced.is_some_and(|announced| announced != vectors::to_hex(&real)) => {
            Ok(Rule::WrongChecksum)
        }
        error => Err(NotPassed::Failed(format!("the download ends with {error:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leniency_is_recognized_by_the_values() {
        let lenient = |recorded: Value| super::lenient("GetDataRetrievalPolicy", &recorded, &recorded);
        assert!(!lenient(json!({ "VaultList": [{ "SizeInBytes": 5, "VaultName": "v" }], "Marker": "m" })));
        for recorded in [
            json!({ "SizeInBytes": "5" }),
            json!({ "SizeInBytes": 5.0 }),
            json!({ "SizeInBytes": -1 }),
            json!({ "Completed": "true" }),
            json!({ "VaultName": 5 }),
            json!({ "VaultList": [null] }),
            json!({ "Tags": { "k": null } }),
            json!({ "Events": [{}] }),
            json!([]),
            json!({ "VaultList": [{ "VaultName": {} }] }),
            json!({ "Policy": { "Rules": [{ "BytesPerHour": "5" }] } }),
        ] {
            assert!(lenient(recorded.clone()), "{recorded}");
        }
    }
}
