//! The waiters VaultExists and VaultNotExists: how often they look, how long they sleep, and what ends them.

use glacier_core::Error;
use glacier_core::ServiceError;
use glacier_core::ops::DescribeVault;
use glacier_core::waiters::{WaitError, WaiterConfig, until_vault_exists, until_vault_not_exists};
use pollster::block_on;
use serde_json::Value;

use super::caller::{ROOM, Still, client};
use super::params::Params;
use super::scripted::{Answer, Event, Scripted};
use super::{Not, Outcome, Rule, errors, number, requests, same, text};

pub(super) fn replay(case: &Value) -> Outcome {
    let answers = case["responses"].as_array().ok_or_else(|| "the case has no responses".to_string())?;
    let answers = answers.iter().map(Answer::new).collect::<Result<Vec<_>, _>>()?;
    let input = case["params"].as_object().ok_or_else(|| "the case has no params".to_string())?;
    let vault = match Params::new(input).vault() {
        Ok(vault) => DescribeVault { vault },
        Err(not_built) => return requests::refused(not_built),
    };
    let patience = patience(&case["waiter_config"])?;
    let mut transport = Scripted::new(answers.iter().cloned().map(Event::Response).collect());
    let mut client = client(&mut transport);
    let (mut still, mut buf) = (Still::default(), vec![0; ROOM]);
    let outcome = match text(case, "waiter")? {
        "VaultExists" => block_on(until_vault_exists(&mut client, &vault, patience, &mut still, &mut buf)),
        "VaultNotExists" => block_on(until_vault_not_exists(&mut client, &vault, patience, &mut still, &mut buf)),
        other => return Err(Not::Failed(format!("this program does not know the waiter {other}"))),
    };
    let seen = transport.seen;
    let last = answers.get(seen.len().saturating_sub(1)).or(answers.last());
    if let (Err(WaitError::Failed(Error::Service(_))), Some(Answer { status: 300, .. })) = (&outcome, last) {
        // botocore takes 300 for neither a success nor an error, and looks again.
        return Ok(vec![Rule::Leniency]);
    }
    same("requests", seen.len() as u64, number(case, "requests")?)?;
    for seen in &seen {
        same("method", seen.method, text(&case["request"], "method")?)?;
        same("path", seen.path.as_str(), text(&case["request"], "path")?)?;
        same("query", seen.query.as_str(), text(&case["request"], "query")?)?;
    }
    let sleeps: Vec<f64> = still.sleeps_ms.iter().map(|ms| f64::from(*ms) / 1000.0).collect();
    let theirs: Vec<f64> = case["sleeps"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    same("sleeps", sleeps, theirs)?;
    let expected = (text(case, "outcome")?, case["reason"].as_str().unwrap_or_default());
    match (outcome, last) {
        (Ok(()), _) => same("outcome", "success", expected.0).map(|()| vec![]),
        (Err(_), _) if expected.0 != "error" => Err(Not::Failed(format!("outcome: ours an error, theirs {}", expected.0))),
        (Err(WaitError::Exhausted { .. }), _) if expected.1.starts_with("Max attempts exceeded") => Ok(vec![]),
        (Err(WaitError::Failed(Error::Service(refusal))), Some(last)) => same_reason(&refusal, last, expected.1),
        (Err(other), _) => Err(Not::Failed(format!("reason: ours {other:?}, theirs {}", expected.1))),
    }
}

fn patience(config: &Value) -> Result<WaiterConfig, Not> {
    let delay_ms = match &config["Delay"] {
        Value::Null => WaiterConfig::VAULT.min_delay_ms,
        delay => {
            let ms = delay.as_f64().map(|seconds| (seconds * 1000.0).round()).filter(|ms| (0.0..=f64::from(u32::MAX)).contains(ms));
            ms.ok_or_else(|| format!("no delay: {delay}"))? as u32
        }
    };
    let max_attempts = match &config["MaxAttempts"] {
        Value::Null => WaiterConfig::VAULT.max_attempts,
        most => most.as_u64().and_then(|most| u32::try_from(most).ok()).ok_or_else(|| format!("no number of looks: {most}"))?,
    };
    Ok(WaiterConfig::every(delay_ms, max_attempts))
}

/// botocore gives the reason in words of its own, with the code and the message in them.
fn same_reason(refusal: &ServiceError, last: &Answer, reason: &str) -> Outcome {
    // Without a code it gives the status in its place.
    let status = refusal.status.to_string();
    let code = Some(refusal.name.as_str()).filter(|name| !name.is_empty()).unwrap_or(&status);
    let theirs = reason.strip_prefix(&format!("An error occurred ({code}): "));
    let theirs = theirs.ok_or_else(|| format!("reason: ours {code}, theirs {reason}"))?;
    if errors::is_page(last) {
        return Ok(vec![Rule::ErrorPage]);
    }
    // A null message is "None" in Python's words.
    let ours = refusal.message.as_str();
    let agrees = match ours {
        "" => matches!(theirs, "" | "None"),
        ours if refusal.message.is_whole() => ours == theirs,
        ours => theirs.starts_with(ours.trim_end_matches('…')),
    };
    if agrees { Ok(vec![]) } else { Err(Not::Failed(format!("reason: ours {ours}, theirs {theirs}"))) }
}
