//! Where to connect and with which credentials: region, endpoint and credentials, found where AWS's own tools find them.
//! Nothing here calls the service. The program of a `credential_process` is run; with the feature `aws-config`, credentials may be
//! fetched from where AWS's own crates find them.
//!
//! Options come before the environment, and the environment before the shared files; nothing is guessed. What is [`Found`] says
//! where, so that a program can tell its user.

#[cfg(feature = "aws-config")]
mod chain;
mod config;
mod credential_process;
mod credential_source;
mod credentials;
pub mod endpoint;
mod environment;
mod error;
mod file_credentials;
mod files;
mod found;
mod ini;
#[cfg(test)]
mod ini_golden;
mod ini_line;
mod owned_credentials;
mod process_error;
mod process_output;
mod renewing;
mod retry_mode;
mod shell_words;
mod url;

#[cfg(feature = "aws-config")]
pub use chain::ChainCredentials;
pub use config::Config;
pub use credential_process::ProcessCredentials;
pub use credentials::AwsCredentials;
pub use endpoint::ResolvedEndpoint;
pub use environment::{Env, process_env};
pub use error::ConfigError;
pub use file_credentials::FileCredentials;
pub use found::Found;
pub use owned_credentials::OwnedCredentials;
pub use process_error::ProcessError;
pub use retry_mode::RetryMode;
pub use url::{BaseUrl, InvalidUrl};
