//! Retries in the SDKs' standard mode: how many requests a failing service gets, and what comes of them.

use glacier_core::retry::RetryPolicy;
use glacier_core::{Encode, Error, Fetch, List, Operation, Upload};
use pollster::block_on;
use serde_json::Value;

use super::caller::{ROOM, Still, client};
use super::operations::{self, Visit};
use super::outputs::{Shape, Spelt};
use super::params::{NotBuilt, Params};
use super::scripted::{Answer, Event, Scripted};
use super::{Not, Outcome, Rule, members, number, same, text};

pub(super) fn replay(case: &Value) -> Outcome {
    let events = events(case)?;
    let operation = text(case, "operation")?;
    let sample = serde_json::json!({ "vaultName": "my-vault", "jobId": "j", "uploadId": "u", "archiveId": "a", "lockId": "l" });
    let mut input = members::completed(operation, sample.as_object().expect("an object"));
    input.retain(|name, _| members::of(operation).is_some_and(|members| members.contains(&name.as_str())));
    let tried = match operations::with(operation, &Params::new(&input), Tries(events.clone())) {
        Ok(tried) => tried?,
        Err(NotBuilt::Unknown) => return Err(Not::Unknown),
        Err(not_built) => return Err(Not::Failed(format!("the operation was not built: {not_built:?}"))),
    };
    let rules = if tried.requests == 1 && is_not_worth_it(&events) { vec![Rule::OneAttempt] } else { compare(case, &tried)? };
    Ok(rules)
}

fn compare(case: &Value, tried: &Tried) -> Outcome {
    let expected = &case["attempts"]["standard"];
    same("requests", tried.requests, number(expected, "requests")?)?;
    same("success", tried.failure.is_none(), text(expected, "outcome")? == "ok")?;
    if let (Some(code), Some(failure)) = (expected["code"].as_str(), &tried.failure) {
        // Without a code botocore gives the status in its place.
        let ours = if failure.code.is_empty() { failure.status.to_string() } else { failure.code.clone() };
        same("code", ours.as_str(), code)?;
    }
    if let (Some(retryable), Some(failure)) = (case["retryable"]["standard"].as_bool(), &tried.failure) {
        same("retryable", failure.is_retryable, retryable)?;
    }
    Ok(vec![])
}

/// What happens to each request in turn; the last of it happens for ever.
fn events(case: &Value) -> Result<Vec<Event>, Not> {
    if let Some(answers) = case["responses"].as_array() {
        return answers.iter().map(|answer| Answer::new(answer).map(Event::Answer)).collect();
    }
    match case.get("response") {
        Some(answer) => Ok(vec![Event::Answer(Answer::new(answer)?)]),
        None => Ok(vec![Event::Broken]),
    }
}

/// A fixed quota and a lack of capacity do not go away in seconds (section 10 of the API reference).
fn is_not_worth_it(events: &[Event]) -> bool {
    let Some(Event::Answer(answer)) = events.first() else { return false };
    let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    matches!(body["code"].as_str(), Some("LimitExceededException" | "InsufficientCapacityException"))
}

struct Tried {
    requests: u64,
    failure: Option<Failure>,
}

struct Failure {
    status: u16,
    code: String,
    is_retryable: bool,
}

struct Tries(Vec<Event>);

impl Visit for Tries {
    type Out = Result<Tried, Not>;

    fn operation<O>(self, operation: &O) -> Self::Out
    where
        O: Operation + Sync,
        for<'b> O::Answer<'b>: Spelt,
    {
        let mut transport = Scripted::new(self.0);
        let (mut client, mut still, mut buf) = (client(&mut transport), Still::default(), vec![0; ROOM]);
        let result = block_on(client.send_retrying(operation, RetryPolicy::default(), &mut still, &mut buf)).map(|_| ());
        let failure = result.err().map(|error| {
            let is_retryable = error.is_retryable();
            match error {
                Error::Service(refusal) => {
                    Failure { status: refusal.status, code: refusal.name.as_str().to_string(), is_retryable }
                }
                other => Failure { status: 0, code: format!("{other:?}"), is_retryable },
            }
        });
        Ok(Tried { requests: transport.seen.len() as u64, failure })
    }

    fn upload<O>(self, _: &O, _: &[u8]) -> Self::Out
    where
        O: Upload + Sync,
        for<'b> O::Answer<'b>: Spelt,
    {
        Err(Not::Unknown)
    }
    fn list<L>(self, _: &L, _: Shape) -> Self::Out
    where
        L: List + Encode + Sync,
        for<'b> L::Item<'b>: Spelt,
    {
        Err(Not::Unknown)
    }
    fn fetch<O: Fetch + Sync>(self, _: &O) -> Self::Out {
        Err(Not::Unknown)
    }
}
