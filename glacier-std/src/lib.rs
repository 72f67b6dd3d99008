//! Amazon Glacier on a host: what [`glacier_core`] needs to run on an operating system with tokio.
//!
//! | feature | brings |
//! |---|---|
//! | `http` (on by default) | `http`: a transport over HTTP/1.1 and TLS, with a keep-alive pool |
//! | `transfer` | `transfer`: a file into a vault, an archive into a file, verified |
//! | `local` | `local`: the service itself, in this process, with its archives in a folder |
//! | `serve` | the same over HTTP, for any client |
//! | `cli` | the `glacier` command, with all of the above |
//! | `aws-config` | credentials of roles, containers, instances, processes and single sign-on; some 100 crates more |
//!
//! Always here: [`config`] (region, endpoint and credentials as AWS's own tools find them), [`file`](mod@file) and [`clock`].
//!
//! ```no_run
//! # #[cfg(feature = "http")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use glacier_core::{Client, ops::DescribeVault};
//! use glacier_std::{clock, config::{Config, process_env}, http::{HttpTransport, HttpOptions}};
//!
//! let config = Config::load(&process_env, None)?;
//! let endpoint = config.endpoint(None, None, false)?.value;
//! let credentials = config.credentials().await?.value;
//! let transport = HttpTransport::new(&endpoint.url, &HttpOptions::from_env(&process_env)?)?;
//! let mut client = Client::new(transport, endpoint.to_core()?, credentials);
//!
//! let mut buf = [0; 4096];
//! let vault = client.send(&DescribeVault { vault: "photos".try_into()? }, clock::now(), &mut buf).await?;
//! println!("{:?} bytes", vault.size_in_bytes);
//! # Ok(())
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
// Errors carry the service's own words, as in glacier-core.
#![allow(clippy::result_large_err, clippy::large_enum_variant)]

pub mod clock;
pub mod config;
mod env;
pub mod file;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "local")]
pub mod local;
mod shared_state;
#[cfg(feature = "transfer")]
pub mod transfer;

pub use env::{Retrying, TokioEnvironment};
pub use shared_state::SharedState;

/// The README's example is compiled as a test.
#[cfg(all(doctest, feature = "http"))]
#[doc = include_str!("../../README.md")]
mod readme {}
