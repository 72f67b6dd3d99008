//! What can be set about connections.

use std::path::PathBuf;
use std::time::Duration;

use super::proxy::{InvalidProxy, Proxies};

/// How to connect, and how long to wait.
#[derive(Clone, Debug)]
pub struct Options {
    /// Time for a connection to come about: name, TCP, proxy and TLS together. 20 seconds unless set.
    pub connect_timeout: Duration,
    /// Time without a byte moving in either direction before a request is given up; noticed within half as much again. 180 seconds unless
    /// set. There is no time-out on a whole request: a part may have 4 GiB.
    pub idle_timeout: Duration,
    /// Idle connections kept for the next requests; 16 unless set.
    pub max_idle: usize,
    /// A PEM file with the certificates to trust, in place of the platform's.
    pub ca_bundle: Option<PathBuf>,
    /// Which proxies to go through.
    pub proxies: Proxies,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            connect_timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(180),
            max_idle: 16,
            ca_bundle: None,
            proxies: Proxies::default(),
        }
    }
}

impl Options {
    /// What the environment says: `AWS_CA_BUNDLE`, `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`. `env` looks a variable up.
    ///
    /// # Errors
    /// [`InvalidProxy`] when a proxy is set that cannot be used; it is not passed over in silence.
    pub fn from_env(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, InvalidProxy> {
        Ok(Options {
            ca_bundle: env("AWS_CA_BUNDLE").filter(|path| !path.is_empty()).map(PathBuf::from),
            proxies: Proxies::from_env(env)?,
            ..Options::default()
        })
    }
}
