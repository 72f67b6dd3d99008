//! The 33 operations, by resource: each says only what is its own, and `catalogue` lists them as data.
//! Sending them belongs to `client`, and what all requests have in common to `request` and `sign`.

mod access_policy;
mod archive;
mod capacity;
pub mod catalogue;
mod initiate_job;
mod job;
mod lock;
mod multipart;
mod notification;
mod retrieval_policy;
mod select;
mod tag;
mod vault;

pub use access_policy::{AccessPolicy, DeleteVaultAccessPolicy, GetVaultAccessPolicy, InvalidPolicy, Policy, SetVaultAccessPolicy};
pub use archive::{BodyHashes, DeleteArchive, InvalidBodySize, UploadArchive, UploadArchiveOutput};
pub use capacity::{ListProvisionedCapacity, ProvisionedCapacity, PurchaseProvisionedCapacity, PurchaseProvisionedCapacityOutput};
pub use initiate_job::{InitiateJob, InitiateJobOutput, InventoryFilter, InventoryFormat, InventoryRetrieval, JobKind, Tier};
pub use job::{Action, DescribeJob, GetJobOutput, InventoryParameters, Job, ListJobs, StatusCode};
pub use lock::{AbortVaultLock, CompleteVaultLock, GetVaultLock, InitiateVaultLock, InitiateVaultLockOutput, VaultLock};
pub use multipart::{
    AbortMultipartUpload, CompleteMultipartUpload, InitiateMultipartUpload, InitiateMultipartUploadOutput, ListMultipartUploads,
    ListParts, MultipartUpload, Part, UploadMultipartPart, UploadMultipartPartOutput,
};
pub use notification::{DeleteVaultNotifications, GetVaultNotifications, NotificationEvent, Notifications, SetVaultNotifications};
pub use retrieval_policy::{
    BytesPerHour, DataRetrieval, GetDataRetrievalPolicy, InvalidBytesPerHour, RetrievalLimit, RetrievalPolicy, RetrievalRule,
    SetDataRetrievalPolicy,
};
pub use select::{CsvInput, CsvMarks, CsvOutput, Encryption, Grant, Grantee, S3Location, Select, SelectJob, SelectParameters};
pub use tag::{AddTagsToVault, InvalidTags, ListTagsForVault, RemoveTagsFromVault, Tag, TagKeys, Tags};
pub use vault::{CreateVault, CreateVaultOutput, DeleteVault, DescribeVault, ListVaults, Vault};
