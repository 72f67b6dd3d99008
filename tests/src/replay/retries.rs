//! Retries in the SDKs' standard mode: how many requests a failing service gets, and what comes of them.
//!
//! botocore tries every operation alike. Where this client rightly stops before it does, the failure that it stopped at says by which rule.

use std::fmt::Debug;

use glacier_core::retry::{Retry, RetryPolicy};
use glacier_core::{Bytes, Encode, Error, Fetch, List, Operation, Upload};
use pollster::block_on;
use serde_json::Value;

use super::caller::{NOW, ROOM, Still, client};
use super::operations::{self, Visit};
use super::outputs::{Shape, Spelt};
use super::params::Params;
use super::scripted::{Answer, Event, Scripted};
use super::{Not, Outcome, Rule, members, number, requests, rule, same, text};

pub(super) fn replay(case: &Value) -> Outcome {
    let events = events(case)?;
    let operation = text(case, "operation")?;
    let sample = serde_json::json!({ "vaultName": "my-vault", "jobId": "j", "uploadId": "u", "archiveId": "a", "lockId": "l" });
    let mut input = members::completed(operation, sample.as_object().expect("an object"));
    input.retain(|name, _| members::of(operation).is_some_and(|members| members.contains(&name.as_str())));
    let tried = match operations::with(operation, &Params::new(&input), Tries(events.clone())) {
        Ok(tried) => tried,
        Err(not_built) => return Err(requests::unexpected(&not_built)),
    };
    let expected = number(&case["attempts"]["standard"], "requests")?;
    // Whoever sends such a request again may do twice what was asked for once, however many tries botocore makes.
    let sent_again = (1..tried.requests).filter_map(|nth| nth_event(&events, nth));
    if sent_again.into_iter().any(|event| stopped_by(operation, event) == Some(Rule::NotIdempotent)) {
        return Err(Not::Failed(format!("{operation} is sent again after a failure that leaves open whether it happened")));
    }
    match tried.last(&events) {
        Some(last) if tried.requests < expected => {
            let why = stopped_by(operation, last);
            let why = why.ok_or_else(|| format!("requests: ours {}, theirs {expected}", tried.requests))?;
            same("code", tried.code(), last.code().unwrap_or_default())?;
            Ok(vec![why])
        }
        Some(last) if tried.requests == expected + 1 && last.is_clock_skew() => Ok(vec![Rule::ClockSkew]),
        _ => compare(case, &tried),
    }
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
    match (&case["responses"], case.get("response"), case.get("network_error")) {
        (Value::Array(answers), None, None) if !answers.is_empty() => answers.iter().map(event).collect(),
        (Value::Null, Some(answer), None) => Ok(vec![event(answer)?]),
        (Value::Null, None, Some(_)) => Ok(vec![Event::Broken]),
        _ => Err(Not::Failed("the case has no answer, answers or network error".into())),
    }
}

/// What happens to the `nth` request, counted from 1.
fn nth_event(events: &[Event], nth: u64) -> Option<&Event> {
    let place = usize::try_from(nth).ok()?.checked_sub(1)?;
    events.get(place).or(events.last())
}

fn event(answer: &Value) -> Result<Event, Not> {
    if answer.get("network_error").is_some() { Ok(Event::Broken) } else { Answer::new(answer).map(Event::Response) }
}

/// The rule by which no request follows this failure although botocore would send one.
fn stopped_by(operation: &str, last: &Event) -> Option<Rule> {
    let (is_ambiguous, code) = match last {
        Event::Broken => (true, None),
        Event::Response(answer) => (rule::is_ambiguous(answer.status, last.code().as_deref()), last.code()),
    };
    match () {
        () if rule::is_not_worth_it(code.as_deref()) => Some(Rule::OneAttempt),
        () if !is_ambiguous || rule::is_idempotent(operation) => None,
        // What is refused for its time was not begun; but one more try is enough.
        () if last.is_clock_skew() => Some(Rule::ClockSkew),
        () => Some(Rule::NotIdempotent),
    }
}

impl Event {
    fn body(&self) -> Value {
        match self {
            Event::Response(answer) => serde_json::from_slice(&answer.body).unwrap_or_default(),
            Event::Broken => Value::Null,
        }
    }

    fn code(&self) -> Option<String> {
        let Event::Response(answer) = self else { return None };
        rule::code(answer.header("x-amzn-errortype"), &self.body()).map(str::to_string)
    }

