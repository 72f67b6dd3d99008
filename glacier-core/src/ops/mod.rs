//! The operations, by resource. Each says only what is its own.

mod archive;
mod job;
mod multipart;
mod vault;

pub use archive::{ArchiveReceipt, BodySize, DeleteArchive, InvalidBodySize, UploadArchive};
pub use job::{
    Action, DescribeJob, GetJobOutput, InitiateJob, InventoryFormat, InventoryParameters, InventoryRetrieval, Job, JobKind,
    JobReceipt, StatusCode, Tier,
};
pub use multipart::{
    AbortMultipartUpload, CompleteMultipartUpload, InitiateMultipartUpload, ListParts, Part, PartReceipt, UploadMultipartPart,
    UploadReceipt,
};
pub use vault::{CreateVault, DeleteVault, DescribeVault, ListVaults, Vault, VaultReceipt};
