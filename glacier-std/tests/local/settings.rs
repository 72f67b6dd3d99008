//! What is set for a vault or an account: tags, notifications, policies, locks, capacity.

use glacier_core::Method::{Delete, Get, Post, Put};
use glacier_core::ops::*;
use glacier_core::*;
use serde_json::json;

use crate::harness::{Harness, LEAF, RawResponse, data, vault};

const VAULT: &str = "arn:aws:glacier:us-east-1:000000000000:vaults/v";
const HOUR: u64 = 3_600_000;

/// Sends JSON; the status and the error's code.
async fn sent(harness: &Harness, method: Method, path: &str, query: &str, body: &serde_json::Value) -> RawResponse {
    let text = if body.is_null() { String::new() } else { body.to_string() };
    harness.raw(method, &format!("/-/{path}"), query, &[], text.as_bytes()).await
}

fn ended(response: &RawResponse) -> (u16, &str) {
    (response.status, &response.code)
}

fn policy(action: &str, vault: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": action, "Resource": vault}]})
        .to_string()
}

#[tokio::test]
async fn tags_are_added_listed_and_removed() {
    let harness = Harness::with_vault().await;
    let (add, remove, none) = ("operation=add", "operation=remove", json!(null));
    assert_eq!(sent(&harness, Get, "vaults/v/tags", "", &none).await.json(), json!({"Tags": {}}));
    let tags = json!({"Tags": {"owner": "finance", "tier": ""}});
    assert_eq!(ended(&sent(&harness, Post, "vaults/v/tags", add, &tags).await), (204, ""));
    sent(&harness, Post, "vaults/v/tags", add, &json!({"Tags": {"owner": "it"}})).await;
    sent(&harness, Post, "vaults/v/tags", remove, &json!({"TagKeys": ["tier", "none"]})).await;
    assert_eq!(sent(&harness, Get, "vaults/v/tags", "", &none).await.json(), json!({"Tags": {"owner": "it"}}));

    for (query, body, code) in [
        (add, none.clone(), "SerializationException"),
        (add, json!({}), "MissingParameterValueException"),
        (add, json!({"Tags": {}}), "InvalidParameterValueException"),
        (add, json!({"Tags": {"aws:x": "1"}}), "InvalidParameterValueException"),
        (add, json!({"Tags": ["a"]}), "SerializationException"),
        (remove, json!({}), "MissingParameterValueException"),
        (remove, json!({"TagKeys": []}), "InvalidParameterValueException"),
    ] {
        assert_eq!(ended(&sent(&harness, Post, "vaults/v/tags", query, &body).await), (400, code), "{body}");
        assert_eq!(
            ended(&sent(&harness, Post, "vaults/none/tags", query, &tags_or_keys(query)).await),
            (404, "ResourceNotFoundException")
        );
    }
    // All or none: the fiftieth fits, two more do not.
    for start in [0, 10, 20, 30] {
        let many: serde_json::Map<_, _> = (start..start + 10).map(|n| (format!("k{n}"), json!(""))).collect();
        assert_eq!(sent(&harness, Post, "vaults/v/tags", add, &json!({"Tags": many})).await.status, 204);
    }
    let nine: serde_json::Map<_, _> = (40..49).map(|n| (format!("k{n}"), json!(""))).collect();
    assert_eq!(sent(&harness, Post, "vaults/v/tags", add, &json!({"Tags": nine})).await.status, 204);
    let over = sent(&harness, Post, "vaults/v/tags", add, &json!({"Tags": {"owner": "new", "k50": ""}})).await;
    assert_eq!(ended(&over), (400, "LimitExceededException"));
    let listed = sent(&harness, Get, "vaults/v/tags", "", &none).await.json();
    assert_eq!((listed["Tags"].as_object().unwrap().len(), &listed["Tags"]["owner"]), (50, &json!("it")));
}

fn tags_or_keys(query: &str) -> serde_json::Value {
    if query.ends_with("add") { json!({"Tags": {"a": "b"}}) } else { json!({"TagKeys": ["a"]}) }
}

#[tokio::test]
async fn notifications_are_set_and_deleted() {
    let harness = Harness::with_vault().await;
    let (path, none) = ("vaults/v/notification-configuration", json!(null));
    let set = json!({"SNSTopic": "arn:aws:sns:us-east-1:000000000000:done", "Events": ["ArchiveRetrievalCompleted"]});
    assert_eq!(ended(&sent(&harness, Get, path, "", &none).await), (404, "ResourceNotFoundException"));
    assert_eq!(sent(&harness, Put, path, "", &set).await.status, 204);
    assert_eq!(sent(&harness, Get, path, "", &none).await.json(), set);
    let bad = sent(&harness, Put, path, "", &json!({"SNSTopic": "done", "Events": ["ArchiveRetrievalCompleted"]})).await;
    assert_eq!(ended(&bad), (400, "InvalidParameterValueException"));
    assert_eq!(sent(&harness, Get, path, "", &none).await.json(), set, "a refused one changes nothing");
    for _ in 0..2 {
        assert_eq!(sent(&harness, Delete, path, "", &none).await.status, 204);
    }
    assert_eq!(sent(&harness, Get, path, "", &none).await.status, 404);
    assert_eq!(
        ended(&sent(&harness, Put, "vaults/none/notification-configuration", "", &set).await),
        (404, "ResourceNotFoundException")
    );
}

