//! Vault policies decide on every request, in the transaction that acts on it.

use std::convert::Infallible;

use embedded_io_async::{ErrorType, Read};
use glacier_core::ops::catalogue::{OPERATIONS, OperationInfo};
use glacier_core::{Bytes, Method, Request};
use glacier_std::local::*;
use serde_json::{Value, json};

use crate::harness::*;
use crate::policy_bench::*;

const STATEMENT: &str = "with an explicit deny in a resource-based policy: statement 0 (rule) of the vault";

/// Operations that are not about a vault that is there, which no vault policy speaks of.
const NOT_ON_A_VAULT: [&str; 6] = [
    "CreateVault",
    "ListVaults",
    "SetDataRetrievalPolicy",
    "GetDataRetrievalPolicy",
    "PurchaseProvisionedCapacity",
    "ListProvisionedCapacity",
];

/// That a response is a denial of this principal's request, which ends like this.
#[track_caller]
fn assert_denied(response: &RawResponse, principal: &str, operation: &str, end: &str) {
    assert_eq!((response.status, response.code.as_str()), (403, "AccessDeniedException"), "{operation}: {}", response.message);
    let start = format!(
        "User: {principal} is not authorized to perform: glacier:{operation} on resource: arn:aws:glacier:us-west-2:111122223333:"
    );
    assert!(response.message.starts_with(&start) && response.message.ends_with(end), "{}", response.message);
}

async fn bench_with_things(kind: &str, policy: &str) -> (Bench, Things) {
    let bench = Bench::new(&[(OWNERS_ROOT, None), (CLERK, None)], TimeMode::Instant);
    let mut things = bench.with_things().await;
    let harmless = policy_of_nobody();
    let access = if kind == "access" { policy } else { &harmless };
    let lock = if kind == "lock" { policy } else { &harmless };
    for vault in ["v", "s", "t", "u"] {
        // Either may deny the other, but not what sets it.
        let id = if kind == "lock" {
            bench.set_access(vault, access).await;
            bench.lock(vault, lock).await
        } else {
            let id = bench.lock(vault, lock).await;
            bench.set_access(vault, access).await;
            id
        };
        if vault == "v" {
            things.lock = id;
        }
    }
    if kind == "lock" {
        bench.lock("w", lock).await;
    } else {
        bench.set_access("w", access).await;
    }
    things.policy = access.to_owned();
    (bench, things)
}

/// A policy that denies nothing to the callers here.
fn policy_of_nobody() -> String {
    policy("Deny", "444455556666", "glacier:*", &json!({}))
}

#[tokio::test]
async fn each_of_the_33_operations_is_denied_alone() {
    let policies = OPERATIONS.iter().map(|operation| (operation.name, denying(&format!("glacier:{}", operation.name))));
    for (denied, policy) in policies.chain([("nothing", policy_of_nobody())]) {
        let (bench, things) = bench_with_things("access", &policy).await;
        for operation in &OPERATIONS {
            let response = bench.ask(CLERK, &things.call(operation)).await;
            if operation.name == denied && !NOT_ON_A_VAULT.contains(&denied) {
                assert_denied(&response, CLERK, denied, &format!("{STATEMENT} access policy"));
            } else {
                assert!(response.status < 300, "{} where {denied} is denied: {}", operation.name, response.message);
            }
        }
    }
}

#[tokio::test]
async fn a_lock_policy_denies_each_while_it_is_in_progress() {
    for operation in OPERATIONS.iter().filter(|operation| !NOT_ON_A_VAULT.contains(&operation.name)) {
        let (bench, things) = bench_with_things("lock", &denying(&format!("glacier:{}", operation.name))).await;
        let response = bench.ask(CLERK, &things.call(operation)).await;
        assert_denied(&response, CLERK, operation.name, &format!("{STATEMENT} lock policy"));
    }
}

