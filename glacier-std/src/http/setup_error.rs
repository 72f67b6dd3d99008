//! Why a transport cannot be made.

use std::fmt;

use super::proxy_url::InvalidProxy;
use super::tls::TlsConfigError;

/// Why a transport cannot be made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum HttpSetupError {
    /// The trusted certificates.
    Tls(TlsConfigError),
    /// The proxy that would be used; it is not ignored.
    Proxy(InvalidProxy),
}

impl fmt::Display for HttpSetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tls(error) => error.fmt(f),
            Self::Proxy(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for HttpSetupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Tls(error) => error.source(),
            Self::Proxy(error) => error.source(),
        }
    }
}

impl From<TlsConfigError> for HttpSetupError {
    fn from(error: TlsConfigError) -> Self {
        HttpSetupError::Tls(error)
    }
}

impl From<InvalidProxy> for HttpSetupError {
    fn from(error: InvalidProxy) -> Self {
        HttpSetupError::Proxy(error)
    }
}
