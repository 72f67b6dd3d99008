//! Retries in the SDKs' standard mode: how many requests a failing service gets, and the outcome.
//!
//! botocore retries all operations alike. Where this client stops earlier, the failure that it stopped at says by which rule.

use std::fmt::Debug;

use glacier_core::retry::{Retry, RetryPolicy};
use glacier_core::testing::{ScriptedError, ScriptedTransport, block_on};
use glacier_core::{Bytes, Encode, Error, Fetch, List, Operation, Upload};
use serde_json::Value;

use super::caller::{NOW, ROOM, client, environment};
use super::operations::{self, Visit};
use super::outputs::{Shape, ToModel};
use super::params::Params;
use super::recorded::{Event, RecordedResponse, transport};
use super::{NotPassed, Outcome, Rule, members, number, requests, rule, same, text};

pub(super) fn replay(case: &Value) -> Outcome {
    let events = events(case)?;
    let operation = text(case, "operation")?;
    let sample = serde_json::json!({ "vaultName": "my-vault", "jobId": "j", "uploadId": "u", "archiveId": "a", "lockId": "l" });
    let mut input = members::completed(operation, sample.as_object().expect("an object"));
    input.retain(|name, _| members::of(operation).is_some_and(|members| members.contains(&name.as_str())));
    let attempts = match operations::with(operation, &Params::new(&input), Retrying(events.clone())) {
        Ok(attempts) => attempts,
        Err(not_built) => return Err(requests::unexpected(&not_built)),
    };
    let expected = number(&case["attempts"]["standard"], "requests")?;
    // Sending such a request again may do twice what was asked for once, however many attempts botocore makes.
    let retried = (1..attempts.requests).filter_map(|nth| nth_event(&events, nth));
    if retried.into_iter().any(|event| stopped_by(operation, event) == Some(Rule::NotIdempotent)) {
        return Err(NotPassed::Failed(format!("{operation} is retried after a failure after which the service may have acted")));
    }
    match attempts.last(&events) {
        Some(last) if attempts.requests < expected => {
            let why = stopped_by(operation, last);
            let why = why.ok_or_else(|| format!("requests: ours {}, theirs {expected}", attempts.requests))?;
            same("code", attempts.code(), last.code().unwrap_or_default())?;
            Ok(vec![why])
        }
        Some(last) if attempts.requests == expected + 1 && last.is_clock_skew() => Ok(vec![Rule::ClockSkew]),
        _ => compare(case, &attempts),
    }
}

fn compare(case: &Value, attempts: &Attempts) -> Outcome {
    let expected = &case["attempts"]["standard"];
    same("requests", attempts.requests, number(expected, "requests")?)?;
    same("success", attempts.failure.is_none(), text(expected, "outcome")? == "ok")?;
    if let (Some(code), Some(failure)) = (expected["code"].as_str(), &attempts.failure) {
        // Without a code botocore gives the status in its place.
        let ours = if failure.code.is_empty() { failure.status.to_string() } else { failure.code.clone() };
        same("code", ours.as_str(), code)?;
    }
    if let (Some(retryable), Some(failure)) = (case["retryable"]["standard"].as_bool(), &attempts.failure) {
        same("retryable", failure.is_retryable, retryable)?;
    }
    Ok(vec![])
}

/// What happens to each request in turn; the last event happens for ever.
fn events(case: &Value) -> Result<Vec<Event>, NotPassed> {
    match (&case["responses"], case.get("response"), case.get("network_error")) {
        (Value::Array(recorded), None, None) if !recorded.is_empty() => recorded.iter().map(event).collect(),
        (Value::Null, Some(recorded), None) => Ok(vec![event(recorded)?]),
        (Value::Null, None, Some(_)) => Ok(vec![Event::NetworkError]),
        _ => Err(NotPassed::Failed("the case has no response, responses or network error".into())),
    }
}

/// What happens to the `nth` request, counted from 1.
fn nth_event(events: &[Event], nth: u64) -> Option<&Event> {
    let place = usize::try_from(nth).ok()?.checked_sub(1)?;
    events.get(place).or(events.last())
}

fn event(recorded: &Value) -> Result<Event, NotPassed> {
    if recorded.get("network_error").is_some() {
        Ok(Event::NetworkError)
    } else {
        RecordedResponse::new(recorded).map(Event::Response)
    }
}

