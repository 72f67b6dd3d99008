//! The 33 operations as data: for routers, command lines, tables and checks.
//!
//! A program that only calls operations links none of this.

use self::BodyKind as B;
use self::OutputKind as O;
use crate::request::Method::{self, Delete, Get, Post, Put};

/// What body a request has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyKind {
    /// None.
    Empty,
    /// A JSON object.
    Json,
    /// The bytes of an archive or of a part.
    Stream,
}

/// Where the output of a successful response is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutputKind {
    /// There is none.
    Empty,
    /// In the response's headers.
    Headers,
    /// In a JSON object.
    Object,
    /// In a JSON object with one member of any length, read item by item.
    List,
    /// In a body of any length, and in the headers.
    Stream,
}

/// One operation of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationInfo {
    /// The name in the API reference, which is that of the type in [`ops`](super) too.
    pub name: &'static str,
    /// The name of the AWS CLI's command.
    pub cli_name: &'static str,
    /// The request's method.
    pub method: Method,
    /// The request's path after `/{accountId}`, with the names of the API reference in braces: `/vaults/{vaultName}`.
    pub path: &'static str,
    /// The part of the query that tells the operation from others of the same path; empty for most.
    pub query: &'static str,
    /// What body the request has.
    pub body: BodyKind,
    /// Where the output is.
    pub output: OutputKind,
    /// Whether the operation is idempotent: calling it twice has the same effect as calling it once.
    pub idempotent: bool,
}

/// All operations, by resource.
#[rustfmt::skip]
pub const OPERATIONS: [OperationInfo; 33] = [
    // vault
    row("CreateVault", "create-vault", Put, "/vaults/{vaultName}", B::Empty, O::Headers),
    row("DescribeVault", "describe-vault", Get, "/vaults/{vaultName}", B::Empty, O::Object),
    row("ListVaults", "list-vaults", Get, "/vaults", B::Empty, O::List),
    row("DeleteVault", "delete-vault", Delete, "/vaults/{vaultName}", B::Empty, O::Empty),
    // tag
    row("AddTagsToVault", "add-tags-to-vault", Post, "/vaults/{vaultName}/tags", B::Json, O::Empty).query("operation=add"),
    row("ListTagsForVault", "list-tags-for-vault", Get, "/vaults/{vaultName}/tags", B::Empty, O::List),
    row("RemoveTagsFromVault", "remove-tags-from-vault", Post, "/vaults/{vaultName}/tags", B::Json, O::Empty).query("operation=remove"),
    // notification
    row("SetVaultNotifications", "set-vault-notifications", Put, "/vaults/{vaultName}/notification-configuration", B::Json, O::Empty),
    row("GetVaultNotifications", "get-vault-notifications", Get, "/vaults/{vaultName}/notification-configuration", B::Empty, O::Object),
    row("DeleteVaultNotifications", "delete-vault-notifications", Delete, "/vaults/{vaultName}/notification-configuration", B::Empty, O::Empty),
    // access_policy
    row("SetVaultAccessPolicy", "set-vault-access-policy", Put, "/vaults/{vaultName}/access-policy", B::Json, O::Empty),
    row("GetVaultAccessPolicy", "get-vault-access-policy", Get, "/vaults/{vaultName}/access-policy", B::Empty, O::Object),
    row("DeleteVaultAccessPolicy", "delete-vault-access-policy", Delete, "/vaults/{vaultName}/access-policy", B::Empty, O::Empty),
    // lock
    row("InitiateVaultLock", "initiate-vault-lock", Post, "/vaults/{vaultName}/lock-policy", B::Json, O::Headers).not_idempotent(),
    row("GetVaultLock", "get-vault-lock", Get, "/vaults/{vaultName}/lock-policy", B::Empty, O::Object),
    row("AbortVaultLock", "abort-vault-lock", Delete, "/vaults/{vaultName}/lock-policy", B::Empty, O::Empty),
    row("CompleteVaultLock", "complete-vault-lock", Post, "/vaults/{vaultName}/lock-policy/{lockId}", B::Empty, O::Empty),
    // archive
    row("UploadArchive", "upload-archive", Post, "/vaults/{vaultName}/archives", B::Stream, O::Headers).not_idempotent(),
    row("DeleteArchive", "delete-archive", Delete, "/vaults/{vaultName}/archives/{archiveId}", B::Empty, O::Empty),
    // multipart
    row("InitiateMultipartUpload", "initiate-multipart-upload", Post, "/vaults/{vaultName}/multipart-uploads", B::Empty, O::Headers).not_idempotent(),
    row("UploadMultipartPart", "upload-multipart-part", Put, "/vaults/{vaultName}/multipart-uploads/{uploadId}", B::Stream, O::Headers),
    row("CompleteMultipartUpload", "complete-multipart-upload", Post, "/vaults/{vaultName}/multipart-uploads/{uploadId}", B::Empty, O::Headers),
    row("AbortMultipartUpload", "abort-multipart-upload", Delete, "/vaults/{vaultName}/multipart-uploads/{uploadId}", B::Empty, O::Empty),
    row("ListMultipartUploads", "list-multipart-uploads", Get, "/vaults/{vaultName}/multipart-uploads", B::Empty, O::List),
    row("ListParts", "list-parts", Get, "/vaults/{vaultName}/multipart-uploads/{uploadId}", B::Empty, O::List),
    // initiate_job
    row("InitiateJob", "initiate-job", Post, "/vaults/{vaultName}/jobs", B::Json, O::Headers).not_idempotent(),
    // job
    row("DescribeJob", "describe-job", Get, "/vaults/{vaultName}/jobs/{jobId}", B::Empty, O::Object),
    row("ListJobs", "list-jobs", Get, "/vaults/{vaultName}/jobs", B::Empty, O::List),
    row("GetJobOutput", "get-job-output", Get, "/vaults/{vaultName}/jobs/{jobId}/output", B::Empty, O::Stream),
    // retrieval_policy
    row("SetDataRetrievalPolicy", "set-data-retrieval-policy", Put, "/policies/data-retrieval", B::Json, O::Empty),
    row("GetDataRetrievalPolicy", "get-data-retrieval-policy", Get, "/policies/data-retrieval", B::Empty, O::Object),
    // capacity
    row("PurchaseProvisionedCapacity", "purchase-provisioned-capacity", Post, "/provisioned-capacity", B::Empty, O::Headers).not_idempotent(),
    row("ListProvisionedCapacity", "list-provisioned-capacity", Get, "/provisioned-capacity", B::Empty, O::List),
];

/// An idempotent operation without a query. `path` is what follows the account.
const fn row(name: &'static str, cli_name: &'static str, method: Method, path: &'static str, body: B, output: O) -> OperationInfo {
    OperationInfo { name, cli_name, method, path, query: "", body, output, idempotent: true }
}

impl OperationInfo {
    const fn query(self, query: &'static str) -> Self {
        OperationInfo { query, ..self }
    }

    const fn not_idempotent(self) -> Self {
        OperationInfo { idempotent: false, ..self }
    }

    /// The operation of this name, such as `DescribeVault`; `None` when the service has none.
    #[must_use]
    pub fn of(name: &str) -> Option<&'static OperationInfo> {
        const { &OPERATIONS }.iter().find(|operation| operation.name == name)
    }
}
