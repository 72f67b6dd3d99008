//! Amazon Glacier on a host: what [`glacier_core`] needs to run on an operating system with tokio.
//!
//! | feature | adds |
//! |---|---|
//! | `http` (on by default) | [`http`]: a transport over HTTP/1.1 and TLS, with a keep-alive pool; [`HostClient`] |
//! | `transfer` | [`transfer`]: a file into a vault, an archive into a file, verified |
//! | `local` | [`local`]: the service itself, in this process, with its archives in a folder |
//! | `serve` | the same over HTTP, for any client |
//! | `cli` | the `glacier` command, with all of the above |
//! | `aws-config` | credentials of roles, containers, instances and single sign-on; some 100 more crates |
//! | `rustcrypto` | SHA-256 and HMAC of the crates sha2 and hmac alone |
//!
//! Without any feature: [`config`] (region, endpoint and credentials, found where AWS's own tools find them), [`file`](mod@file),
//! [`clock`], [`TokioEnvironment`] and [`SharedState`].
//!
//! ```no_run
//! # #[cfg(feature = "http")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use glacier_std::glacier_core::{ops::DescribeVault, retry::RetryPolicy};
//! use glacier_std::{TokioEnvironment, client_from_env};
//!
//! let mut client = client_from_env().await?;
//! let mut environment = TokioEnvironment::reporting(|retry| eprintln!("{}", retry.reason));
//! let mut buf = [0; 4096];
//! let describe = DescribeVault { vault: "photos".try_into()? };
//! let vault = client.send_retrying(&describe, RetryPolicy::default(), &mut environment, &mut buf).await?;
//! println!("{:?} bytes", vault.size_in_bytes);
//! # Ok(())
//! # }
//! ```
//!
//! # In a service, and in its tests
//! Name [`HostClient`] in your code, rather than a type parameter for the transport: it calls AWS when it is made by
//! [`client_from_env`], and a vault in this process when it is made by [`local_client`], which is how tests run without a network.
//! Its futures are `Send`, so they can be awaited in `tokio::spawn` and in the handlers of web frameworks, where a generic
//! transport fails to compile with "`<T as Transport>::Body<'_>` cannot be sent". The client is `Clone + Send + Sync`; keep one,
//! and give each task a clone. Clones share their connections, signing key, clock correction and retry quota.
//!
//! ```
//! # #[cfg(all(feature = "http", feature = "local"))]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use glacier_std::glacier_core::{Error, ops::CreateVault, retry::RetryPolicy};
//! use glacier_std::local::{Settings, Vaults};
//! use glacier_std::{HostClient, HostError, TokioEnvironment, local_client};
//!
//! async fn create(mut client: HostClient, name: String) -> Result<(), Error<HostError>> {
//!     let vault = name.as_str().try_into().expect("a valid name");
//!     let (mut environment, mut buf) = (TokioEnvironment::new(), [0; 2048]);
//!     client.send_retrying(&CreateVault { vault }, RetryPolicy::default(), &mut environment, &mut buf).await?;
//!     Ok(())
//! }
//!
//! let folder = tempfile::tempdir()?;
//! let client = local_client(&Vaults::open(folder.path(), Settings::default())?);
//! tokio::spawn(create(client.clone(), "photos".into())).await??;
//! # Ok(())
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
// Errors contain the service's message, as in glacier-core.
#![allow(clippy::result_large_err, clippy::large_enum_variant)]

mod bounded_file;
pub mod clock;
pub mod config;
#[cfg(feature = "description")]
pub mod description;
mod env;
pub mod file;
#[cfg(feature = "http")]
mod host;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "local")]
pub mod local;
#[cfg(feature = "policy")]
pub mod policy;
mod shared_state;
#[cfg(feature = "transfer")]
pub mod transfer;

// The crates whose types are in this one's interface.
pub use glacier_core;
pub use glacier_core::embedded_io_async;
pub use zeroize;

#[cfg(all(feature = "http", feature = "local"))]
pub use host::local_client;
#[cfg(feature = "http")]
pub use host::{HostBody, HostClient, HostError, HostTransport, SetupError, client_from_config, client_from_env};

pub use env::{Retrying, TokioEnvironment};
pub use shared_state::SharedState;

/// The example of the repository's README is compiled as a test.
#[cfg(all(doctest, feature = "http"))]
#[doc = include_str!("../../README.md")]
mod readme {}

/// So is the example of this crate's README.
#[cfg(all(doctest, feature = "http"))]
#[doc = include_str!("../README.md")]
mod crate_readme {}
