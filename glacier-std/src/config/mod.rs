//! Where to connect and with which credentials: region, endpoint and credentials, found where AWS's own tools find them.
//! Nothing here calls the service; with the feature `aws-config`, credentials may be fetched from where AWS's own crates find them.
//!
//! Options come before the environment, and the environment before the shared files; nothing is guessed. What is [`Found`] says
//! where, so that a program can tell its user.

#[cfg(feature = "aws-config")]
mod chain;
mod config;
mod credential_source;
mod credentials;
pub mod endpoint;
mod environment;
mod error;
mod files;
mod found;
mod ini;
mod owned_credentials;
mod url;

#[cfg(feature = "aws-config")]
pub use chain::ChainCredentials;
pub use config::Config;
pub use credentials::AwsCredentials;
pub use endpoint::ResolvedEndpoint;
pub use environment::{Env, process_env};
pub use error::ConfigError;
pub use found::Found;
pub use owned_credentials::OwnedCredentials;
pub use url::{BaseUrl, InvalidUrl};