#[tokio::test]
async fn an_access_policy_is_checked_stored_and_goes_with_its_vault() {
    let mut harness = Harness::with_vault().await;
    let (path, none) = ("vaults/v/access-policy", json!(null));
    assert_eq!(ended(&sent(&harness, Get, path, "", &none).await), (404, "ResourceNotFoundException"));
    let text = policy("glacier:ListJobs", VAULT);
    assert_eq!(sent(&harness, Put, path, "", &json!({"Policy": text})).await.status, 204);
    for (bad, code, words) in [
        (json!({}), "MissingParameterValueException", "Policy"),
        (json!({"Policy": "{"}), "InvalidParameterValueException", "Provide a valid policy"),
        (json!({"Policy": policy("glacier:PutArchive", VAULT)}), "InvalidParameterValueException", "glacier:PutArchive"),
        (json!({"Policy": policy("*", &VAULT.replace("/v", "/w"))}), "InvalidParameterValueException", "vaults/w"),
        (json!({"Policy": " ".repeat(20_481)}), "InvalidParameterValueException", "20 KB"),
    ] {
        let refused = sent(&harness, Put, path, "", &bad).await;
        assert_eq!(ended(&refused), (400, code));
        assert!(refused.message.contains(words), "{}", refused.message);
    }
    assert_eq!(sent(&harness, Get, path, "", &none).await.json(), json!({"Policy": text}));
    assert_eq!(sent(&harness, Delete, "vaults/v", "", &none).await.status, 204);
    harness.create("v").await;
    assert_eq!(sent(&harness, Get, path, "", &none).await.status, 404);
    assert_eq!(sent(&harness, Delete, path, "", &none).await.status, 204);
}

#[tokio::test]
async fn a_lock_is_in_progress_for_a_day_or_locked_for_ever() {
    let mut harness = Harness::with_vault().await;
    let (path, none, text) = ("vaults/v/lock-policy", json!(null), policy("glacier:DeleteArchive", VAULT));
    assert_eq!(ended(&sent(&harness, Get, path, "", &none).await), (404, "ResourceNotFoundException"));
    assert_eq!(sent(&harness, Delete, path, "", &none).await.status, 204, "there is none to abort");
    assert_eq!(ended(&sent(&harness, Post, "vaults/v/lock-policy/x", "", &none).await), (404, "ResourceNotFoundException"));

    initiate(&mut harness, &text).await;
    let lock = sent(&harness, Get, path, "", &none).await.json();
    // 2026-01-02T03:04:05.678Z and a day later.
    let expected = json!({"Policy": text, "State": "InProgress", "CreationDate": "2026-01-02T03:04:05.678Z", "ExpirationDate": "2026-01-03T03:04:05.678Z"});
    assert_eq!(lock, expected);
    assert_eq!(ended(&sent(&harness, Post, path, "", &json!({"Policy": text})).await), (403, "AccessDeniedException"));
    assert_eq!(ended(&sent(&harness, Post, &format!("{path}/x"), "", &none).await), (400, "InvalidParameterValueException"));
    harness.clock.advance(24 * HOUR);
    assert_eq!(sent(&harness, Get, path, "", &none).await.status, 404, "it was not completed in time");

    initiate(&mut harness, &text).await;
    assert_eq!(sent(&harness, Delete, path, "", &none).await.status, 204);
    let id = initiate(&mut harness, &text).await;
    for _ in 0..2 {
        assert_eq!(sent(&harness, Post, &format!("{path}/{id}"), "", &none).await.status, 204);
    }
    harness.clock.advance(1000 * HOUR);
    let lock = sent(&harness, Get, path, "", &none).await.json();
    assert_eq!((&lock["State"], &lock["ExpirationDate"], &lock["Policy"]), (&json!("Locked"), &json!(null), &json!(text)));
    for (method, path, body) in [
        (Delete, path.to_owned(), none.clone()),
        (Post, path.to_owned(), json!({"Policy": text})),
        (Post, format!("{path}/x"), none.clone()),
    ] {
        assert_eq!(ended(&sent(&harness, method, &path, "", &body).await), (403, "AccessDeniedException"), "{path}");
    }
}

