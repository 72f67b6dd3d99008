//! The waiters VaultExists and VaultNotExists: the number of attempts, the intervals, and what ends them.

use glacier_core::Error;
use glacier_core::ServiceError;
use glacier_core::ops::DescribeVault;
use glacier_core::testing::block_on;
use glacier_core::waiters::{WaitError, WaiterConfig, until_vault_exists, until_vault_not_exists};
use serde_json::Value;

use super::caller::{ROOM, client, environment};
use super::params::Params;
use super::recorded::{Event, RecordedResponse, transport};
use super::{NotPassed, Outcome, Rule, errors, number, requests, same, text};

pub(super) fn replay(case: &Value) -> Outcome {
    let recorded = case["responses"].as_array().ok_or_else(|| "the case has no responses".to_string())?;
    let recorded = recorded.iter().map(RecordedResponse::new).collect::<Result<Vec<_>, _>>()?;
    let input = case["params"].as_object().ok_or_else(|| "the case has no params".to_string())?;
    let vault = match Params::new(input).vault() {
        Ok(vault) => DescribeVault { vault },
        Err(not_built) => return requests::rejected(not_built),
    };
    let config = waiter_config(&case["waiter_config"])?;
    let transport = transport(recorded.iter().cloned().map(Event::Response).collect());
    let mut client = client(&transport);
    let (mut environment, mut buf) = (environment(), vec![0; ROOM]);
    let outcome = match text(case, "waiter")? {
        "VaultExists" => block_on(until_vault_exists(&mut client, &vault, config, &mut environment, &mut buf)),
        "VaultNotExists" => block_on(until_vault_not_exists(&mut client, &vault, config, &mut environment, &mut buf)),
        other => return Err(NotPassed::Failed(format!("this program does not know the waiter {other}"))),
    };
    let requests = transport.requests();
    let last = recorded.get(requests.len().saturating_sub(1)).or(recorded.last());
    if let (Err(WaitError::Failed(Error::Service(_))), Some(RecordedResponse { status: 300, .. })) = (&outcome, last) {
        // To botocore 300 is neither a success nor an error, and it tries again.
        return Ok(vec![Rule::Leniency]);
    }
    same("requests", requests.len() as u64, number(case, "requests")?)?;
    for request in &requests {
        same("method", request.method.as_str(), text(&case["request"], "method")?)?;
        same("path", request.path.as_str(), text(&case["request"], "path")?)?;
        same("query", request.query.as_str(), text(&case["request"], "query")?)?;
    }
    let sleeps: Vec<f64> = environment.sleeps_ms.iter().map(|ms| f64::from(*ms) / 1000.0).collect();
    let theirs: Vec<f64> = case["sleeps"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    same("sleeps", sleeps, theirs)?;
    let expected = (text(case, "outcome")?, case["reason"].as_str().unwrap_or_default());
    match (outcome, last) {
        (Ok(()), _) => same("outcome", "success", expected.0).map(|()| vec![]),
        (Err(_), _) if expected.0 != "error" => Err(NotPassed::Failed(format!("outcome: ours an error, theirs {}", expected.0))),
        (Err(WaitError::Exhausted { .. }), _) if expected.1.starts_with("Max attempts exceeded") => Ok(vec![]),
        (Err(WaitError::Failed(Error::Service(service_error))), Some(last)) => same_reason(&service_error, last, expected.1),
        (Err(other), _) => Err(NotPassed::Failed(format!("reason: ours {other:?}, theirs {}", expected.1))),
    }
}

fn waiter_config(config: &Value) -> Result<WaiterConfig, NotPassed> {
    let delay_ms = match &config["Delay"] {
        Value::Null => WaiterConfig::VAULT.min_delay_ms,
        delay => {
            let ms = delay.as_f64().map(|seconds| (seconds * 1000.0).round()).filter(|ms| (0.0..=f64::from(u32::MAX)).contains(ms));
            ms.ok_or_else(|| format!("{delay} is not a valid delay"))? as u32
        }
    };
    let max_attempts = match &config["MaxAttempts"] {
        Value::Null => WaiterConfig::VAULT.max_attempts,
        most => most
            .as_u64()
            .and_then(|most| u32::try_from(most).ok())
            .ok_or_else(|| format!("{most} is not a valid number of attempts"))?,
    };
    Ok(WaiterConfig::every(delay_ms, max_attempts))
}

/// botocore's reason is a sentence of its own that contains the code and the message.
fn same_reason(service_error: &ServiceError, last: &RecordedResponse, reason: &str) -> Outcome {
    // Without a code it contains the status in its place.
    let status = service_error.status.to_string();
    let code = Some(service_error.name.as_str()).filter(|name| !name.is_empty()).unwrap_or(&status);
    let theirs = reason.strip_prefix(&format!("An error occurred ({code}): "));
    let theirs = theirs.ok_or_else(|| format!("reason: ours {code}, theirs {reason}"))?;
    if errors::is_page(last) {
        return Ok(vec![Rule::ErrorPage]);
    }
    // A null message is None in Python.
    let ours = service_error.message.as_str();
    let agrees = match ours {
        "" => matches!(theirs, "" | "None"),
        ours if service_error.message.is_whole() => ours == theirs,
        ours => theirs.starts_with(ours.trim_end_matches('…')),
    };
    if agrees { Ok(vec![]) } else { Err(NotPassed::Failed(format!("reason: ours {ours}, theirs {theirs}"))) }
}
