//! What came back: the headers that Glacier uses, the body, and the service's errors.
//! How a typed output is made of it belongs to the operations.

mod head;
mod header;
mod response;
mod service_error;
mod tree_hash_mismatch;

pub use head::Head;
pub(crate) use header::HeadMap;
pub use header::Header;
pub use response::{FromResponse, Response};
pub use service_error::{ErrorCode, Message, ServiceError, ServiceErrorText};
pub use tree_hash_mismatch::TreeHashMismatch;
