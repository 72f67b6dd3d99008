//! HTTP/1.1 over one connection of any embedded-nal-async stack: the transport of core's client, with request bodies and response bodies
//! streamed through the application's buffers. What is sent and when it is sent again is decided in core.

mod body;
mod error;
mod framing;
mod receive_buffer;
mod request;
mod response_head;
#[cfg(test)]
mod tests;
mod timeouts;
mod transport;

pub use body::Body;
pub use error::{Error, Step};
pub use timeouts::Timeouts;
pub use transport::HttpTransport;