    fn is_clock_skew(&self) -> bool {
        rule::is_clock_skew(self.code().as_deref(), self.body()["message"].as_str().unwrap_or_default())
    }
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

impl Tried {
    fn new<S: Debug>(transport: &Scripted, failure: Option<Error<super::scripted::Broken, S>>) -> Self {
        let failure = failure.map(|error| {
            let is_retryable = error.is_retryable();
            match error {
                Error::Service(refusal) => {
                    Failure { status: refusal.status, code: refusal.name.as_str().to_string(), is_retryable }
                }
                Error::Transport(_) => Failure { status: 0, code: String::new(), is_retryable },
                other => Failure { status: 0, code: format!("{other:?}"), is_retryable },
            }
        });
        Tried { requests: transport.seen.len() as u64, failure }
    }

    fn code(&self) -> String {
        self.failure.as_ref().map_or_else(String::new, |failure| failure.code.clone())
    }

    /// What happened to the last request, when it failed.
    fn last<'e>(&self, events: &'e [Event]) -> Option<&'e Event> {
        self.failure.as_ref()?;
        nth_event(events, self.requests)
    }
}

/// What a success says of its body does not count: no case tells that body.
fn is_no_success<T, S>(error: &Error<T, S>) -> bool {
    !matches!(error, Error::Decode(_) | Error::TreeHashMismatch(_))
}

struct Tries(Vec<Event>);

impl Visit for Tries {
    type Out = Tried;

    fn operation<O>(self, operation: &O) -> Self::Out
    where
        O: Operation + Sync,
        for<'b> O::Output<'b>: Spelt,
    {
        let mut transport = Scripted::new(self.0);
        let (mut client, mut still, mut buf) = (client(&mut transport), Still::default(), vec![0; ROOM]);
        let result = block_on(client.send_retrying(operation, RetryPolicy::default(), &mut still, &mut buf)).map(|_| ());
        Tried::new(&transport, result.err())
    }

    fn upload<O>(self, operation: &O, body: &[u8]) -> Self::Out
    where
        O: Upload + Sync,
        for<'b> O::Output<'b>: Spelt,
    {
        let mut transport = Scripted::new(self.0);
        let (mut client, mut still, mut buf) = (client(&mut transport), Still::default(), vec![0; ROOM]);
        let mut body = Bytes::new(body);
        let policy = RetryPolicy::default();
        let result = block_on(client.upload_retrying(operation, &mut body, policy, &mut still, &mut buf)).map(|_| ());
        Tried::new(&transport, result.err().filter(is_no_success))
    }

    fn list<L>(self, operation: &L, _: Shape) -> Self::Out
    where
        L: List + Encode + Sync,
        for<'b> L::Item<'b>: Spelt,
    {
        let mut transport = Scripted::new(self.0);
        let (mut client, mut still, mut buf) = (client(&mut transport), Still::default(), vec![0; ROOM]);
        let mut retry = Retry::new(RetryPolicy::default());
        let result = block_on(async {
            loop {
                let error = match client.list(operation, NOW, &mut buf).await {
                    Ok(mut listing) => loop {
                        match listing.next().await {
                            Ok(Some(_)) => {}
                            Ok(None) => return Ok(()),
                            Err(error) => break error,
                        }
                    },
                    Err(error) => error,
                };
                if !client.recover(&mut retry, &error, operation.is_idempotent(), &mut still).await {
                    return Err(error);
                }
            }
        });
        Tried::new(&transport, result.err().filter(is_no_success))
    }

    fn fetch<O: Fetch + Sync>(self, operation: &O) -> Self::Out {
        let mut transport = Scripted::new(self.0);
        let (mut client, mut still, mut buf) = (client(&mut transport), Still::default(), vec![0; ROOM]);
        let (mut retry, mut piece) = (Retry::new(RetryPolicy::default()), [0; 512]);
        let result = block_on(async {
            loop {
                let error = match client.fetch(operation, NOW, &mut buf).await {
                    Ok(mut download) => loop {
                        match download.read(&mut piece).await {
                            Ok(0) => return Ok(()),
                            Ok(_) => {}
                            Err(error) => break error,
                        }
                    },
                    Err(error) => error,
                };
                if !client.recover(&mut retry, &error, operation.is_idempotent(), &mut still).await {
                    return Err(error);
                }
            }
        });
        Tried::new(&transport, result.err().filter(is_no_success))
    }
}
