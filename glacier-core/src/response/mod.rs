//! Responses: the headers that Glacier uses, the body, and service errors.
//! Decoding the output of an operation belongs to `ops`.

mod head;
mod header;
mod response;
mod service_error;
mod tree_hash_mismatch;

pub use head::Head;
pub(crate) use header::HeadMap;
pub use header::Header;
pub use response::{FromResponse, Response};
pub(crate) use response::{no_page, with_member};
pub use service_error::{ErrorCode, Message, ServiceError, ServiceErrorText};
pub use tree_hash_mismatch::TreeHashMismatch;
