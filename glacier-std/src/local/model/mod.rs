//! Vaults, archives, uploads and jobs, and the rules of the service about them, as values and functions of values.
//! Nothing here does I/O, reads a clock or knows HTTP: the time, random bytes and records are passed in.

mod api_error;
mod archive;
mod arn;
mod body_hasher;
mod capacity;
mod clock;
mod ids;
mod inventory;
mod job;
mod lock;
mod notifications;
mod page;
mod retrieval;
mod retrieval_policy;
mod serde_part_size;
mod serde_text;
mod tags;
mod tree;
mod upload;
mod vault;

pub(crate) use api_error::ApiError;
pub(crate) use archive::{ArchiveRecord, BlobId, PieceRecord};
pub(crate) use arn::{is_account, principal_account, root_arn, vault_arn};
pub(crate) use body_hasher::{BodyHasher, HashedBody};
pub(crate) use capacity::{Capacity, CapacityUnit};
pub use clock::Clock;
pub(crate) use clock::Moment;
pub(crate) use ids::{Ids, RandomSource};
pub(crate) use inventory::InventoryQuery;
pub(crate) use job::{ArchiveWork, InventoryWork, JobFilter, JobRecord, JobWork};
pub(crate) use lock::LockRecord;
pub(crate) use notifications::Notifications;
pub(crate) use page::page;
pub(crate) use retrieval::retrieval_range;
pub(crate) use retrieval_policy::RetrievalPolicy;
pub(crate) use tags::Tags;
pub(crate) use tree::range_tree;
pub(crate) use upload::{AnnouncedArchive, UploadRecord, UploadState};
pub(crate) use vault::{MAX_VAULTS, VaultRecord};
