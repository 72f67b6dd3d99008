//! Answers: what the client makes of a recorded answer, against what botocore made of it.

use glacier_core::{DecodeError, Head};
use serde_json::{Value, json};

use super::call::{Call, Said};
use super::caller::ROOM;
use super::params::Params;
use super::scripted::Answer;
use super::{Not, Outcome, Rule, errors, members, number, operations, requests, rule, same, text};
use crate::{second, vectors};

pub(super) fn replay(case: &Value) -> Outcome {
    let answer = Answer::new(&case["response"])?;
    let operation = text(case, "operation")?;
    let input = case["params"].as_object().ok_or_else(|| "the case has no params".to_string())?;
    let input = members::completed(operation, input);
    let call = Call { answer: &answer };
    let result = match operations::with(operation, &Params::new(&input), call) {
        Ok(result) => result,
        Err(not_built) => return Err(requests::unexpected(&not_built)),
    };
    match (case.get("ok"), case.get("error")) {
        (Some(ok), _) => success(operation, ok, &answer, result),
        (None, Some(error)) => errors::compare(error, &answer, result),
        _ => Err(Not::Failed("the case has neither ok nor error".into())),
    }
}

fn success(operation: &str, ok: &Value, answer: &Answer, said: Said) -> Outcome {
    let id = ok["request_id"].as_str();
    head(answer, number(ok, "http_status")?, id)?;
    let expected = &ok["output"];
    match said {
        Said::Output(output) => compare(output, expected),
        Said::Download(output, body, last) => {
            let mut members = expected.as_object().cloned().unwrap_or_default();
            vectors::compare_body(&body, &members.remove("body").unwrap_or_default())?;
            let mut rules = compare(output, &Value::Object(members))?;
            if let Some(error) = last {
                rules.push(wrong_checksum(answer, error)?);
            }
            Ok(rules)
        }
        Said::Undecodable(error) => Ok(vec![deserved(operation, error, answer, expected)?]),
        Said::Refused(refusal) => Err(Not::Failed(format!("a success is taken for {refusal}"))),
        Said::Else(text) => Err(Not::Failed(text)),
    }
}

/// Status and request id of any answer.
pub(super) fn head(answer: &Answer, status: u64, request_id: Option<&str>) -> Result<(), Not> {
    let mut arena = vec![0; ROOM];
    let mut head = Head::new(&mut arena);
    answer.fill(&mut head).map_err(|error| error.to_string())?;
    let response = head.with_body(b"");
    same("status", u64::from(response.status()), status)?;
    same("request id", response.request_id(), request_id)
}

/// Compares outputs: a list without items and no list are one, and so are an empty header and none.
fn compare(ours: Value, theirs: &Value) -> Outcome {
    let mut rules = vec![];
    let (Value::Object(mut ours), Value::Object(mut theirs)) = (ours, theirs.clone()) else {
        return Err(Not::Failed("the output is no object".into()));
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

/// An error in the place of an output, held against what the answer says.
fn deserved(operation: &str, error: DecodeError, answer: &Answer, expected: &Value) -> Result<Rule, Not> {
    match error {
        DecodeError::InvalidHeader("x-amz-sha256-tree-hash") => answer.header("x-amz-sha256-tree-hash").and_then(rule::tree_hash),
        DecodeError::MissingHeader(name) => answer.header(name).unwrap_or_default().is_empty().then_some(Rule::Required),
        DecodeError::Json | DecodeError::Truncated | DecodeError::TooDeep => match serde_json::from_slice::<Value>(&answer.body) {
            Err(_) if !answer.body.trim_ascii().is_empty() => Some(Rule::NotJson),
            Err(_) => None,
            Ok(body) => lenient(operation, &body, unwrapped(expected)).then_some(Rule::Leniency),
        },
        DecodeError::Marker(_) => {
            let long = expected["Marker"].as_str().is_some_and(|marker| marker.len() > rule::LONGEST_MARKER);
            long.then_some(Rule::Inexpressible)
        }
        _ => None,
    }
    .ok_or_else(|| Not::Failed(format!("ours {error:?}, theirs {expected}")))
}

/// The output without the name that the model gives an answer that is one object.
fn unwrapped(output: &Value) -> &Value {
    output.get("policy").or_else(|| output.get("vaultNotificationConfig")).unwrap_or(output)
}

/// Whether botocore read something in the answer for more than it is: a value of another type than the member's, a float for a whole
/// number or one that no unsigned number holds, or null for an item or a value of a map.
fn lenient(operation: &str, answer: &Value, output: &Value) -> bool {
    let Value::Object(answers) = answer else { return true };
    let member = |(name, answer): (&String, &Value)| {
        output.get(name).is_some_and(|output| match (name.as_str(), operation) {
            // Of the members called so one is an object, the others are texts.
            ("Policy", "GetDataRetrievalPolicy") => lenient(operation, answer, output),
            _ => lenient_member(operation, name, answer, output),
        })
    };
    answers.iter().any(member)
}

fn lenient_member(operation: &str, name: &str, answer: &Value, output: &Value) -> bool {
    match rule::type_of(name) {
        rule::Type::Text => !answer.is_string(),
        rule::Type::Number => !answer.is_u64(),
        rule::Type::Flag => !answer.is_boolean(),
        rule::Type::Texts => !answer.as_object().is_some_and(|map| map.values().all(Value::is_string)),
        rule::Type::Object => lenient(operation, answer, output),
        rule::Type::List => match (answer, output) {
            (Value::Array(answers), Value::Array(outputs)) => answers
                .iter()
                .zip(outputs)
                .any(|(answer, output)| if name == "Events" { !answer.is_string() } else { lenient(operation, answer, output) }),
            _ => true,
        },
    }
}

/// A download whose bytes do not have the announced tree hash, computed here from its definition.
fn wrong_checksum(answer: &Answer, error: DecodeError) -> Result<Rule, Not> {
    let announced = answer.header("x-amz-sha256-tree-hash");
    let real = second::tree_hash(&answer.body);
    match error {
        DecodeError::DownloadMismatch if announced.is_some_and(|announced| announced != vectors::to_hex(&real)) => {
            Ok(Rule::WrongChecksum)
        }
        error => Err(Not::Failed(format!("the download ends with {error:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leniencies_are_seen_in_the_values() {
        let lenient = |answer: Value| super::lenient("GetDataRetrievalPolicy", &answer, &answer);
        assert!(!lenient(json!({ "VaultList": [{ "SizeInBytes": 5, "VaultName": "v" }], "Marker": "m" })));
        for answer in [
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
            assert!(lenient(answer.clone()), "{answer}");
        }
    }
}
