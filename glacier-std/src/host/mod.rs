//! One type of client for a whole program: it calls AWS in production and a local vault in tests.
//! It only chooses between the transports; each is in its own room.

mod client;
mod transport;

#[cfg(feature = "local")]
pub use client::local_client;
pub use client::{HostClient, SetupError, client_from_config, client_from_env};
pub use transport::{HostBody, HostError, HostTransport};
