//! Where to call, as whom: region, endpoint and credentials, found the way AWS users expect.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use glacier_core::Client;
//! use glacier_std::config::{Config, process_env};
//! # #[cfg(feature = "http")]
//! use glacier_std::http::{HttpTransport, Options};
//!
//! let config = Config::load(&process_env, None)?;
//! let endpoint = config.endpoint(None, None, false)?.value;
//! let credentials = config.credentials().await?.value;
//! # #[cfg(feature = "http")] {
//! let transport = HttpTransport::new(&endpoint.url, &Options::from_env(&process_env)?)?;
//! let client = Client::new(transport, endpoint.service()?, credentials);
//! # }
//! # Ok(())
//! # }
//! ```

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
pub use endpoint::Endpoint;
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
