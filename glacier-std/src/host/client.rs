//! The client of a host program, made in one call.

use std::fmt;

use glacier_core::{Client, InvalidEndpoint};

use super::transport::HostTransport;
use crate::config::{AwsCredentials, Config, ConfigError, process_env};
use crate::http::{HttpOptions, HttpSetupError, HttpTransport};
use crate::shared_state::SharedState;

/// The client of a host program. Clones share their connections, signing key, clock correction and retry quota: use one clone for
/// each concurrent task.
pub type HostClient = Client<HostTransport, AwsCredentials, SharedState>;

/// A client of AWS, or of another service, as the environment and the shared files configure.
///
/// # Errors
/// [`SetupError`]
pub async fn client_from_env() -> Result<HostClient, SetupError> {
    let config = Config::load(&process_env, None)?;
    let options = HttpOptions::from_env(&process_env).with_ca_bundle(config.ca_bundle(None));
    client_from_config(&config, &options).await
}

/// A client of the service that `config` selects.
///
/// # Errors
/// [`SetupError`]
pub async fn client_from_config(config: &Config<'_>, options: &HttpOptions) -> Result<HostClient, SetupError> {
    let endpoint = config.endpoint(None, None, false)?.value;
    let credentials = config.credentials().await?.value;
    let transport = HttpTransport::new(&endpoint.url, options)?;
    Ok(Client::with_state(transport.into(), endpoint.to_core()?, credentials, SharedState::default()))
}

/// A client of a vault in this process, which signs with the test access key.
///
/// ```
/// use glacier_std::local::{Settings, Vaults};
///
/// let folder = tempfile::tempdir()?;
/// let client = glacier_std::local_client(&Vaults::open(folder.path(), Settings::default())?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "local")]
#[must_use]
pub fn local_client(vaults: &crate::local::Vaults) -> HostClient {
    use crate::config::OwnedCredentials;
    use crate::local::{LocalTransport, TEST_ACCESS_KEY_ID, TEST_REGION, TEST_SECRET};
    let endpoint = glacier_core::Endpoint::new(TEST_REGION, "localhost").expect("a valid region and host");
    let credentials = OwnedCredentials::new(TEST_ACCESS_KEY_ID.to_owned(), TEST_SECRET.to_owned().into(), None);
    let credentials = credentials.expect("a valid access key").into();
    Client::with_state(LocalTransport::new(vaults).into(), endpoint, credentials, SharedState::default())
}

/// Why a client could not be made.
#[derive(Debug)]
#[non_exhaustive]
pub enum SetupError {
    /// Region, endpoint or credentials.
    Config(ConfigError),
    /// The proxy or the trusted certificates.
    Http(HttpSetupError),
    /// The endpoint's host, path or region.
    Endpoint(InvalidEndpoint),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetupError::Config(error) => error.fmt(f),
            SetupError::Http(error) => error.fmt(f),
            SetupError::Endpoint(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SetupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SetupError::Config(error) => error.source(),
            SetupError::Http(error) => error.source(),
            SetupError::Endpoint(error) => error.source(),
        }
    }
}

impl From<ConfigError> for SetupError {
    fn from(error: ConfigError) -> Self {
        SetupError::Config(error)
    }
}

impl From<HttpSetupError> for SetupError {
    fn from(error: HttpSetupError) -> Self {
        SetupError::Http(error)
    }
}

impl From<InvalidEndpoint> for SetupError {
    fn from(error: InvalidEndpoint) -> Self {
        SetupError::Endpoint(error)
    }
}
