//! The options of connections.

use std::path::PathBuf;
use std::time::Duration;

use super::proxy::Proxies;

/// Time-outs, trusted certificates and proxies.
///
/// ```
/// # use std::time::Duration;
/// use glacier_std::http::HttpOptions;
///
/// let options = HttpOptions::default().with_idle_timeout(Duration::from_secs(60));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpOptions {
    /// The maximum time to connect: name, TCP, proxy and TLS together. 20 seconds by default.
    pub connect_timeout: Duration,
    /// The maximum time without a byte sent or received during a request; detected within one and a half times as long. 180 seconds
    /// by default. There is no time-out of a whole request: a part may have 4 GiB.
    pub idle_timeout: Duration,
    /// The maximum number of idle connections that are kept; 16 by default.
    pub max_idle: usize,
    /// A PEM file with the trusted certificates, in place of the platform's.
    pub ca_bundle: Option<PathBuf>,
    /// The proxies to connect through; none by default.
    pub proxies: Proxies,
}

impl Default for HttpOptions {
    fn default() -> Self {
        HttpOptions {
            connect_timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(180),
            max_idle: 16,
            ca_bundle: None,
            proxies: Proxies::default(),
        }
    }
}

impl HttpOptions {
    /// The options that the environment sets: `AWS_CA_BUNDLE` and the variables of [`Proxies::from_env`]. `env` looks a variable up.
    #[must_use]
    pub fn from_env(env: &dyn Fn(&str) -> Option<String>) -> Self {
        HttpOptions {
            ca_bundle: env("AWS_CA_BUNDLE").filter(|path| !path.is_empty()).map(PathBuf::from),
            proxies: Proxies::from_env(env),
            ..HttpOptions::default()
        }
    }

    /// Limits the time to connect.
    #[must_use]
    pub fn with_connect_timeout(self, connect_timeout: Duration) -> Self {
        HttpOptions { connect_timeout, ..self }
    }

    /// Limits the time without a byte sent or received.
    #[must_use]
    pub fn with_idle_timeout(self, idle_timeout: Duration) -> Self {
        HttpOptions { idle_timeout, ..self }
    }

    /// Keeps at most this many idle connections.
    #[must_use]
    pub fn with_max_idle(self, max_idle: usize) -> Self {
        HttpOptions { max_idle, ..self }
    }

    /// Trusts the certificates of this PEM file alone; with `None`, the platform's.
    #[must_use]
    pub fn with_ca_bundle(self, ca_bundle: Option<PathBuf>) -> Self {
        HttpOptions { ca_bundle, ..self }
    }

    /// Connects through these proxies.
    #[must_use]
    pub fn with_proxies(self, proxies: Proxies) -> Self {
        HttpOptions { proxies, ..self }
    }
}
