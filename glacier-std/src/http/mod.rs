//! Glacier over HTTP/1.1: one keep-alive pool, no task of its own. What is sent, and what its response means, is decided in
//! `glacier_core`; where to connect is decided in `config`.
//!
//! A connection is driven by whoever waits for it: inside [`send`](glacier_core::Transport::send), and inside the reads of the
//! response's body. Nothing is spawned, so a request costs no switch between tasks, and dropping a future stops everything it had
//! started.

mod connect;
mod connection;
mod error;
mod idle_timeout;
mod no_proxy;
mod options;
mod pool;
mod proxy;
mod proxy_error;
mod proxy_url;
mod request_body;
mod response_body;
mod setup_error;
mod socket;
mod tls;
mod tls_error;
mod transport;

pub use error::HttpError;
pub use options::HttpOptions;
pub use proxy::Proxies;
pub use proxy_error::ProxyErrorKind;
pub use proxy_url::InvalidProxy;
pub use response_body::ResponseBody;
pub use setup_error::HttpSetupError;
pub use tls::TlsConfigError;
pub use tls_error::TlsErrorKind;
pub use transport::HttpTransport;
