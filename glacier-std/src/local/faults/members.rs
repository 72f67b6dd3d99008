//! A script as it is written in JSON, read member by member, so that each mistake is told with its place, value and remedy.

use serde::Deserialize;
use serde_json::Value;

use super::fault::{CorruptedPart, Fault};
use super::rule::FaultRule;
use crate::local::model::JsonObject;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptMembers {
    seed: Option<Value>,
    rules: Vec<JsonObject<RuleMembers>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleMembers {
    operation: Option<Value>,
    vault: Option<Value>,
    nth: Option<Value>,
    times: Option<Value>,
    percent: Option<Value>,
    fault: JsonObject<FaultMembers>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultMembers {
    kind: Option<Value>,
    status: Option<Value>,
    code: Option<Value>,
    message: Option<Value>,
    seconds: Option<Value>,
    bytes: Option<Value>,
    r#where: Option<Value>,
}

/// The seed and the rules; or what is wrong and where.
pub(super) fn read(json: &[u8]) -> Result<(u64, Vec<FaultRule>), String> {
    let JsonObject(script): JsonObject<ScriptMembers> = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let seed = whole("seed", script.seed)?.unwrap_or(0);
    let rule = |(number, JsonObject(rule)): (usize, JsonObject<RuleMembers>)| {
        rule.read().map_err(|error| format!("rules[{number}].{error}"))
    };
    Ok((seed, script.rules.into_iter().enumerate().map(rule).collect::<Result<_, _>>()?))
}

impl RuleMembers {
    fn read(self) -> Result<FaultRule, String> {
        Ok(FaultRule {
            operation: required("operation", text("operation", self.operation)?)?,
            vault: text("vault", self.vault)?,
            nth: whole("nth", self.nth)?,
            times: whole("times", self.times)?,
            percent: number("percent", self.percent)?,
            fault: self.fault.0.read().map_err(|error| format!("fault.{error}"))?,
        })
    }
}

impl FaultMembers {
    fn read(mut self) -> Result<Fault, String> {
        let kind = required("kind", text("kind", self.kind.take())?)?;
        let fault = match kind.as_str() {
            "error" => {
                let status = required("status", whole("status", self.status.take())?)?;
                Fault::Error {
                    status: u16::try_from(status).map_err(|_| format!("status is {status}: use an HTTP status"))?,
                    code: required("code", text("code", self.code.take())?)?,
                    message: text("message", self.message.take())?,
                }
            }
            "throttle" => Fault::Throttle,
            "delay" => Fault::Delay { seconds: required("seconds", number("seconds", self.seconds.take())?)? },
            "stall" => Fault::Stall,
            "cut-request" => Fault::CutRequest { bytes: self.take_bytes()? },
            "cut-response" => Fault::CutResponse { bytes: self.take_bytes()? },
            "reset" => Fault::Reset,
            "lose-reply" => Fault::LoseReply,
            "corrupt" => match required("where", text("where", self.r#where.take())?)?.as_str() {
                "body" => Fault::Corrupt { r#where: CorruptedPart::Body },
                "tree-hash" => Fault::Corrupt { r#where: CorruptedPart::TreeHash },
                other => return Err(format!("where is {other:?}: use body or tree-hash")),
            },
            "expired-credentials" => Fault::ExpiredCredentials,
            "job-fails" => Fault::JobFails { message: text("message", self.message.take())? },
            "insufficient-capacity" => Fault::InsufficientCapacity,
            "no-longer-supported" => Fault::NoLongerSupported,
            _ => return Err(format!("kind is {kind:?}, which is not one: use one of {}", Fault::KINDS.join(", "))),
        };
        self.check_taken(&kind)?;
        Ok(fault)
    }

    fn take_bytes(&mut self) -> Result<u64, String> {
        required("bytes", whole("bytes", self.bytes.take())?)
    }

    /// What was not taken does not belong to the kind.
    fn check_taken(self, kind: &str) -> Result<(), String> {
        let FaultMembers { kind: _, status, code, message, seconds, bytes, r#where } = self;
        let rest =
            [("status", status), ("code", code), ("message", message), ("seconds", seconds), ("bytes", bytes), ("where", r#where)];
        match rest.into_iter().find_map(|(name, value)| Some((name, value?))) {
            Some((name, value)) => Err(format!("{name} is {value}, but the kind {kind} has no {name}: leave it out")),
            None => Ok(()),
        }
    }
}

fn required<T>(name: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("{name} is missing: add it"))
}

fn text(name: &str, value: Option<Value>) -> Result<Option<String>, String> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("{name} is {other}: use a text in quotation marks")),
    }
}

fn whole(name: &str, value: Option<Value>) -> Result<Option<u64>, String> {
    let whole =
        |value: Value| value.as_u64().ok_or_else(|| format!("{name} is {value}: use a whole number from 0 to {}", u64::MAX));
    value.map(whole).transpose()
}

fn number(name: &str, value: Option<Value>) -> Result<Option<f64>, String> {
    value.map(|value| value.as_f64().ok_or_else(|| format!("{name} is {value}: use a number"))).transpose()
}