async fn initiate(harness: &mut Harness, text: &str) -> String {
    let (now, policy) = (harness.now(), ops::Policy::try_from(text).unwrap());
    let operation = InitiateVaultLock { vault: vault(), policy };
    let mut buf = [0; 4096];
    let output = harness.client.send(&operation, now, &mut buf).await.unwrap();
    output.lock_id().unwrap().as_str().to_owned()
}

#[tokio::test]
async fn a_retrieval_policy_limits_standard_retrievals() {
    let mut harness = Harness::with_vault().await;
    let archive = harness.upload(&data(LEAF + 4), "").await;
    let (path, none) = ("policies/data-retrieval", json!(null));
    let none_set = json!({"Policy": {"Rules": [{"Strategy": "None"}]}});
    assert_eq!(sent(&harness, Get, path, "", &none).await.json(), none_set);
    // A standard retrieval takes four hours.
    let rate = (LEAF as u64 + 4).div_ceil(4);
    let rule = |rate: u64| json!({"Policy": {"Rules": [{"Strategy": "BytesPerHour", "BytesPerHour": rate}]}});
    let job = |tier: &str| json!({"Type": "archive-retrieval", "ArchiveId": archive, "Tier": tier});
    assert_eq!(sent(&harness, Put, path, "", &rule(rate - 1)).await.status, 204);
    assert_eq!(ended(&sent(&harness, Post, "vaults/v/jobs", "", &job("Standard")).await), (400, "PolicyEnforcedException"));
    assert_eq!(sent(&harness, Post, "vaults/v/jobs", "", &job("Bulk")).await.status, 202);
    assert_eq!(sent(&harness, Put, path, "", &rule(rate)).await.status, 204);
    assert_eq!(sent(&harness, Post, "vaults/v/jobs", "", &job("Standard")).await.status, 202);
    for bad in [rule(0), json!({"Policy": {"Rules": []}}), json!({"Policy": {"Rules": [{"Strategy": "Slow"}]}}), json!({})] {
        assert_eq!(sent(&harness, Put, path, "", &bad).await.status, 400, "{bad}");
    }
    assert_eq!(sent(&harness, Get, path, "", &none).await.json(), rule(rate));
}

#[tokio::test]
async fn two_units_of_capacity_last_for_a_month() {
    let harness = Harness::new();
    let (path, none) = ("provisioned-capacity", json!(null));
    assert_eq!(sent(&harness, Get, path, "", &none).await.json(), json!({"ProvisionedCapacityList": []}));
    for _ in 0..2 {
        assert_eq!(sent(&harness, Post, path, "", &none).await.status, 201);
    }
    assert_eq!(ended(&sent(&harness, Post, path, "", &none).await), (400, "LimitExceededException"));
    let listed = sent(&harness, Get, path, "", &none).await.json();
    let units = listed["ProvisionedCapacityList"].as_array().unwrap();
    assert_eq!(units.len(), 2);
    assert_ne!(units[0]["CapacityId"], units[1]["CapacityId"]);
    assert_eq!(
        (&units[0]["StartDate"], &units[0]["ExpirationDate"]),
        (&json!("2026-01-02T03:04:05.678Z"), &json!("2026-02-02T03:04:05.678Z"))
    );
    harness.clock.advance(31 * 24 * HOUR);
    assert_eq!(sent(&harness, Get, path, "", &none).await.json(), json!({"ProvisionedCapacityList": []}));
    assert_eq!(sent(&harness, Post, path, "", &none).await.status, 201);
}

#[tokio::test]
async fn what_is_set_is_there_when_the_folder_is_opened_again() {
    let harness = Harness::with_vault().await;
    let tags = json!({"Tags": {"a": "b"}});
    sent(&harness, Post, "vaults/v/tags", "operation=add", &tags).await;
    sent(&harness, Put, "policies/data-retrieval", "", &json!({"Policy": {"Rules": [{"Strategy": "FreeTier"}]}})).await;
    let copied = crate::harness::copy(harness.folder.path());
    let vaults =
        glacier_std::local::Vaults::open(copied.path(), glacier_std::local::Settings::default().with_clock(harness.clock.clone()))
            .unwrap();
    let harness = Harness { client: crate::harness::client(&vaults), vaults, clock: harness.clock.clone(), folder: copied };
    assert_eq!(sent(&harness, Get, "vaults/v/tags", "", &json!(null)).await.json(), tags);
    let rules = json!({"Policy": {"Rules": [{"Strategy": "FreeTier"}]}});
    assert_eq!(sent(&harness, Get, "policies/data-retrieval", "", &json!(null)).await.json(), rules);
}