#[tokio::test]
async fn another_account_needs_an_allow_and_gets_no_more() {
    let bench = Bench::with_three();
    let mut things = bench.with_things().await;
    let about_owner = |operation: &OperationInfo| operation.path.contains("/tags") || operation.path.contains("/lock-policy");
    // Without a policy, and where there is no such vault, which nobody tells them.
    for operation in OPERATIONS.iter().filter(|operation| operation.path.contains("{vaultName}")) {
        for vault in ["v", "none"] {
            let response = bench.ask(AUDITOR, &things.call_of(operation, vault)).await;
            assert_eq!((response.status, response.code.as_str()), (403, "AccessDeniedException"), "{}", operation.name);
            if !about_owner(operation) && operation.name != "CreateVault" {
                assert_denied(&response, AUDITOR, operation.name, "no statement allows it for account 444455556666");
            }
        }
    }
    bench.set_access("v", &policy("Allow", "444455556666", "glacier:UploadArchive", &json!({}))).await;
    let uploaded = bench.ask(AUDITOR, &upload("v", BYTES)).await;
    assert_eq!(uploaded.location, Some(format!("/{OWNER}/vaults/v/archives/{}", uploaded.id)), "{}", uploaded.message);
    let delete = empty(Method::Delete, &format!("/vaults/v/archives/{}", uploaded.id));
    assert_denied(&bench.ask(AUDITOR, &delete).await, AUDITOR, "DeleteArchive", "allows it for account 444455556666");
    // All that can be allowed: nothing that is the account's own.
    things.policy = policy("Allow", AUDITOR, "*", &json!({}));
    bench.set_access("v", &things.policy).await;
    assert_eq!(bench.ask(AUDITOR, &delete).await.status, 204);
    let last = OperationInfo::of("DeleteVaultAccessPolicy").unwrap();
    for operation in OPERATIONS.iter().filter(|operation| *operation != last).chain([last]) {
        let response = bench.ask(AUDITOR, &things.call_of(operation, "v")).await;
        let denied = about_owner(operation) || NOT_ON_A_VAULT.contains(&operation.name);
        assert_eq!(response.code == "AccessDeniedException", denied, "{}: {}", operation.name, response.message);
    }
    // The policy that allowed it is gone now.
    let describe = bench.ask(AUDITOR, &empty(Method::Get, "/vaults/v")).await;
    assert_denied(&describe, AUDITOR, "DescribeVault", "no statement allows it for account 444455556666");
}

#[tokio::test]
async fn an_allow_in_the_lock_policy_is_one_too_and_a_deny_wins() {
    let bench = Bench::with_three();
    bench.with_things().await;
    let list = empty(Method::Get, "/vaults/v/jobs");
    bench.lock("v", &policy("Allow", "444455556666", "glacier:List*", &json!({}))).await;
    assert_eq!(bench.ask(AUDITOR, &list).await.status, 200);
    bench.set_access("v", &denying("glacier:ListJobs")).await;
    assert_denied(&bench.ask(AUDITOR, &list).await, AUDITOR, "ListJobs", &format!("{STATEMENT} access policy"));
    bench.done(&empty(Method::Delete, "/vaults/v/access-policy")).await;
    assert_eq!(bench.ask(AUDITOR, &list).await.status, 200);
    // A lock that is not completed is gone after a day.
    bench.advance_days(1);
    assert_denied(&bench.ask(AUDITOR, &list).await, AUDITOR, "ListJobs", "allows it for account 444455556666");
}

#[tokio::test]
async fn an_owner_can_be_locked_out() {
    let bench = Bench::with_three();
    bench.with_things().await;
    bench.set_access("v", &denying("*")).await;
    for path in ["/vaults/v", "/vaults/v/access-policy"] {
        let response = bench.ask(OWNERS_ROOT, &empty(Method::Delete, path)).await;
        assert_eq!(response.code, "AccessDeniedException", "{path}");
    }
    assert_eq!(bench.ask(OWNERS_ROOT, &empty(Method::Put, "/vaults/v")).await.status, 201, "CreateVault");
}

