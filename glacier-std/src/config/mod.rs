//! Where to call, as whom: region, endpoint and credentials, found the way AWS users expect.
//!
//! Flags go before the environment, and that before the shared files; nothing is guessed. What is [`Found`] says where it was,
//! so that a program can tell its user.

#[cfg(feature = "aws-config")]
mod chain;
mod credentials;
pub mod endpoint;
mod error;
mod files;
mod find;
mod identity;
mod ini;
mod url;

pub use credentials::{AwsCredentials, OwnedCredentials};
pub use endpoint::ResolvedEndpoint;
pub use error::ConfigError;
pub use find::{Config, Found};
pub use url::{BaseUrl, InvalidUrl};

/// Looks an environment variable up. It is passed in everywhere, so that nothing here depends on the process it runs in.
pub type Env<'e> = dyn Fn(&str) -> Option<String> + Sync + 'e;

/// The environment of this process; what is not Unicode counts as unset.
pub fn process_env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A variable that says something: AWS tools take an empty one for unset.
fn set(env: &Env<'_>, name: &str) -> Option<String> {
    env(name).filter(|value| !value.is_empty())
}
