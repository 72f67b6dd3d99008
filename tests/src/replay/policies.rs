//! Vault policies: what they decide on a request and by which statement, and which of them cannot be set.

use glacier_std::policy::{AccessRequest, Caller, ConditionContext, Decision, Policy, PolicyKind, StatementRef, decide};
use serde_json::{Value, json};

use super::{NotPassed, Outcome, Report, Rule, number, same, text};

pub(super) fn replay(report: &mut Report, file: &str, data: &Value) {
    for (section, cases) in data.as_object().into_iter().flatten() {
        match section.as_str() {
            "evaluate" => each(report, "policies:evaluate", file, cases, evaluate),
            "validate" => each(report, "policies:validate", file, cases, validate),
            // What the file is, and the permissions reference in short.
            "about" | "actions" => {}
            _ => report.fail_file(file, &format!("this program does not know a section {section}")),
        }
    }
}

/// These cases have names in place of ids.
fn each(report: &mut Report, kind: &'static str, file: &str, cases: &Value, replay: impl Fn(&Value) -> Outcome) {
    match cases.as_array() {
        None => report.fail_file(file, "it is not a list of cases"),
        Some(cases) => {
            cases.iter().for_each(|case| report.count_case(kind, case["name"].as_str().unwrap_or("(no name)"), || replay(case)))
        }
    }
}

fn evaluate(case: &Value) -> Outcome {
    let request = &case["request"];
    let mut context = ConditionContext::new();
    for (key, value) in request["context"].as_object().ok_or_else(|| NotPassed::Failed("the case has no context".into()))? {
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        context = context.with(key, values.iter().filter_map(Value::as_str));
    }
    let caller = match (request["principal"].as_str(), request["account"].as_str()) {
        (Some(arn), Some(account)) => Some(Caller { arn, account }),
        _ => None,
    };
    let request = AccessRequest {
        action: text(request, "action")?,
        resource: text(request, "resource")?,
        caller,
        owner: text(request, "vaultOwner")?,
        context: &context,
    };
    let policy = |name: &str| match &case[name] {
        Value::Null => Ok(None),
        policy => Policy::parse(&policy.to_string()).map(Some).map_err(|error| NotPassed::Failed(format!("{name}: {error}"))),
    };
    let decision = decide(&request, policy("accessPolicy")?.as_ref(), policy("lockPolicy")?.as_ref());
    match (decision, text(case, "expected")?) {
        (Decision::Allow(_), "allow") => Ok(vec![]),
        (Decision::Deny(by), "deny") => {
            let others = case["alsoDeniedBy"].as_array().into_iter().flatten();
            let named = by.as_ref().map_or(Value::Null, statement);
            if named == case["deniedBy"] || others.into_iter().any(|other| *other == named) {
                return Ok(vec![]);
            }
            Err(NotPassed::Failed(format!("denied by {named}, not by {}", case["deniedBy"])))
        }
        (decision, expected) => Err(NotPassed::Failed(format!("ours {decision:?}, theirs {expected}"))),
    }
}

fn statement(by: &StatementRef) -> Value {
    let policy = match by.policy {
        PolicyKind::Access => "access",
        PolicyKind::Lock => "lock",
    };
    json!({ "policy": policy, "index": by.index, "sid": by.sid })
}

fn validate(case: &Value) -> Outcome {
    let padded;
    let policy = match (case["policyText"].as_str(), &case["pad"]) {
        (Some(text), _) => text,
        (None, Value::Object(_)) => {
            padded = pad(&case["pad"]["policy"], number(&case["pad"], "bytes")?)?;
            &padded
        }
        // A request without the member Policy: the operation cannot be built without one.
        (None, _) => {
            same("code", "MissingParameterValueException", text(&case["error"], "code")?)?;
            return Ok(vec![Rule::Inexpressible]);
        }
    };
    let vault = text(case, "vault")?;
    let result = Policy::parse(policy).and_then(|policy| policy.check_for(vault));
    match (result, text(case, "expected")?) {
        (Ok(()), "accept") => Ok(vec![]),
        (Err(error), "refuse") => {
            let message = error.to_string();
            let names = case["error"]["messageNames"].as_array().into_iter().flatten().filter_map(Value::as_str);
            match names.into_iter().find(|name| !message.contains(name)) {
                None => Ok(vec![]),
                Some(name) => Err(NotPassed::Failed(format!("the error does not name {name}: {message}"))),
            }
        }
        (ours, expected) => Err(NotPassed::Failed(format!("ours {ours:?}, theirs {expected}"))),
    }
}

/// The policy as compact JSON, the first statement's Sid lengthened until it has so many bytes.
fn pad(policy: &Value, bytes: u64) -> Result<String, NotPassed> {
    let mut policy = policy.clone();
    let short = policy.to_string().len();
    let missing = usize::try_from(bytes).ok().and_then(|bytes| bytes.checked_sub(short));
    let missing = missing.ok_or_else(|| NotPassed::Failed(format!("the policy has {short} bytes already")))?;
    let sid = &mut policy["Statement"][0]["Sid"];
    *sid = Value::String(sid.as_str().unwrap_or_default().to_owned() + &"x".repeat(missing));
    Ok(policy.to_string())
}
