//! The operations, in files named as in `glacier_core::ops`: each reads its request, changes the store by the rules of the model, and
//! makes the response. What is the same for all of them, such as signatures, routes and service errors as responses, is not here.

mod access_policy;
mod archive;
mod authorize;
mod capacity;
mod condition_context;
mod context;
pub(crate) mod control;
mod dispatch;
mod due;
mod error;
mod initiate_job;
mod inventory;
mod job;
mod lock;
mod multipart;
mod notification;
mod notify;
pub(crate) mod overview;
mod progress;
mod retrieval_policy;
mod tag;
mod upload_body;
mod vault;

pub(crate) use context::OperationContext;
pub(crate) use dispatch::perform;
pub(crate) use due::catch_up;
pub(crate) use error::{OperationError, UploadError};
pub use progress::{RequestObserver, RequestPhase, RequestProgress};