#[tokio::test]
async fn what_is_done_twice_is_still_done_twice() {
    let bench = Bench::with_three();
    let things = bench.with_things().await;
    bench.set_access("v", &policy_of_nobody()).await;
    for operation in ["CompleteMultipartUpload", "AbortMultipartUpload", "DeleteArchive", "DeleteVault"] {
        let call = things.call(OperationInfo::of(operation).unwrap());
        let (first, again) = (bench.ask(CLERK, &call).await, bench.ask(CLERK, &call).await);
        assert!(first.status < 300 && (first.status, &first.id) == (again.status, &again.id), "{operation}: {}", again.message);
    }
    // A vault that was deleted is nothing that others are told of.
    let gone = bench.ask(AUDITOR, &empty(Method::Delete, "/vaults/s")).await;
    assert_denied(&gone, AUDITOR, "DeleteVault", "allows it for account 444455556666");
    assert_eq!(bench.ask(CLERK, &empty(Method::Delete, "/vaults/none")).await.code, "ResourceNotFoundException");
}

#[tokio::test]
async fn an_upload_that_is_denied_stores_nothing() {
    let mut harness = Harness::with_vault().await;
    let multipart = harness.begin(glacier_core::PartSize::MIN).await;
    let set = json!({ "Policy": denying("glacier:Upload*") }).to_string();
    assert_eq!(harness.raw(Method::Put, "/-/vaults/v/access-policy", "", &[], set.as_bytes()).await.status, 204);
    for call in [upload("v", BYTES), part("v", &multipart)] {
        let headers: Vec<(&str, &str)> = call.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let response = harness.raw(call.method, &format!("/-{}", call.path), "", &headers, BYTES).await;
        assert_eq!((response.status, response.code.as_str()), (403, "AccessDeniedException"));
    }
    for folder in ["staged", "blobs"] {
        assert_eq!(files(harness.folder.path(), folder), [""; 0], "{folder}");
    }
}

/// A body that sets a policy between its two halves, and so after the first decision and before the second.
struct SetsPolicy<'b> {
    bench: &'b Bench,
    policy: Option<String>,
    halves: Vec<&'static [u8]>,
}

impl ErrorType for SetsPolicy<'_> {
    type Error = Infallible;
}

impl Read for SetsPolicy<'_> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        if self.halves.len() == 1
            && let Some(policy) = self.policy.take()
        {
            self.bench.set_access("v", &policy).await;
        }
        let Some(half) = self.halves.pop() else { return Ok(0) };
        into[..half.len()].copy_from_slice(half);
        Ok(half.len())
    }
}

#[tokio::test]
async fn what_is_denied_while_a_body_is_under_way_is_not_recorded() {
    for (operation, counted) in [("UploadArchive", "/vaults/v"), ("UploadMultipartPart", "")] {
        let bench = Bench::new(&[(OWNERS_ROOT, None), (CLERK, None)], TimeMode::Instant);
        let things = bench.with_things().await;
        // A part other than the one that is there.
        let empty_upload = bench.done(&things.call(OperationInfo::of("InitiateMultipartUpload").unwrap())).await;
        let call = if operation == "UploadArchive" { upload("v", BYTES) } else { part("v", &empty_upload) };
        let (first, second) = BYTES.split_at(5);
        let body = |policy| SetsPolicy { bench: &bench, policy, halves: vec![second, first] };
        let signed = bench.signed(CLERK, false, &call);
        let headers: Vec<(&str, &str)> = signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = Request { method: signed.method, host: "localhost", path: &signed.path, query: "", headers: &headers };
        let size = Some(BYTES.len() as u64);
        let denied = bench.vaults.handle(&request, size, &mut body(Some(denying(&format!("glacier:{operation}"))))).await.unwrap();
        let denied = denied.into_response().unwrap();
        assert_eq!(denied.status(), 403, "{operation}");
        let path = if counted.is_empty() { format!("/vaults/v/multipart-uploads/{empty_upload}") } else { counted.to_owned() };
        let found = bench.ask(CLERK, &empty(Method::Get, &path)).await.json();
        if operation == "UploadArchive" {
            assert_eq!(found["NumberOfArchives"], 2);
        } else {
            assert_eq!(found["Parts"], json!([]));
        }
        // The same without the policy.
        bench.done(&empty(Method::Delete, "/vaults/v/access-policy")).await;
        assert!(
            bench.vaults.handle(&request, size, &mut body(None)).await.unwrap().into_response().unwrap().status() < 300,
            "{operation}"
        );
    }
}

