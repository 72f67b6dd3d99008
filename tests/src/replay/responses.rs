//! Answers and errors: what the client makes of a recorded answer, against what botocore made of it.

use glacier_core::{
    Bytes, Code, DecodeError, Encode, Entry, Error, Fetch, FromResponse, Head, List, Message, Operation, Refusal, RefusalText,
    Upload,
};
use pollster::block_on;
use serde_json::{Map, Value, json};

use super::caller::{NOW, ROOM, client};
use super::operations::{self, Visit};
use super::outputs::{Member, Output, Shape, Spelt};
use super::params::{NotBuilt, Params};
use super::scripted::{Answer, Event, Scripted};
use super::{Not, Outcome, Rule, members, number, rule, same, text};
use crate::{second, vectors};

pub(super) fn replay(case: &Value) -> Outcome {
    let answer = Answer::new(&case["response"])?;
    let operation = text(case, "operation")?;
    let input = case["params"].as_object().ok_or_else(|| "the case has no params".to_string())?;
    let input = members::completed(operation, input);
    let call = Call { answer: &answer };
    let result = match operations::with(operation, &Params::new(&input), call) {
        Ok(result) => result,
        Err(NotBuilt::Unknown) => return Err(Not::Unknown),
        Err(not_built) => return Err(Not::Failed(format!("the operation was not built: {not_built:?}"))),
    };
    match (case.get("ok"), case.get("error")) {
        (Some(ok), _) => success(ok, &answer, result),
        (None, Some(error)) => failure(error, &answer, result),
        _ => Err(Not::Failed("the case has neither ok nor error".into())),
    }
}

/// What the client said of an answer.
enum Said {
    Output(Value),
    /// An output with the body that was downloaded, and the error that followed its last byte.
    Download(Value, Vec<u8>, Option<DecodeError>),
    Undecodable(DecodeError),
    Refused(Box<Refusal>),
    Else(String),
}

impl<T: std::fmt::Debug, S: std::fmt::Debug> From<Error<T, S>> for Said {
    fn from(error: Error<T, S>) -> Self {
        match error {
            Error::Decode(error) => Said::Undecodable(error),
            Error::Service(refusal) => Said::Refused(Box::new(refusal)),
            other => Said::Else(format!("{other:?}")),
        }
    }
}

fn said(output: Output) -> Said {
    match output {
        Ok(output) => Said::Output(output),
        Err(error) => Said::Undecodable(error),
    }
}

/// Objects of one member each as one object.
fn merged(items: Vec<Value>) -> Value {
    let objects = items.into_iter().filter_map(|item| if let Value::Object(object) = item { Some(object) } else { None });
    Value::Object(objects.flatten().collect())
}

struct Call<'a> {
    answer: &'a Answer,
}

impl Call<'_> {
    fn transport(&self) -> Scripted {
        Scripted::new(vec![Event::Answer(self.answer.clone())])
    }
}

