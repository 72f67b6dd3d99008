//! What control tells of the vaults: documents of this service itself, which no document of AWS describes. Dates are vault time, as in the API.

use serde::Serialize;

/// The vaults at one moment. Lists and counts are bounded, see [`capped`](ServiceState::capped).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ServiceState {
    /// Vault time.
    pub now: String,
    /// The time mode, such as `manual`.
    pub mode: String,
    /// What opening the folder found, a sentence each.
    pub found: Vec<String>,
    /// The vaults of all accounts and regions, by account, region and name.
    pub vaults: Vec<VaultSummary>,
    /// What happens by itself, soonest first.
    pub due: Vec<DueEvent>,
    /// The notifications that could not be posted, oldest first: the last 1,000.
    pub failed_notifications: Vec<FailedPost>,
    /// The members of which there is more: `found`, `vaults` and `due` have at most 1,000 entries, and `jobs` or `uploads` says that their numbers
    /// are lower bounds.
    pub capped: Vec<&'static str>,
}

/// A vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VaultSummary {
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Its name.
    pub name: String,
    /// Archives in it now.
    pub archives: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// The date of the last inventory.
    pub inventory: Option<String>,
    /// `InProgress` or `Locked`; `None` without a lock.
    pub lock: Option<&'static str>,
    /// Its jobs, running and done.
    pub jobs: u64,
    /// Its open multipart uploads.
    pub uploads: u64,
}

/// Something that happens by itself when its time has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DueEvent {
    /// When.
    pub at: String,
    /// `job-done`, `job-ends`, `upload-expires`, `lock-expires` or `inventory`.
    pub what: &'static str,
    /// The name of the vault.
    pub vault: String,
    /// The id of the job, upload or lock; `None` for an inventory.
    pub id: Option<String>,
}

/// A notification that could not be posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FailedPost {
    /// When the job was done that it tells of.
    pub at: String,
    /// The ARN of the topic.
    pub topic: String,
    /// `ArchiveRetrievalCompleted` or `InventoryRetrievalCompleted`.
    pub event: String,
    /// The `MessageId` of each try.
    pub message_id: String,
    /// Why the last try failed.
    pub error: String,
}

/// What a vault has: the first 100 of each kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VaultContents {
    /// The archives, by their ids.
    pub archives: Vec<ArchiveSummary>,
    /// The open multipart uploads, oldest first.
    pub uploads: Vec<UploadSummary>,
    /// The jobs, oldest first.
    pub jobs: Vec<JobSummary>,
    /// The members of which there is more.
    pub capped: Vec<&'static str>,
}

/// An archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ArchiveSummary {
    /// Its id.
    pub id: String,
    /// In bytes.
    pub size: u64,
    /// When it was created.
    pub created: String,
    /// As its uploader wrote it.
    pub description: String,
    /// Its tree hash.
    pub tree_hash: String,
}

/// An open multipart upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UploadSummary {
    /// Its id.
    pub id: String,
    /// The size of a part, in bytes.
    pub part_size: u64,
    /// When it began.
    pub created: String,
    /// As its initiator wrote it.
    pub description: String,
    /// When it is dropped unless it gets another part.
    pub due: String,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct JobSummary {
    /// Its id.
    pub id: String,
    /// `ArchiveRetrieval` or `InventoryRetrieval`.
    pub action: &'static str,
    /// `InProgress`, `Succeeded` or `Failed`.
    pub status: &'static str,
    /// When it was initiated.
    pub created: String,
    /// When it was done.
    pub completed: Option<String>,
    /// As its initiator wrote it.
    pub description: Option<String>,
    /// The archive that it retrieves.
    pub archive: Option<String>,
    /// The tier of a retrieval.
    pub tier: Option<&'static str>,
    /// When it is done, or, once it is, when it and its output end; `None` if that is not among the next events.
    pub due: Option<String>,
    /// Why it failed.
    pub message: Option<String>,
}

/// An inventory that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TakenInventory {
    /// Its date.
    pub taken: String,
    /// The archives that it found.
    pub archives: u64,
    /// Bytes in them.
    pub bytes: u64,
}

/// A request that was handled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LoggedRequest {
    /// When it came, in vault time.
    pub at: String,
    /// Its id, as in the header `x-amzn-RequestId` of the response.
    pub request_id: String,
    /// The operation; `None` if it asks for none that there is.
    pub operation: Option<&'static str>,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The HTTP status; `None` if a fault took the response away.
    pub status: Option<u16>,
    /// The error code.
    pub code: Option<String>,
    /// The error message, and the kind of the fault that happened.
    pub message: Option<String>,
    /// Who signed it; `None` unless the signature is valid.
    pub principal: Option<String>,
    /// Why the signature failed: for one that does not match, with what this service signed.
    pub why: Option<String>,
}
