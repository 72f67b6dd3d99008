//! A service with callers of several accounts, a vault with one of everything, and a request for each operation.

use std::sync::Arc;

use glacier_core::ops::catalogue::OperationInfo;
use glacier_core::{Credentials, Method, Timestamp};
use glacier_std::local::*;
use serde_json::{Value, json};

use crate::harness::*;

pub(crate) const OWNER: &str = "111122223333";
pub(crate) const OWNERS_ROOT: &str = "arn:aws:iam::111122223333:root";
pub(crate) const CLERK: &str = "arn:aws:iam::111122223333:user/clerk";
pub(crate) const AUDITOR: &str = "arn:aws:iam::444455556666:user/auditor";
pub(crate) const REGION: &str = "us-west-2";
/// The bytes of the archives.
pub(crate) const BYTES: &[u8] = b"some bytes";

/// Vaults of [`OWNER`].
pub(crate) struct Bench {
    pub(crate) vaults: Vaults,
    clock: Arc<ManualClock>,
    pub(crate) region: String,
}

/// A request that is not signed yet, on a path after the account.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// A statement that denies or allows an action to principals.
pub(crate) fn policy(effect: &str, principal: &str, action: &str, condition: &Value) -> String {
    let statement = json!({
        "Sid": "rule", "Effect": effect, "Principal": { "AWS": principal }, "Action": action, "Resource": "*", "Condition": condition,
    });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// Denies an action to everybody.
pub(crate) fn denying(action: &str) -> String {
    policy("Deny", "*", action, &json!({}))
}

impl Bench {
    /// With keys of these principals, each with a session token that says whether there was a second factor, or with none.
    pub(crate) fn new(principals: &[(&str, Option<bool>)], time: TimeMode) -> Self {
        let key = |(principal, mfa): &(&str, Option<bool>)| {
            let key = AccessKey::new(key_id(principal), "hush").with_principal(*principal);
            match mfa {
                None => key,
                Some(false) => key.with_session_token("tick"),
                Some(true) => key.with_session_token("tick").with_mfa(),
            }
        };
        let keys = principals.iter().map(key).collect();
        let Harness { clock, .. } = Harness::in_memory();
        let settings = Settings::default().with_clock(clock.clone()).with_time(time).with_access_keys(keys);
        Bench { vaults: Vaults::in_memory(settings).unwrap(), clock, region: REGION.to_owned() }
    }

    /// The owner, its user, and a user of another account.
    pub(crate) fn with_three() -> Self {
        Bench::new(&[(OWNERS_ROOT, None), (CLERK, None), (AUDITOR, None)], TimeMode::Manual)
    }

    pub(crate) fn advance_days(&self, days: u64) {
        self.vaults.advance(std::time::Duration::from_secs(days * 86_400));
    }

    /// A request as it is sent by a principal; the path names the owner.
    pub(crate) fn signed(&self, principal: &str, token: bool, call: &Call) -> Signed {
        let id = key_id(principal);
        let mut headers: Vec<(&str, &str)> = call.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if token {
            headers.push(("x-amz-security-token", "tick"));
        }
        let credentials = Credentials::new(&id, "hush", None).unwrap();
        let signing = Signing { credentials, region: &self.region, host: "localhost" };
        let now = Timestamp::from_unix(self.clock.unix_millis() / 1000);
        signed_by(&signing, now, call.method, &format!("/{OWNER}{}", call.path), &call.query, &headers, &call.body)
    }

    pub(crate) async fn ask(&self, principal: &str, call: &Call) -> RawResponse {
        send(&self.vaults, &self.signed(principal, false, call), &call.body).await
    }

    pub(crate) async fn ask_with_token(&self, principal: &str, call: &Call) -> RawResponse {
        send(&self.vaults, &self.signed(principal, true, call), &call.body).await
    }

    /// What has to succeed, asked by the root of the owner; the id of what it makes.
    pub(crate) async fn done(&self, call: &Call) -> String {
        let response = self.ask(OWNERS_ROOT, call).await;
        assert!(response.status < 300, "{call:?}: {}", response.message);
        response.id
    }

    pub(crate) async fn set_access(&self, vault: &str, policy: &str) {
        self.done(&put(&format!("/vaults/{vault}/access-policy"), &json!({ "Policy": policy }))).await;
    }

    /// Initiates a vault lock; its id.
    pub(crate) async fn lock(&self, vault: &str, policy: &str) -> String {
        self.done(&post(&format!("/vaults/{vault}/lock-policy"), &json!({ "Policy": policy }))).await
    }

    /// The vaults `v`, `s`, `t`, `u` and `w`, the first with what the [calls](Things::call) ask for.
    pub(crate) async fn with_things(&self) -> Things {
        for vault in ["v", "s", "t", "u", "w"] {
            self.done(&empty(Method::Put, &format!("/vaults/{vault}"))).await;
        }
        let mut archives = Vec::new();
        let mut uploads = Vec::new();
        for _ in 0..2 {
            archives.push(self.done(&upload("v", BYTES)).await);
        }
        for _ in 0..3 {
            let upload = self.done(&begin("v")).await;
            self.done(&part("v", &upload)).await;
            uploads.push(upload);
        }
        let job = self.done(&retrieve("v", &archives[0])).await;
        self.done(&notify("v")).await;
        Things { archives, uploads, job, lock: "no-lock".to_owned(), policy: denying("glacier:AbortVaultLock") }
    }
}

/// Letters and digits that no other principal has.
fn key_id(principal: &str) -> String {
    principal.bytes().filter(u8::is_ascii_alphanumeric).map(char::from).collect()
}

/// What is in the vaults.
pub(crate) struct Things {
    /// One that stays and one to delete.
    pub(crate) archives: Vec<String>,
    /// One to complete, one to abort and one that stays.
    pub(crate) uploads: Vec<String>,
    pub(crate) job: String,
    /// The lock in progress.
    pub(crate) lock: String,
    /// The policy to set.
    pub(crate) policy: String,
}

pub(crate) fn empty(method: Method, path: &str) -> Call {
    Call { method, path: path.to_owned(), query: String::new(), headers: Vec::new(), body: Vec::new() }
}

pub(crate) fn put(path: &str, body: &Value) -> Call {
    Call { body: body.to_string().into_bytes(), ..empty(Method::Put, path) }
}

pub(crate) fn post(path: &str, body: &Value) -> Call {
    Call { body: body.to_string().into_bytes(), ..empty(Method::Post, path) }
}

pub(crate) fn upload(vault: &str, bytes: &[u8]) -> Call {
    let headers = vec![("x-amz-content-sha256", linear(bytes)), ("x-amz-sha256-tree-hash", tree(bytes).to_string())];
    Call { headers, body: bytes.to_vec(), ..empty(Method::Post, &format!("/vaults/{vault}/archives")) }
}

fn begin(vault: &str) -> Call {
    Call {
        headers: vec![("x-amz-part-size", MIB.to_string())],
        ..empty(Method::Post, &format!("/vaults/{vault}/multipart-uploads"))
    }
}

pub(crate) fn part(vault: &str, id: &str) -> Call {
    let mut headers = upload(vault, BYTES).headers;
    headers.push(("content-range", format!("bytes 0-{}/*", BYTES.len() - 1)));
    Call { headers, body: BYTES.to_vec(), ..empty(Method::Put, &format!("/vaults/{vault}/multipart-uploads/{id}")) }
}

pub(crate) fn retrieve(vault: &str, archive: &str) -> Call {
    post(&format!("/vaults/{vault}/jobs"), &json!({ "Type": "archive-retrieval", "ArchiveId": archive }))
}

fn notify(vault: &str) -> Call {
    let body = json!({ "SNSTopic": "arn:aws:sns:us-west-2:111122223333:t", "Events": ["ArchiveRetrievalCompleted"] });
    put(&format!("/vaults/{vault}/notification-configuration"), &body)
}

impl Things {
    /// A request for an operation that has not been made before. What an operation takes away is not what another needs.
    pub(crate) fn call(&self, operation: &OperationInfo) -> Call {
        let vault = match operation.name {
            "DeleteVault" => "s",
            "DeleteVaultAccessPolicy" => "t",
            "AbortVaultLock" => "u",
            "InitiateVaultLock" => "w",
            _ => "v",
        };
        self.call_of(operation, vault)
    }

    /// The same for another vault.
    pub(crate) fn call_of(&self, operation: &OperationInfo, vault: &str) -> Call {
        let (archives, uploads) = (&self.archives, &self.uploads);
        let upload_id = match operation.name {
            "UploadMultipartPart" | "CompleteMultipartUpload" => &uploads[0],
            "AbortMultipartUpload" => &uploads[1],
            _ => &uploads[2],
        };
        let path = operation
            .path
            .replace("{vaultName}", vault)
            .replace("{archiveId}", &archives[1])
            .replace("{uploadId}", upload_id)
            .replace("{jobId}", &self.job)
            .replace("{lockId}", &self.lock);
        let body = match operation.name {
            "AddTagsToVault" => json!({ "Tags": { "a": "b" } }),
            "RemoveTagsFromVault" => json!({ "TagKeys": ["a"] }),
            "SetVaultAccessPolicy" | "InitiateVaultLock" => json!({ "Policy": self.policy }),
            "SetDataRetrievalPolicy" => json!({ "Policy": { "Rules": [{ "Strategy": "None" }] } }),
            "UploadArchive" => return upload(vault, BYTES),
            "InitiateMultipartUpload" => return begin(vault),
            "UploadMultipartPart" => return part(vault, upload_id),
            "InitiateJob" => return retrieve(vault, &archives[0]),
            "SetVaultNotifications" => return notify(vault),
            _ => Value::Null,
        };
        let headers = match operation.name {
            "CompleteMultipartUpload" => {
                vec![("x-amz-archive-size", BYTES.len().to_string()), ("x-amz-sha256-tree-hash", tree(BYTES).to_string())]
            }
            _ => Vec::new(),
        };
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        Call { method: operation.method, path, query: operation.query.to_owned(), headers, body }
    }
}
