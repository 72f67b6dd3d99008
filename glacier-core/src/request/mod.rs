//! What a request is before it is signed: the traits of operations, and the request in a caller's buffer.
//! Signing belongs to `sign`, sending to `transport`.

mod encode;
mod json_body;
mod kinds;
mod request;
mod request_builder;

pub use encode::{Encode, Headers, Method, Payload};
pub(crate) use json_body::JsonBody;
pub(crate) use kinds::PageRequest;
pub use kinds::{Fetch, List, Operation, Paginate, Upload};
pub use request::{API_VERSION, Request};
pub(crate) use request_builder::{HeaderList, RequestBuilder};