/// The rule by which this client stops at this failure although botocore would send another request.
fn stopped_by(operation: &str, last: &Event) -> Option<Rule> {
    let (may_have_acted, code) = match last {
        Event::NetworkError => (true, None),
        Event::Response(recorded) => (rule::may_have_acted(recorded.status, last.code().as_deref()), last.code()),
    };
    match () {
        () if rule::is_pointless(code.as_deref()) => Some(Rule::OneAttempt),
        () if !may_have_acted || rule::is_idempotent(operation) => None,
        // The service does not act on a request that it rejects for its time; but one more attempt is enough.
        () if last.is_clock_skew() => Some(Rule::ClockSkew),
        () => Some(Rule::NotIdempotent),
    }
}

impl Event {
    fn body(&self) -> Value {
        match self {
            Event::Response(recorded) => serde_json::from_slice(&recorded.body).unwrap_or_default(),
            Event::NetworkError => Value::Null,
        }
    }

    fn code(&self) -> Option<String> {
        let Event::Response(recorded) = self else { return None };
        rule::code(recorded.header("x-amzn-errortype"), &self.body()).map(str::to_string)
    }

    fn is_clock_skew(&self) -> bool {
        rule::is_clock_skew(self.code().as_deref(), self.body()["message"].as_str().unwrap_or_default())
    }
}

struct Attempts {
    requests: u64,
    failure: Option<Failure>,
}

struct Failure {
    status: u16,
    code: String,
    is_retryable: bool,
}

impl Attempts {
    fn new<S: Debug>(transport: &ScriptedTransport, failure: Option<Error<ScriptedError, S>>) -> Self {
        let failure = failure.map(|error| {
            let is_retryable = error.is_retryable();
            match error {
                Error::Service(service_error) => {
                    Failure { status: service_error.status, code: service_error.name.as_str().to_string(), is_retryable }
                }
                Error::Transport(_) => Failure { status: 0, code: String::new(), is_retryable },
                other => Failure { status: 0, code: format!("{other:?}"), is_retryable },
            }
        });
        Attempts { requests: transport.requests().len() as u64, failure }
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

/// Whether the call failed: an error in decoding a success does not count, as the cases have no bodies.
fn is_failure<T, S>(error: &Error<T, S>) -> bool {
    !matches!(error, Error::Decode(_) | Error::TreeHashMismatch(_))
}

struct Retrying(Vec<Event>);

impl Visit for Retrying {
    type Out = Attempts;

    fn operation<O>(self, operation: &O) -> Self::Out
    where
        O: Operation + Sync,
        for<'b> O::Output<'b>: ToModel,
    {
        let transport = transport(self.0);
        let (mut client, mut environment, mut buf) = (client(&transport), environment(), vec![0; ROOM]);
        let result = block_on(client.send_retrying(operation, RetryPolicy::default(), &mut environment, &mut buf)).map(|_| ());
        Attempts::new(&transport, result.err().filter(is_failure))
    }

    fn upload<O>(self, operation: &O, body: &[u8]) -> Self::Out
    where
        O: Upload + Sync,
        for<'b> O::Output<'b>: ToModel,
    {
        let transport = transport(self.0);
        let (mut client, mut environment, mut buf) = (client(&transport), environment(), vec![0; ROOM]);
        let mut body = Bytes::new(body);
        let policy = RetryPolicy::default();
        let result = block_on(client.upload_retrying(operation, &mut body, policy, &mut environment, &mut buf)).map(|_| ());
        Attempts::new(&transport, result.err().filter(is_failure))
    }

    fn list<L>(self, operation: &L, _: Shape) -> Self::Out
    where
        L: List + Encode + Sync,
        for<'b> L::Item<'b>: ToModel,
    {
        let transport = transport(self.0);
        let (mut client, mut environment, mut buf) = (client(&transport), environment(), vec![0; ROOM]);
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
                if !client.recover(&mut retry, &error, operation.is_idempotent(), &mut environment).await {
                    return Err(error);
                }
            }
        });
        Attempts::new(&transport, result.err().filter(is_failure))
    }

    fn fetch<O: Fetch + Sync>(self, operation: &O) -> Self::Out {
        let transport = transport(self.0);
        let (mut client, mut environment, mut buf) = (client(&transport), environment(), vec![0; ROOM]);
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
                if !client.recover(&mut retry, &error, operation.is_idempotent(), &mut environment).await {
                    return Err(error);
                }
            }
        });
        Attempts::new(&transport, result.err().filter(is_failure))
    }
}