impl Visit for Call<'_> {
    type Out = Said;

    fn operation<O>(self, operation: &O) -> Said
    where
        O: Operation + Sync,
        for<'b> O::Answer<'b>: Spelt,
    {
        let mut buf = vec![0; ROOM];
        match block_on(client(&mut self.transport()).send(operation, NOW, &mut buf)) {
            Ok(answer) => said(answer.spelt()),
            Err(error) => error.into(),
        }
    }

    /// An upload's answer is checked against what was sent, which the case does not tell; so a success is only decoded.
    fn upload<O>(self, operation: &O, body: &[u8]) -> Said
    where
        O: Upload + Sync,
        for<'b> O::Answer<'b>: Spelt,
    {
        let mut buf = vec![0; ROOM];
        if !(200..300).contains(&self.answer.status) {
            return match block_on(client(&mut self.transport()).upload(operation, &mut Bytes::new(body), NOW, &mut buf)) {
                Ok(_) => Said::Else("a success".into()),
                Err(error) => error.into(),
            };
        }
        let mut head = Head::new(&mut buf);
        if let Err(error) = self.answer.fill(&mut head) {
            return Said::Undecodable(DecodeError::Head(error));
        }
        match O::Answer::from_response(&head.with_body(&self.answer.body)) {
            Ok(answer) => said(answer.spelt()),
            Err(error) => Said::Undecodable(error),
        }
    }

    fn list<L>(self, operation: &L, shape: Shape) -> Said
    where
        L: List + Encode + Sync,
        for<'b> L::Item<'b>: Spelt,
    {
        let mut buf = vec![0; ROOM];
        let mut transport = self.transport();
        let mut client = client(&mut transport);
        let mut read = async || {
            let mut listing = client.list(operation, NOW, &mut buf).await?;
            let (mut items, mut output) = (Vec::new(), Map::new());
            while let Some(entry) = listing.next_entry().await? {
                match entry {
                    Entry::Item(value) => items.push(value.spelt()?),
                    Entry::Member(name, value) => {
                        let known = shape.beside.iter().find(|member| member.name() == name);
                        let value = match known {
                            Some(Member::Text(_)) => json!(value.text()?.map(|text| text.to_string())),
                            Some(Member::Number(_)) => json!(value.number()?),
                            None => Value::Null,
                        };
                        if !value.is_null() {
                            output.insert(name.to_string(), value);
                        }
                    }
                }
            }
            let items = if shape.is_map { merged(items) } else { items.into() };
            output.insert(L::NAME.to_string(), items);
            Ok::<_, Error<_>>(Value::Object(output))
        };
        match block_on(read()) {
            Ok(output) => Said::Output(output),
            Err(error) => error.into(),
        }
    }

    fn fetch<O: Fetch + Sync>(self, operation: &O) -> Said {
        let mut buf = vec![0; ROOM];
        let mut transport = self.transport();
        let mut client = client(&mut transport);
        let mut read = async || {
            let mut download = client.fetch(operation, NOW, &mut buf).await?;
            let output = *download.output();
            let (mut body, mut piece, mut last) = (Vec::new(), [0; 3000], None);
            loop {
                match download.read(&mut piece).await {
                    Ok(0) => break,
                    Ok(got) => body.extend_from_slice(&piece[..got]),
                    Err(Error::Decode(error)) => {
                        last = Some(error);
                        break;
                    }
                    Err(error) => return Err(error),
                }
            }
            let members = [
                ("checksum", output.tree_hash.map(|hash| hash.to_string())),
                ("contentRange", output.content_range.map(str::to_string)),
                ("acceptRanges", output.accept_ranges.map(str::to_string)),
                ("contentType", output.content_type.map(str::to_string)),
                ("archiveDescription", output.description.map(str::to_string)),
            ];
            let mut shown: Map<String, Value> =
                members.into_iter().filter_map(|(name, value)| Some((name.to_string(), value?.into()))).collect();
            shown.insert("status".into(), output.status.into());
            Ok((Value::Object(shown), body, last))
        };
        match block_on(read()) {
            Ok((output, body, last)) => Said::Download(output, body, last),
            Err(error) => error.into(),
        }
    }
}

fn success(ok: &Value, answer: &Answer, said: Said) -> Outcome {
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
        Said::Undecodable(error) => Ok(vec![deserved(error, answer, expected)?]),
        Said::Refused(refusal) => Err(Not::Failed(format!("a success is taken for {refusal}"))),
        Said::Else(text) => Err(Not::Failed(text)),
    }
}

/// Status and request id of any answer.
fn head(answer: &Answer, status: u64, request_id: Option<&str>) -> Result<(), Not> {
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
    let members = theirs.len();
    theirs.retain(|name, value| value != "" || ours.contains_key(name));
    rules.truncate(1);
    rules.extend((theirs.len() < members).then_some(Rule::EmptyIsAbsent));
    same("output", ours, theirs)?;
    Ok(rules)
}

/// An error in the place of an output, held against what the answer says.
fn deserved(error: DecodeError, answer: &Answer, expected: &Value) -> Result<Rule, Not> {
    match error {
        DecodeError::InvalidHeader("x-amz-sha256-tree-hash") => answer.header("x-amz-sha256-tree-hash").and_then(rule::tree_hash),
        DecodeError::MissingHeader(name) => answer.header(name).unwrap_or_default().is_empty().then_some(Rule::Required),
        DecodeError::Json | DecodeError::Truncated | DecodeError::TooDeep => match serde_json::from_slice::<Value>(&answer.body) {
            Err(_) if !answer.body.trim_ascii().is_empty() => Some(Rule::NotJson),
            Err(_) => None,
            Ok(body) => lenient(&body, unwrapped(expected)).then_some(Rule::Leniency),
        },
        _ => None,
    }
    .ok_or_else(|| Not::Failed(format!("ours {error:?}, theirs {expected}")))
}

