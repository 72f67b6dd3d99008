//! The service over HTTP/1.1, with or without TLS 1.3, for any AWS SDK: connections, time limits and bodies on the wire.
//! What a request does is decided by [`Vaults`](super::Vaults) alone, except below `/_glacier/`: `GET /_glacier/health` is 200, unsigned, and
//! a server [with control](Server::with_control) has the console there and what it calls.
//!
//! ```
//! use glacier_std::local::{Settings, Vaults, serve::Server};
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let folder = tempfile::tempdir()?;
//! let vaults = Vaults::open(folder.path(), Settings::default())?;
//! let server = Server::bind(&vaults, "127.0.0.1:0", None).await?;
//! println!("{}", server.url());
//! let stop = async { /* a signal, for instance */ };
//! server.run(stop).await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod body;
mod connection;
mod connections;
mod console;
mod control;
mod control_access;
mod first;
mod own_paths;
mod pace;
mod posts;
mod server;
mod timer;
mod tls;
mod watched_io;
mod write_timeout;

pub use connection::serve_connection;
pub use control_access::{ControlToken, InvalidControlToken};
pub use server::Server;
pub use tls::{Tls, TlsError};
