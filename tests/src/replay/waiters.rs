//! The waiters VaultExists and VaultNotExists: how often they look, how long they sleep, and what ends them.

use glacier_core::ops::DescribeVault;
use glacier_core::wait::{Patience, WaitError, until_vault_exists, until_vault_is_gone};
use glacier_core::{Error, VaultRef};
use pollster::block_on;
use serde_json::Value;

use super::caller::{ROOM, Still, client};
use super::scripted::{Answer, Event, Scripted};
use super::{Not, Outcome, number, same, text};

pub(super) fn replay(case: &Value) -> Outcome {
    let answers = case["responses"].as_array().ok_or_else(|| "the case has no responses".to_string())?;
    let events = answers.iter().map(|answer| Answer::new(answer).map(Event::Answer)).collect::<Result<_, _>>()?;
    let vault = VaultRef::try_from(text(&case["params"], "vaultName")?).map_err(|error| error.to_string())?;
    let vault = DescribeVault { vault };
    let config = &case["waiter_config"];
    let whole = |name: &str, default: u32| config[name].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(default);
    let patience = Patience {
        delay_ms: config["Delay"].as_u64().map_or(Patience::VAULT.delay_ms, |_| whole("Delay", 0) * 1000),
        max_attempts: whole("MaxAttempts", Patience::VAULT.max_attempts),
    };
    let mut transport = Scripted::new(events);
    let mut client = client(&mut transport);
    let (mut still, mut buf) = (Still::default(), vec![0; ROOM]);
    let outcome = match text(case, "waiter")? {
        "VaultExists" => block_on(until_vault_exists(&mut client, &vault, patience, &mut still, &mut buf)),
        "VaultNotExists" => block_on(until_vault_is_gone(&mut client, &vault, patience, &mut still, &mut buf)),
        _ => return Err(Not::Unknown),
    };
    let seen = transport.seen;
    same("requests", seen.len() as u64, number(case, "requests")?)?;
    for seen in &seen {
        same("method", seen.method, text(&case["request"], "method")?)?;
        same("path", seen.path.as_str(), text(&case["request"], "path")?)?;
        same("query", seen.query.as_str(), text(&case["request"], "query")?)?;
    }
    let sleeps: Vec<f64> = still.sleeps_ms.iter().map(|ms| f64::from(*ms) / 1000.0).collect();
    let theirs: Vec<f64> = case["sleeps"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    same("sleeps", sleeps, theirs)?;
    // botocore gives the reason in its own words; the cause and the code in them are compared.
    let said = match outcome {
        Ok(()) => ("success", String::new()),
        Err(WaitError::Exhausted { .. }) => ("error", "Max attempts exceeded".to_string()),
        Err(WaitError::Failed(Error::Service(refusal))) => ("error", format!("({}): {}", refusal.name, refusal.message)),
        Err(other) => ("error", format!("{other:?}")),
    };
    same("outcome", said.0, text(case, "outcome")?)?;
    let reason = case["reason"].as_str().unwrap_or_default();
    if reason.contains(&said.1) { Ok(vec![]) } else { Err(Not::Failed(format!("reason: ours {}, theirs {reason}", said.1))) }
}
