//! Errors: status, code, message and request id of a service error.

use glacier_core::{ErrorCode, Head, Message, ServiceErrorText};
use serde_json::Value;

use super::call::CallResult;
use super::caller::ROOM;
use super::recorded::RecordedResponse;
use super::responses::head;
use super::{NotPassed, Outcome, Rule, number, rule, same};

/// Whether botocore takes the response for one of a proxy: an empty body or an HTML page (section 2 of the API reference).
pub(super) fn is_page(recorded: &RecordedResponse) -> bool {
    let body = recorded.body.trim_ascii();
    recorded.status >= 500 && (body.is_empty() || body.starts_with(b"<html>"))
}

/// Compares what the client made of a response with the error that botocore made of it.
pub(super) fn compare(error: &Value, recorded: &RecordedResponse, result: CallResult) -> Outcome {
    let crash = error["botocore_crash"] == true;
    let service_error = match result {
        CallResult::Service(service_error) => service_error,
        // Where botocore crashes, a success that cannot be decoded is an error too.
        CallResult::Undecodable(_) | CallResult::Download(_, _, Some(_)) if crash => return Ok(vec![Rule::Crash]),
        CallResult::Output(output) | CallResult::Download(output, ..) => {
            return Err(NotPassed::Failed(format!("the error was decoded as {output}")));
        }
        CallResult::Undecodable(error) => return Err(NotPassed::Failed(format!("the error cannot be decoded: {error:?}"))),
        CallResult::Other(text) => return Err(NotPassed::Failed(text)),
    };
    if crash {
        return Ok(vec![Rule::Crash]);
    }
    // botocore loses the request id with a page instead of JSON; here it is kept.
    let id = error["request_id"].as_str();
    let lost = if id.is_none() && is_page(recorded) { recorded.header("x-amzn-requestid") } else { None };
    let mut rules = vec![Rule::ErrorPage; usize::from(lost.is_some())];
    let id = id.or(lost);
    head(recorded, number(error, "http_status")?, id)?;
    same("status of the error", u64::from(service_error.status), number(error, "http_status")?)?;
    same("request id of the error", service_error.request_id.as_str(), id.unwrap_or(""))?;

    let mut arena = vec![0; ROOM];
    let mut head = Head::new(&mut arena);
    recorded.fill(&mut head).map_err(|error| error.to_string())?;
    let response = head.with_body(&recorded.body);
    let whole = ServiceErrorText::from_response(&response);
    let code = whole.code.map(|code| code.to_string());
    let message = match whole.message {
        Message::Json(text) => text.to_string(),
        Message::Raw(text) => text.to_string(),
    };
    if service_error.message.is_whole() {
        same("message of the error", service_error.message.as_str(), message.as_str())?;
    }
    if service_error.name.is_whole() {
        same("code of the error", service_error.name.as_str(), code.as_deref().unwrap_or(""))?;
    }
    if recorded.status == 300 {
        // To botocore it is neither a success nor an error.
        return Ok(vec![Rule::Leniency]);
    }
    let code = code.filter(|code| !code.is_empty());
    if let Some(rule) = looked_further(recorded, error, code.as_deref(), &message) {
        return Ok(vec![rule]);
    }

    // Without a code botocore gives the status in its place.
    let status = recorded.status.to_string();
    match &error["code"] {
        Value::String(expected) if *expected == status && code.is_none() => {
            let theirs = error["message"].as_str().unwrap_or("");
            let body = String::from_utf8_lossy(&recorded.body);
            if theirs != message {
                // botocore puts the status's reason phrase here; this client keeps the body.
                same("message", message.trim(), body.trim())?;
                rules = vec![Rule::ErrorPage];
            }
            Ok(rules)
        }
        Value::String(expected) => {
            same("code", code.as_deref().unwrap_or(""), expected)?;
            same("message", message.as_str(), error["message"].as_str().unwrap_or(""))?;
            if error["exception"] != "ClientError" && ErrorCode::from_name(expected) == ErrorCode::Unknown {
                return Err(NotPassed::Failed(format!("{expected} is in the model but not in ErrorCode")));
            }
            same("typed code", service_error.code, ErrorCode::from_name(expected))?;
            Ok(rules)
        }
        Value::Null => {
            same("code", code, None)?;
            Ok(vec![])
        }
        // A code that is not a string.
        _ => {
            same("code", code, None)?;
            Ok(vec![Rule::Leniency])
        }
    }
}

/// Where this client finds a code or a message that botocore does not: after a null or an empty header, and in the header of an HTML page.
fn looked_further(recorded: &RecordedResponse, error: &Value, code: Option<&str>, message: &str) -> Option<Rule> {
    let header = recorded.header("x-amzn-errortype");
    let body = serde_json::from_slice::<Value>(&recorded.body).unwrap_or_default();
    let (their_code, their_message) = (error["code"].as_str().unwrap_or_default(), error["message"].as_str().unwrap_or_default());
    if code.is_some() && code == rule::code(header, &body) && code != Some(their_code) {
        return match header {
            Some("") => Some(Rule::EmptyIsAbsent),
            Some(_) if is_page(recorded) => Some(Rule::ErrorPage),
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