/// The output without the name that the model gives an answer that is one object.
fn unwrapped(output: &Value) -> &Value {
    output.get("policy").or_else(|| output.get("vaultNotificationConfig")).unwrap_or(output)
}

/// Whether botocore read something in the answer for more than it is: a text for a number or a truth, a float for a whole number, or
/// null for an item or a value of a map.
fn lenient(answer: &Value, output: &Value) -> bool {
    match (answer, output) {
        (Value::Array(answers), Value::Array(outputs)) => {
            answers.iter().zip(outputs).any(|(answer, output)| answer.is_null() || lenient(answer, output))
        }
        (Value::Object(answers), Value::Object(outputs)) => {
            outputs.iter().any(|(name, output)| answers.get(name).is_some_and(|answer| lenient(answer, output)))
        }
        (Value::Null, output) => output.is_null(),
        (Value::Number(answer), Value::Number(_)) => !answer.is_u64(),
        (Value::String(_), Value::String(_)) | (Value::Bool(_), Value::Bool(_)) => false,
        _ => true,
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

/// botocore takes an empty body and an HTML page for no answer of the service (section 2 of the API reference).
fn is_page(answer: &Answer) -> bool {
    let body = answer.body.trim_ascii();
    answer.status >= 500 && (body.is_empty() || body.starts_with(b"<html>"))
}

fn failure(error: &Value, answer: &Answer, said: Said) -> Outcome {
    let refusal = match said {
        Said::Refused(refusal) => refusal,
        Said::Output(output) | Said::Download(output, ..) => return Err(Not::Failed(format!("an error is taken for {output}"))),
        Said::Undecodable(error) => return Err(Not::Failed(format!("an error cannot be read: {error:?}"))),
        Said::Else(text) => return Err(Not::Failed(text)),
    };
    if error["botocore_crash"] == true {
        return Ok(vec![Rule::Crash]);
    }
    // botocore loses the request id with a page instead of JSON; here it is kept.
    let id = error["request_id"].as_str();
    let lost = if id.is_none() && is_page(answer) { answer.header("x-amzn-requestid") } else { None };
    let mut rules = vec![Rule::ErrorPage; usize::from(lost.is_some())];
    let id = id.or(lost);
    head(answer, number(error, "http_status")?, id)?;
    same("status of the refusal", u64::from(refusal.status), number(error, "http_status")?)?;
    same("request id of the refusal", refusal.request_id.as_str(), id.unwrap_or(""))?;

    let mut arena = vec![0; ROOM];
    let mut head = Head::new(&mut arena);
    answer.fill(&mut head).map_err(|error| error.to_string())?;
    let response = head.with_body(&answer.body);
    let whole = RefusalText::from_response(&response);
    let code = whole.code.map(|code| code.to_string());
    let message = match whole.message {
        Message::Json(text) => text.to_string(),
        Message::Raw(text) => text.to_string(),
    };
    if refusal.message.is_whole() {
        same("message of the refusal", refusal.message.as_str(), message.as_str())?;
    }
    same("code of the refusal", refusal.name.as_str(), code.as_deref().unwrap_or(""))?;

    // Without a code botocore gives the status in its place.
    let status = answer.status.to_string();
    match &error["code"] {
        Value::String(expected) if *expected == status && code.is_none() => {
            let theirs = error["message"].as_str().unwrap_or("");
            let body = String::from_utf8_lossy(&answer.body);
            if theirs != message {
                // Where botocore puts the status's own words, this keeps what the body said.
                same("message", message.trim(), body.trim())?;
                rules = vec![Rule::ErrorPage];
            }
            Ok(rules)
        }
        Value::String(expected) => {
            same("code", code.as_deref(), Some(expected))?;
            same("message", message.as_str(), error["message"].as_str().unwrap_or(""))?;
            if error["exception"] != "ClientError" && Code::named(expected) == Code::Unknown {
                return Err(Not::Failed(format!("{expected} is a type in the model and none here")));
            }
            same("typed code", refusal.code, Code::named(expected))?;
            Ok(vec![])
        }
        Value::Null => {
            same("code", code, None)?;
            Ok(vec![])
        }
        // A code that is no text.
        _ => {
            same("code", code, None)?;
            Ok(vec![Rule::Leniency])
        }
    }
}
