//! The inputs of requests as types that cannot hold an invalid value: names, ids, sizes, ranges, times, endpoints, credentials.
//! The check of an input belongs in its constructor here, never in an operation.

mod credentials;
mod description;
mod endpoint;
pub mod ids;
mod part_size;
mod range;
mod size;
mod time;
mod vault_ref;

pub use credentials::{Credentials, InvalidCredentials, NoCredentials, ProvideCredentials};
pub use description::{Description, InvalidDescription};
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use ids::{ArchiveId, CapacityId, Id, InvalidId, JobId, LockId, OwnedId, UploadId};
pub use part_size::{InvalidPartSize, Layout, LayoutError, MAX_PARTS, PartSize};
pub use range::{ByteRange, ContentRange, InvalidRange, Range};
pub use size::{LEAF_SIZE, MIB};
pub use time::{InvalidTimestamp, Timestamp};
pub use vault_ref::{AccountId, InvalidAccountId, InvalidVaultName, VaultName, VaultRef};