#[tokio::test]
async fn archives_are_held_for_a_year_of_vault_time() {
    let bench = Bench::with_three();
    bench.done(&empty(Method::Put, "/vaults/v")).await;
    let archive = bench.done(&upload("v", BYTES)).await;
    let young = json!({ "NumericLessThan": { "glacier:ArchiveAgeInDays": "365" } });
    let lock = bench.lock("v", &policy("Deny", "*", "glacier:DeleteArchive", &young)).await;
    bench.done(&empty(Method::Post, &format!("/vaults/v/lock-policy/{lock}"))).await;
    let delete = empty(Method::Delete, &format!("/vaults/v/archives/{archive}"));
    for days in [0, 364] {
        bench.advance_days(days);
        for principal in [CLERK, OWNERS_ROOT] {
            let response = bench.ask(principal, &delete).await;
            assert_denied(&response, principal, "DeleteArchive", &format!("{STATEMENT} lock policy"));
        }
    }
    // What is locked stays.
    assert_eq!(bench.ask(CLERK, &empty(Method::Delete, "/vaults/v/lock-policy")).await.code, "AccessDeniedException");
    let unknown = empty(Method::Delete, &format!("/vaults/v/archives/{}", "x".repeat(138)));
    assert_eq!(bench.ask(CLERK, &unknown).await.status, 204, "no archive, no age");
    bench.advance_days(2);
    assert_eq!(bench.ask(CLERK, &delete).await.status, 204);
}

/// Whether a condition on ListJobs, or another action, denies.
async fn denies(bench: &Bench, principal: &str, token: bool, call: &Call, condition: Value) -> bool {
    bench.set_access("v", &policy("Deny", principal, "glacier:*", &condition)).await;
    let response = if token { bench.ask_with_token(principal, call).await } else { bench.ask(principal, call).await };
    bench.done(&empty(Method::Delete, "/vaults/v/access-policy")).await;
    assert_eq!(response.code == "AccessDeniedException", response.status == 403);
    response.status == 403
}

#[tokio::test]
async fn the_age_of_an_archive_is_asked_where_one_is_retrieved() {
    let bench = Bench::with_three();
    bench.done(&empty(Method::Put, "/vaults/v")).await;
    let archive = bench.done(&upload("v", BYTES)).await;
    bench.advance_days(30);
    let age = |operator: &str, days: &str| json!({ operator: { "glacier:ArchiveAgeInDays": days } });
    let inventory = post("/vaults/v/jobs", &json!({ "Type": "inventory-retrieval" }));
    for (call, condition, denied) in [
        (retrieve("v", &archive), age("NumericEquals", "30"), true),
        (retrieve("v", &archive), age("NumericLessThan", "30"), false),
        (retrieve("v", &archive), age("Null", "true"), false),
        (retrieve("v", &"x".repeat(138)), age("Null", "true"), true),
        (inventory, age("Null", "true"), true),
        (empty(Method::Get, "/vaults/v"), age("Null", "true"), true),
    ] {
        assert_eq!(denies(&bench, CLERK, false, &call, condition.clone()).await, denied, "{} {condition}", call.path);
    }
}

