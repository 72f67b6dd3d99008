//! For tests: a transport that replies from a script, an environment whose clock stands still, and a battery of tests for transports.
//! Needs the feature `testing`, and with it the standard library; nothing here is meant for production, and misuse panics.
//!
//! # Testing what calls the service
//! ```
//! use glacier_core::ops::DescribeVault;
//! use glacier_core::testing::{ManualEnvironment, Reply, ScriptedTransport, block_on};
//! use glacier_core::{Client, Credentials, Endpoint, Timestamp, retry::RetryPolicy};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let transport = ScriptedTransport::new([
//!     Reply::service_error(429, "ThrottlingException", "slow down"),
//!     Reply::json(200, r#"{"VaultName":"photos","SizeInBytes":42}"#),
//! ]);
//! let endpoint = Endpoint::new("eu-west-1", "glacier.eu-west-1.amazonaws.com")?;
//! let mut client = Client::new(transport.clone(), endpoint, Credentials::new("AKIDEXAMPLE", "secret", None)?);
//! let mut environment = ManualEnvironment::at(Timestamp::from_unix(1_795_644_600));
//!
//! let describe = DescribeVault { vault: "photos".try_into()? };
//! let mut buf = [0; 2048];
//! let vault = block_on(client.send_retrying(&describe, RetryPolicy::default(), &mut environment, &mut buf))?;
//! assert_eq!(vault.size_in_bytes, Some(42));
//! assert_eq!(transport.requests()[1].to_string(), "GET /-/vaults/photos");
//! assert_eq!(environment.retries[0].wait_ms, 999);
//! # Ok(())
//! # }
//! ```
//!
//! # Testing a transport
//! The author of a transport says how one is made, and runs the battery on it. Each case is a scripted server on the loopback interface
//! and what the transport must make of it, so the contract of [`Transport`](crate::Transport) is tested byte by byte.
//! [`run_all`](battery::run_all) takes about half a minute, most of it waiting; [`for_each_case`](battery::for_each_case) makes a
//! test of each case.
//!
//! ```no_run
//! use std::{net::SocketAddr, time::Duration};
//! use glacier_core::testing::battery::{self, Factory};
//! # use glacier_core::testing::{ScriptedTransport as MyTransport, block_on};
//! # trait Connect { fn to(server: SocketAddr, timeout: Duration) -> Self; }
//! # impl Connect for MyTransport { fn to(_: SocketAddr, _: Duration) -> Self { MyTransport::default() } }
//!
//! struct MyFactory;
//!
//! impl Factory for MyFactory {
//!     type Transport = MyTransport;
//!
//!     fn transport(&self, server: SocketAddr, idle_timeout: Duration) -> MyTransport {
//!         MyTransport::to(server, idle_timeout)
//!     }
//! }
//!
//! // #[tokio::test] async fn keeps_the_contract() { battery::run_all(&MyFactory).await }
//! block_on(battery::run_all(&MyFactory));
//! ```

pub mod battery;
mod block_on;
mod manual_environment;
mod recorded_request;
mod reply;
mod scripted_body;
mod scripted_transport;

pub use block_on::block_on;
pub use manual_environment::{ManualEnvironment, RecordedRetry};
pub use recorded_request::RecordedRequest;
pub use reply::Reply;
pub use scripted_body::{ScriptedBody, ScriptedError};
pub use scripted_transport::ScriptedTransport;
