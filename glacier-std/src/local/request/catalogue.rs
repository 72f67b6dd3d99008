//! The operations of the API: method, path and query of each.

use glacier_core::Method::{self, Delete, Get, Post, Put};

/// An operation of the API.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OperationInfo {
    pub(crate) name: &'static str,
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) query: &'static str,
}

const fn row(name: &'static str, method: Method, path: &'static str, query: &'static str) -> OperationInfo {
    OperationInfo { name, method, path, query }
}

/// All operations.
pub(crate) const OPERATIONS: [OperationInfo; 33] = [
    row("CreateVault", Put, "/{accountId}/vaults/{vaultName}", ""),
    row("DescribeVault", Get, "/{accountId}/vaults/{vaultName}", ""),
    row("ListVaults", Get, "/{accountId}/vaults", ""),
    row("DeleteVault", Delete, "/{accountId}/vaults/{vaultName}", ""),
    row("AddTagsToVault", Post, "/{accountId}/vaults/{vaultName}/tags", "operation=add"),
    row("ListTagsForVault", Get, "/{accountId}/vaults/{vaultName}/tags", ""),
    row("RemoveTagsFromVault", Post, "/{accountId}/vaults/{vaultName}/tags", "operation=remove"),
    row("SetVaultNotifications", Put, "/{accountId}/vaults/{vaultName}/notification-configuration", ""),
    row("GetVaultNotifications", Get, "/{accountId}/vaults/{vaultName}/notification-configuration", ""),
    row("DeleteVaultNotifications", Delete, "/{accountId}/vaults/{vaultName}/notification-configuration", ""),
    row("SetVaultAccessPolicy", Put, "/{accountId}/vaults/{vaultName}/access-policy", ""),
    row("GetVaultAccessPolicy", Get, "/{accountId}/vaults/{vaultName}/access-policy", ""),
    row("DeleteVaultAccessPolicy", Delete, "/{accountId}/vaults/{vaultName}/access-policy", ""),
    row("InitiateVaultLock", Post, "/{accountId}/vaults/{vaultName}/lock-policy", ""),
    row("GetVaultLock", Get, "/{accountId}/vaults/{vaultName}/lock-policy", ""),
    row("AbortVaultLock", Delete, "/{accountId}/vaults/{vaultName}/lock-policy", ""),
    row("CompleteVaultLock", Post, "/{accountId}/vaults/{vaultName}/lock-policy/{lockId}", ""),
    row("UploadArchive", Post, "/{accountId}/vaults/{vaultName}/archives", ""),
    row("DeleteArchive", Delete, "/{accountId}/vaults/{vaultName}/archives/{archiveId}", ""),
    row("InitiateMultipartUpload", Post, "/{accountId}/vaults/{vaultName}/multipart-uploads", ""),
    row("UploadMultipartPart", Put, "/{accountId}/vaults/{vaultName}/multipart-uploads/{uploadId}", ""),
    row("CompleteMultipartUpload", Post, "/{accountId}/vaults/{vaultName}/multipart-uploads/{uploadId}", ""),
    row("AbortMultipartUpload", Delete, "/{accountId}/vaults/{vaultName}/multipart-uploads/{uploadId}", ""),
    row("ListMultipartUploads", Get, "/{accountId}/vaults/{vaultName}/multipart-uploads", ""),
    row("ListParts", Get, "/{accountId}/vaults/{vaultName}/multipart-uploads/{uploadId}", ""),
    row("InitiateJob", Post, "/{accountId}/vaults/{vaultName}/jobs", ""),
    row("DescribeJob", Get, "/{accountId}/vaults/{vaultName}/jobs/{jobId}", ""),
    row("ListJobs", Get, "/{accountId}/vaults/{vaultName}/jobs", ""),
    row("GetJobOutput", Get, "/{accountId}/vaults/{vaultName}/jobs/{jobId}/output", ""),
    row("SetDataRetrievalPolicy", Put, "/{accountId}/policies/data-retrieval", ""),
    row("GetDataRetrievalPolicy", Get, "/{accountId}/policies/data-retrieval", ""),
    row("PurchaseProvisionedCapacity", Post, "/{accountId}/provisioned-capacity", ""),
    row("ListProvisionedCapacity", Get, "/{accountId}/provisioned-capacity", ""),
];