#[tokio::test]
async fn conditions_ask_for_tags_time_and_address() {
    let bench = Bench::with_three();
    bench.done(&empty(Method::Put, "/vaults/v")).await;
    bench.done(&Call { query: "operation=add".into(), ..post("/vaults/v/tags", &json!({ "Tags": { "hold": "yes" } })) }).await;
    let (list, delete) =
        (empty(Method::Get, "/vaults/v/jobs"), empty(Method::Delete, &format!("/vaults/v/archives/{}", "x".repeat(138))));
    let held = || json!({ "StringEquals": { "glacier:ResourceTag/hold": "yes" } });
    assert!(denies(&bench, CLERK, false, &delete, held()).await);
    assert!(!denies(&bench, CLERK, false, &list, held()).await, "a read has no tags to ask for");
    let until = |moment: &str| json!({ "DateLessThan": { "aws:CurrentTime": moment } });
    // A day after `THEN`.
    let tomorrow = "2026-01-03T03:04:05Z";
    assert!(denies(&bench, CLERK, false, &list, until(tomorrow)).await);
    bench.advance_days(1);
    assert!(!denies(&bench, CLERK, false, &list, until(tomorrow)).await);
    for (condition, denied) in [
        (json!({ "IpAddress": { "aws:SourceIp": "127.0.0.0/8" } }), true),
        (json!({ "NotIpAddress": { "aws:SourceIp": "127.0.0.1/32" } }), false),
        (json!({ "Bool": { "aws:SecureTransport": "false" } }), false),
        (json!({ "Bool": { "aws:SecureTransport": "true" } }), true),
        (json!({ "StringEquals": { "aws:RequestedRegion": REGION } }), true),
        (json!({ "StringEquals": { "aws:username": "clerk" } }), true),
        (json!({ "Null": { "aws:MultiFactorAuthPresent": "true" } }), true),
    ] {
        assert_eq!(denies(&bench, CLERK, false, &list, condition.clone()).await, denied, "{condition}");
    }
}

#[tokio::test]
async fn a_session_is_one_of_its_role_with_or_without_a_second_factor() {
    let session = "arn:aws:sts::111122223333:assumed-role/backup/nightly";
    for mfa in [true, false] {
        let bench = Bench::new(&[(OWNERS_ROOT, None), (session, Some(mfa))], TimeMode::Manual);
        bench.done(&empty(Method::Put, "/vaults/v")).await;
        let list = empty(Method::Get, "/vaults/v/jobs");
        for (condition, denied) in [
            (json!({ "ArnEquals": { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/backup" } }), true),
            (json!({ "ArnEquals": { "aws:PrincipalArn": session } }), false),
            (json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } }), !mfa),
            (json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }), mfa),
        ] {
            assert_eq!(denies(&bench, session, true, &list, condition.clone()).await, denied, "{mfa} {condition}");
        }
        // The role in a statement means its sessions.
        bench.set_access("v", &policy("Deny", "arn:aws:iam::111122223333:role/backup", "glacier:ListJobs", &json!({}))).await;
        let response = bench.ask_with_token(session, &list).await;
        assert_denied(&response, session, "ListJobs", &format!("{STATEMENT} access policy"));
    }
}

#[tokio::test]
async fn who_does_not_sign_is_never_allowed() {
    let everybody = policy("Allow", "*", "*", &json!({}));
    let bench = Bench::with_three();
    bench.with_things().await;
    bench.set_access("v", &everybody).await;
    let describe = |owner| Request { method: Method::Get, host: "localhost", path: owner, query: "", headers: &[] };
    let path = format!("/{OWNER}/vaults/v");
    let unsigned = bench.vaults.handle(&describe(&path), Some(0), &mut Bytes::new(b"")).await.unwrap();
    assert!(
        unsigned
            .into_response()
            .unwrap()
            .headers()
            .any(|header| header == ("x-amzn-ErrorType", "MissingAuthenticationTokenException"))
    );
    // Where signatures are not verified, everybody is the root of the default account.
    let settings = Settings::default().with_account(OWNER).with_verify_signatures(false);
    let vaults = Vaults::in_memory(settings).unwrap();
    let request = |method, path, headers| Request { method, host: "localhost", path, query: "", headers };
    let version: &[(&str, &str)] = &[("x-amz-glacier-version", "2012-06-01")];
    let ask = async |method, path, body: &[u8]| {
        vaults
            .handle(&request(method, path, version), Some(body.len() as u64), &mut Bytes::new(body))
            .await
            .unwrap()
            .into_response()
            .unwrap()
            .status()
    };
    assert_eq!(ask(Method::Put, "/-/vaults/v", b"").await, 201);
    let set = json!({ "Policy": policy("Deny", OWNERS_ROOT, "glacier:DescribeVault", &json!({})) }).to_string();
    assert_eq!(ask(Method::Put, "/-/vaults/v/access-policy", set.as_bytes()).await, 204);
    assert_eq!(ask(Method::Get, "/-/vaults/v", b"").await, 403);
    assert_eq!(ask(Method::Get, "/-/vaults/v/jobs", b"").await, 200);
}
