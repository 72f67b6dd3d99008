//! The 33 operations of the model: the members of their inputs, and a value for each required one.
//!
//! Source: section 3 of the API reference. Responses are replayed with inputs that omit what does not matter to
//! them; those are completed from here.

use serde_json::{Map, Value};

/// Operation, members of its input, and values for the required ones.
type Row = (&'static str, &'static [&'static str], &'static str);

const VAULT: &[&str] = &["accountId", "vaultName"];
const ACCOUNT: &[&str] = &["accountId"];

const MODEL: [Row; 33] = [
    ("AbortMultipartUpload", &["accountId", "vaultName", "uploadId"], r#"{}"#),
    ("AbortVaultLock", VAULT, r#"{}"#),
    ("AddTagsToVault", &["accountId", "vaultName", "Tags"], r#"{"Tags": {"k": "v"}}"#),
    (
        "CompleteMultipartUpload",
        &["accountId", "vaultName", "uploadId", "archiveSize", "checksum"],
        r#"{"archiveSize": "1", "checksum": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"}"#,
    ),
    ("CompleteVaultLock", &["accountId", "vaultName", "lockId"], r#"{}"#),
    ("CreateVault", VAULT, r#"{}"#),
    ("DeleteArchive", &["accountId", "vaultName", "archiveId"], r#"{}"#),
    ("DeleteVault", VAULT, r#"{}"#),
    ("DeleteVaultAccessPolicy", VAULT, r#"{}"#),
    ("DeleteVaultNotifications", VAULT, r#"{}"#),
    ("DescribeJob", &["accountId", "vaultName", "jobId"], r#"{}"#),
    ("DescribeVault", VAULT, r#"{}"#),
    ("GetDataRetrievalPolicy", ACCOUNT, r#"{}"#),
    ("GetJobOutput", &["accountId", "vaultName", "jobId", "range"], r#"{}"#),
    ("GetVaultAccessPolicy", VAULT, r#"{}"#),
    ("GetVaultLock", VAULT, r#"{}"#),
    ("GetVaultNotifications", VAULT, r#"{}"#),
    ("InitiateJob", &["accountId", "vaultName", "jobParameters"], r#"{"jobParameters": {"Type": "inventory-retrieval"}}"#),
    ("InitiateMultipartUpload", &["accountId", "vaultName", "archiveDescription", "partSize"], r#"{"partSize": "1048576"}"#),
    ("InitiateVaultLock", &["accountId", "vaultName", "policy"], r#"{"policy": {"Policy": "{}"}}"#),
    ("ListJobs", &["accountId", "vaultName", "limit", "marker", "statuscode", "completed"], r#"{}"#),
    ("ListMultipartUploads", &["accountId", "vaultName", "limit", "marker"], r#"{}"#),
    ("ListParts", &["accountId", "vaultName", "uploadId", "limit", "marker"], r#"{}"#),
    ("ListProvisionedCapacity", ACCOUNT, r#"{}"#),
    ("ListTagsForVault", VAULT, r#"{}"#),
    ("ListVaults", &["accountId", "limit", "marker"], r#"{}"#),
    ("PurchaseProvisionedCapacity", ACCOUNT, r#"{}"#),
    ("RemoveTagsFromVault", &["accountId", "vaultName", "TagKeys"], r#"{"TagKeys": ["k"]}"#),
    ("SetDataRetrievalPolicy", &["accountId", "Policy"], r#"{"Policy": {"Rules": [{"Strategy": "FreeTier"}]}}"#),
    ("SetVaultAccessPolicy", &["accountId", "vaultName", "policy"], r#"{"policy": {"Policy": "{}"}}"#),
    (
        "SetVaultNotifications",
        &["accountId", "vaultName", "vaultNotificationConfig"],
        r#"{"vaultNotificationConfig": {"SNSTopic": "arn:aws:sns:us-west-2:012345678901:t", "Events": ["ArchiveRetrievalCompleted"]}}"#,
    ),
    ("UploadArchive", &["accountId", "vaultName", "archiveDescription", "checksum", "body"], r#"{"body": {"$text": "a"}}"#),
    (
        "UploadMultipartPart",
        &["accountId", "vaultName", "uploadId", "checksum", "range", "body"],
        r#"{"range": "bytes 0-0/*", "body": {"$text": "a"}}"#,
    ),
];

fn row(operation: &str) -> Option<&'static Row> {
    MODEL.iter().find(|(name, ..)| *name == operation)
}

/// The members of an operation's input; `None` when there is no operation of this name.
pub(super) fn of(operation: &str) -> Option<&'static [&'static str]> {
    row(operation).map(|(_, members, _)| *members)
}

/// An input completed with what the service requires.
pub(super) fn completed(operation: &str, params: &Map<String, Value>) -> Map<String, Value> {
    let sample = row(operation).and_then(|(.., sample)| serde_json::from_str(sample).ok());
    let mut completed: Map<String, Value> = sample.unwrap_or_default();
    completed.extend(params.clone());
    completed
}
