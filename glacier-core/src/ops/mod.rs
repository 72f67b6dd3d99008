//! The 33 operations, by resource. Each says only what is its own.

mod access_policy;
mod archive;
mod capacity;
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
pub use archive::{ArchiveReceipt, BodySize, DeleteArchive, InvalidBodySize, UploadArchive};
pub use capacity::{CapacityReceipt, ListProvisionedCapacity, ProvisionedCapacity, PurchaseProvisionedCapacity};
pub use initiate_job::{InitiateJob, InventoryFilter, InventoryFormat, InventoryRetrieval, JobKind, JobReceipt, Tier};
pub use job::{Action, DescribeJob, GetJobOutput, InventoryParameters, Job, ListJobs, StatusCode};
pub use lock::{AbortVaultLock, CompleteVaultLock, GetVaultLock, InitiateVaultLock, LockReceipt, VaultLock};
pub use multipart::{
    AbortMultipartUpload, CompleteMultipartUpload, InitiateMultipartUpload, ListMultipartUploads, ListParts, MultipartUpload, Part,
    PartReceipt, UploadMultipartPart, UploadReceipt,
};
pub use notification::{DeleteVaultNotifications, GetVaultNotifications, NotificationEvent, Notifications, SetVaultNotifications};
pub use retrieval_policy::{
    BytesPerHour, DataRetrieval, GetDataRetrievalPolicy, InvalidBytesPerHour, RetrievalLimit, RetrievalPolicy, RetrievalRule,
    SetDataRetrievalPolicy,
};
pub use select::{CsvInput, CsvMarks, CsvOutput, Encryption, Grant, Grantee, S3Location, Select, SelectJob, SelectParameters};
pub use tag::{AddTagsToVault, InvalidTags, ListTagsForVault, RemoveTagsFromVault, Tag, TagKeys, Tags};
pub use vault::{CreateVault, DeleteVault, DescribeVault, ListVaults, Vault, VaultReceipt};
