//! What can go wrong between this program and the service.

use std::fmt;
use std::io;
use std::time::Duration;

use embedded_io_async::ErrorKind;

/// Why there is no response, or not all of it. Whether the service may have acted is reported not here but by
/// [`SendError`](glacier_core::SendError).
#[derive(Debug)]
#[non_exhaustive]
pub enum HttpError {
    /// The host's name was not found.
    Resolve {
        /// The name.
        host: String,
        /// The resolver's error.
        reason: io::Error,
    },
    /// Could not connect.
    Connect {
        /// `host:port`.
        to: String,
        /// The system's error for the last address tried.
        reason: io::Error,
    },
    /// Could not connect within the connect time-out.
    ConnectTimeout {
        /// `host:port`.
        to: String,
        /// The time-out.
        after: Duration,
    },
    /// The TLS handshake failed.
    Tls {
        /// The host whose certificate was expected.
        host: String,
        /// What was wrong.
        kind: TlsErrorKind,
        /// The error of the TLS library or the system.
        reason: io::Error,
    },
    /// The proxy did not open a tunnel to the service.
    Proxy {
        /// `host:port` of the proxy.
        proxy: String,
        /// The status of its response to `CONNECT`; 0 if that was not HTTP.
        status: u16,
    },
    /// No byte was sent or received for longer than the idle time-out.
    Stalled {
        /// The time-out.
        after: Duration,
    },
    /// The connection ended before there was a response.
    Closed {
        /// The system's error, if there was one.
        reason: Option<io::Error>,
    },
    /// The connection ended within the response's body.
    Truncated {
        /// The system's error, if there was one.
        reason: Option<io::Error>,
    },
    /// The response's status line and headers are larger than any the service sends.
    HeadTooLarge,
    /// The bytes received are not HTTP/1.1, or not a response to this request.
    NotHttp {
        /// What the parser found.
        reason: String,
    },
    /// The request has a header, path or host that HTTP cannot carry; nothing was sent.
    Unsendable {
        /// Which part.
        what: &'static str,
    },
    /// The body ended before its announced size; the request was aborted.
    ShortBody {
        /// Bytes announced.
        size: u64,
        /// Bytes supplied.
        got: u64,
    },
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve { host, reason } => {
                write!(f, "the host {host} was not found ({reason}): check the region or the endpoint URL, and the name server")
            }
            Self::Connect { to, reason } => write!(f, "could not connect to {to}: {reason}"),
            Self::ConnectTimeout { to, after } => {
                write!(
                    f,
                    "could not connect to {to} within {after:?}: check the network, or whether a proxy is needed (HTTPS_PROXY)"
                )
            }
            Self::Tls { host, kind, .. } => write!(f, "could not connect to {host} by TLS: {kind}"),
            Self::Proxy { proxy, status: 407 } => {
                write!(f, "the proxy {proxy} requires a user and password (407): give them in the proxy's URL")
            }
            Self::Proxy { proxy, status: 0 } => {
                write!(f, "the proxy {proxy} did not respond with HTTP: check the proxy's URL")
            }
            Self::Proxy { proxy, status } => {
                write!(f, "the proxy {proxy} refused the connection with status {status}: check HTTPS_PROXY and NO_PROXY")
            }
            Self::Stalled { after } => write!(f, "the connection stalled: no byte was sent or received for {after:?}"),
            Self::Closed { reason: None } => f.write_str("the connection was closed before there was a response"),
            Self::Closed { reason: Some(reason) } => write!(f, "the connection was lost before there was a response: {reason}"),
            Self::Truncated { reason: None } => f.write_str("the connection was closed before the response was complete"),
            Self::Truncated { reason: Some(reason) } => {
                write!(f, "the connection was lost before the response was complete: {reason}")
            }
            Self::HeadTooLarge => {
                f.write_str("the response has more headers than any of the service: check that the endpoint URL is right")
            }
            Self::NotHttp { reason } => {
                write!(f, "the response is not HTTP/1.1 ({reason}): check that the endpoint URL is right, and http or https")
            }
            Self::Unsendable { what } => write!(f, "the request's {what} has characters that HTTP cannot carry"),
            Self::ShortBody { size, got } => {
                write!(f, "the body ended after {got} of {size} bytes, so the request was aborted: upload it again")
            }
        }
    }
}

impl std::error::Error for HttpError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Resolve { reason, .. } | Self::Connect { reason, .. } | Self::Tls { reason, .. } => Some(reason),
            Self::Closed { reason } | Self::Truncated { reason } => reason.as_ref().map(|reason| reason as _),
            _ => None,
        }
    }
}

impl embedded_io_async::Error for HttpError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Resolve { .. } => ErrorKind::AddrNotAvailable,
            Self::Connect { reason, .. } => reason.kind().into(),
            Self::ConnectTimeout { .. } | Self::Stalled { .. } => ErrorKind::TimedOut,
            Self::Tls { .. } | Self::Proxy { .. } => ErrorKind::ConnectionRefused,
            Self::Closed { .. } => ErrorKind::ConnectionAborted,
            Self::Truncated { .. } => ErrorKind::ConnectionReset,
            Self::HeadTooLarge => ErrorKind::OutOfMemory,
            Self::NotHttp { .. } | Self::ShortBody { .. } => ErrorKind::InvalidData,
            Self::Unsendable { .. } => ErrorKind::InvalidInput,
        }
    }
}

/// What was wrong with a TLS handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsErrorKind {
    /// The certificate's issuer is not trusted.
    UntrustedIssuer,
    /// The certificate is for other names.
    WrongName {
        /// The names it is for, at most a few.
        names: Vec<String>,
    },
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The peer does not speak TLS.
    NotTls,
    /// Anything else, in the words of the TLS library or the system.
    Other(String),
}

impl fmt::Display for TlsErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UntrustedIssuer => f.write_str(
                "its certificate is signed by an authority that is not trusted: \
                 if you trust it, give its PEM file with --ca-bundle or AWS_CA_BUNDLE",
            ),
            Self::WrongName { names } if names.is_empty() => f.write_str("its certificate is for another host"),
            Self::WrongName { names } => {
                write!(f, "its certificate is for {}: use such a name in the endpoint URL", names.join(", "))
            }
            Self::Expired => f.write_str("its certificate has expired: renew it, or set this machine's clock"),
            Self::NotYetValid => f.write_str("its certificate is not valid yet: check this machine's clock"),
            Self::NotTls => f.write_str("the peer does not speak TLS: check whether the endpoint URL should begin with http://"),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn the_systems_error_is_the_source() {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        let to = || "h:1".to_owned();
        for error in [
            HttpError::Resolve { host: to(), reason: refused() },
            HttpError::Connect { to: to(), reason: refused() },
            HttpError::Tls { host: to(), kind: TlsErrorKind::NotTls, reason: refused() },
            HttpError::Closed { reason: Some(refused()) },
            HttpError::Truncated { reason: Some(refused()) },
        ] {
            let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
            assert_eq!(source.map(io::Error::kind), Some(io::ErrorKind::ConnectionRefused), "{error:?}");
        }
    }

    #[test]
    fn messages_say_what_to_do() {
        let reason = io::Error::other("UnknownIssuer");
        let shown = HttpError::Tls { host: "h".into(), kind: TlsErrorKind::UntrustedIssuer, reason }.to_string();
        assert!(shown.contains("--ca-bundle"), "{shown}");
        let shown = HttpError::Proxy { proxy: "p:3128".into(), status: 407 }.to_string();
        assert!(shown.contains("user and password"), "{shown}");
    }
}
