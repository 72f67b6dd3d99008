//! The golden decisions, as the service makes them: what the examples of the guides and others like them say of a request.
//!
//! Those are asked for whose conditions are about an archive's age, the vault's tags or a second factor, which a test can bring about.

use glacier_core::Method;
use glacier_core::ops::catalogue::OperationInfo;
use glacier_std::local::*;
use serde_json::{Value, json};

use crate::harness::*;
use crate::policy_bench::*;

/// The condition keys of a policy, in lower case.
fn keys_of(policy: &Value, keys: &mut Vec<String>) {
    for statement in policy["Statement"].as_array().into_iter().flatten().chain([&policy["Statement"]]) {
        for operands in statement["Condition"].as_object().into_iter().flat_map(|operators| operators.values()) {
            keys.extend(operands.as_object().into_iter().flatten().map(|(key, _)| key.to_lowercase()));
        }
    }
}

/// Whether the service can be brought to ask these policies this. The partition in an ARN is that of its region here.
fn is_within_reach(case: &Value) -> bool {
    let request = &case["request"];
    let mut keys: Vec<String> = request["context"].as_object().unwrap().keys().map(|key| key.to_lowercase()).collect();
    keys_of(&case["accessPolicy"], &mut keys);
    keys_of(&case["lockPolicy"], &mut keys);
    let known = |key: &String| key.starts_with("glacier:") || key == "aws:multifactorauthpresent";
    let has_variable = ["accessPolicy", "lockPolicy"].iter().any(|policy| case[*policy].to_string().contains("${"));
    // Nothing gets as old as some of them say.
    let old = |(key, age): (&String, &Value)| key == "glacier:ArchiveAgeInDays" && age.as_str().is_none_or(|age| age.len() > 4);
    if request["context"].as_object().unwrap().iter().any(old) {
        return false;
    }
    // Which no policy decides on.
    let action = request["action"].as_str().unwrap();
    let of_the_owner = action.contains("Tags") || action.contains("VaultLock");
    if of_the_owner && request["account"] != OWNER {
        return false;
    }
    let resource = request["resource"].as_str().unwrap();
    resource.starts_with("arn:aws:glacier:us-")
        && request["principal"].is_string()
        && request["vaultOwner"] == OWNER
        && keys.iter().all(known)
        && !has_variable
}

/// What the service decides; `None` if it does not accept these policies for this vault.
async fn decide(case: &Value) -> Option<RawResponse> {
    let (request, context) = (&case["request"], case["request"]["context"].as_object().unwrap());
    let mfa =
        context.iter().find(|(key, _)| key.eq_ignore_ascii_case("aws:MultiFactorAuthPresent")).map(|(_, value)| value == "true");
    let principal = request["principal"].as_str().unwrap();
    let mut keys = vec![(principal, mfa)];
    if principal != OWNERS_ROOT {
        keys.push((OWNERS_ROOT, None));
    }
    let mut bench = Bench::new(&keys, TimeMode::Manual);
    let mut arn = request["resource"].as_str().unwrap().split(':').skip(3);
    bench.region = arn.next().unwrap().to_owned();
    let vault = arn.nth(1).unwrap().strip_prefix("vaults/").unwrap();
    let mut things = bench.with_things().await;
    bench.done(&empty(Method::Put, &format!("/vaults/{vault}"))).await;
    for (key, value) in context.iter().filter_map(|(key, value)| Some((key.strip_prefix("glacier:ResourceTag/")?, value))) {
        let tags = post(&format!("/vaults/{vault}/tags"), &json!({ "Tags": { key: value } }));
        bench.done(&Call { query: "operation=add".into(), ..tags }).await;
    }
    // Without an age there is no archive.
    if let Some((_, age)) = context.iter().find(|(key, _)| key.eq_ignore_ascii_case("glacier:ArchiveAgeInDays")) {
        let id = bench.done(&upload(vault, BYTES)).await;
        things.archives = vec![id.clone(), id];
        bench.advance_days(age.as_str().unwrap().parse().unwrap());
    } else {
        things.archives = vec!["x".repeat(138); 2];
    }
    let policies = [("accessPolicy", Method::Put, "access-policy"), ("lockPolicy", Method::Post, "lock-policy")];
    for (member, method, path) in policies {
        if !case[member].is_null() {
            let body = json!({ "Policy": case[member].to_string() }).to_string().into_bytes();
            let set = Call { body, ..empty(method, &format!("/vaults/{vault}/{path}")) };
            let response = bench.ask(OWNERS_ROOT, &set).await;
            if response.status >= 300 {
                return None;
            }
        }
    }
    let operation = OperationInfo::of(request["action"].as_str().unwrap().strip_prefix("glacier:").unwrap()).unwrap();
    let call = things.call_of(operation, vault);
    Some(if mfa.is_some() { bench.ask_with_token(principal, &call).await } else { bench.ask(principal, &call).await })
}

#[tokio::test]
async fn the_examples_of_the_guides_are_enforced_as_they_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/policies.json");
    // The published crate has no vectors.
    let Ok(text) = std::fs::read(path) else { return };
    let golden: Value = serde_json::from_slice(&text).unwrap();
    let (mut decided, mut of_the_guide, mut not_set) = (0, 0, Vec::new());
    for case in golden["evaluate"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let is_of_the_guide = case["source"].as_str().unwrap().starts_with("glacier guide");
        if !is_within_reach(case) {
            assert!(!is_of_the_guide, "{name}");
            continue;
        }
        let Some(response) = decide(case).await else {
            not_set.push(name);
            continue;
        };
        decided += 1;
        of_the_guide += usize::from(is_of_the_guide);
        let denied = response.message.contains("is not authorized to perform");
        assert_eq!(denied, case["expected"] == "deny", "{name}: {} {}", response.status, response.message);
        if let Some(by) = case["deniedBy"].as_object() {
            let others = case["alsoDeniedBy"].as_array().into_iter().flatten().filter_map(Value::as_object);
            let ends = [by].into_iter().chain(others).map(|by| {
                let sid = by["sid"].as_str().map_or(String::new(), |sid| format!(" ({sid})"));
                format!("statement {}{sid} of the vault {} policy", by["index"], by["policy"].as_str().unwrap())
            });
            assert!(ends.into_iter().any(|end| response.message.ends_with(&end)), "{name}: {}", response.message);
        }
    }
    println!("{decided} decided, {of_the_guide} of the Glacier guide; not set: {not_set:?}");
    assert_eq!(of_the_guide, 23);
}
