//! Glacier over HTTP/1.1: one keep-alive pool, no task of its own.
//!
//! A connection is driven by whoever waits for it, inside [`send`](glacier_core::Transport::send) and inside the reads of the answer's body. Nothing
//! is spawned, so a request costs no hand-over between tasks, and dropping a future stops everything it had under way.

mod answer;
mod connect;
mod connection;
mod error;
mod options;
mod pipe;
mod pool;
mod proxy;
mod socket;
mod stall;
mod tls;
mod transport;

pub use answer::Answer;
pub use error::{Error, TlsFault};
pub use options::Options;
pub use proxy::{InvalidProxy, Proxies};
pub use tls::InvalidRoots;
pub use transport::HttpTransport;
