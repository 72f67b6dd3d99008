//! The 33 operations, by resource: each states only what is specific to it, and `catalogue` lists them as data.
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

pub use access_policy::*;
pub use archive::*;
pub use capacity::*;
pub use initiate_job::*;
pub use job::*;
pub use lock::*;
pub use multipart::*;
pub use notification::*;
pub use retrieval_policy::*;
pub use select::*;
pub use tag::*;
pub use vault::*;
