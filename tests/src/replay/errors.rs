//! Errors: status, code, message and request id of a refusal.

use glacier_core::{ErrorCode, Head, Message, ServiceErrorText};
use serde_json::Value;

use super::call::Said;
use super::caller::ROOM;
use super::responses::head;
use super::scripted::Answer;
use super::{Not, Outcome, Rule, number, rule, same};

/// botocore takes an empty body and an HTML page for no answer of the service (section 2 of the API reference).
pub(super) fn is_page(answer: &Answer) -> bool {
    let body = answer.body.trim_ascii();
    answer.status >= 500 && (body.is_empty() || body.starts_with(b"<html>"))
}

/// Compares what the client said of an answer with the error that botocore made of it.
pub(super) fn compare(error: &Value, answer: &Answer, said: Said) -> Outcome {
    let crash = error["botocore_crash"] == true;
    let refusal = match said {
        Said::Refused(refusal) => refusal,
        // What botocore breaks at need not be a refusal: a success that cannot be read is an error too.
        Said::Undecodable(_) | Said::Download(_, _, Some(_)) if crash => return Ok(vec![Rule::Crash]),
        Said::Output(output) | Said::Download(output, ..) => return Err(Not::Failed(format!("an error is taken for {output}"))),
        Said::Undecodable(error) => return Err(Not::Failed(format!("an error cannot be read: {error:?}"))),
        Said::Else(text) => return Err(Not::Failed(text)),
    };
    if crash {
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
    let whole = ServiceErrorText::from_response(&response);
    let code = whole.code.map(|code| code.to_string());
    let message = match whole.message {
        Message::Json(text) => text.to_string(),
        Message::Raw(text) => text.to_string(),
    };
    if refusal.message.is_whole() {
        same("message of the refusal", refusal.message.as_str(), message.as_str())?;
    }
    if refusal.name.is_whole() {
        same("code of the refusal", refusal.name.as_str(), code.as_deref().unwrap_or(""))?;
    }
    if answer.status == 300 {
        // botocore takes it for no success and does not read it as an error either.
        return Ok(vec![Rule::Leniency]);
    }
    let code = code.filter(|code| !code.is_empty());
    if let Some(rule) = looked_further(answer, error, code.as_deref(), &message) {
        return Ok(vec![rule]);
    }

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
            same("code", code.as_deref().unwrap_or(""), expected)?;
            same("message", message.as_str(), error["message"].as_str().unwrap_or(""))?;
            if error["exception"] != "ClientError" && ErrorCode::from_name(expected) == ErrorCode::Unknown {
                return Err(Not::Failed(format!("{expected} is a type in the model and none here")));
            }
            same("typed code", refusal.code, ErrorCode::from_name(expected))?;
            Ok(rules)
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

/// Where this client finds a code or a message that botocore does not: behind a null or an empty header, and in the header of a page.
fn looked_further(answer: &Answer, error: &Value, code: Option<&str>, message: &str) -> Option<Rule> {
    let header = answer.header("x-amzn-errortype");
    let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    let (their_code, their_message) = (error["code"].as_str().unwrap_or_default(), error["message"].as_str().unwrap_or_default());
    if code.is_some() && code == rule::code(header, &body) && code != Some(their_code) {
        return match header {
            Some("") => Some(Rule::EmptyIsAbsent),
            Some(_) if is_page(answer) => Some(Rule::ErrorPage),
            _ if ["code", "Code"].iter().any(|name| body.get(name).is_some_and(Value::is_null)) => Some(Rule::NullIsAbsent),
            _ => None,
        };
    }
    let other = body["Message"].as_str().filter(|_| body.get("message").is_some_and(Value::is_null));
    if other == Some(message)
        && their_message.is_empty()
        && code.unwrap_or_default() == rule::code(header, &body).unwrap_or_default()
    {
        return Some(Rule::NullIsAbsent);
    }
    None
}
