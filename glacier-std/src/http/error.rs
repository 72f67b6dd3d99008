//! What can go wrong between this program and the service.

use std::fmt;
use std::io;
use std::time::Duration;

use embedded_io_async::ErrorKind;

use super::proxy_error::ProxyErrorKind;
use super::tls_error::TlsErrorKind;

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
    /// A proxy did not lead to the service.
    Proxy {
        /// `host:port` of the proxy.
        proxy: String,
        /// The environment variable that names it.
        variable: &'static str,
        /// `host:port` of the service.
        to: String,
        /// What was wrong.
        kind: ProxyErrorKind,
    },
    /// The response is one that the service never gives, but networks and proxies on the way do: a redirect, or status 407 or 511.
    Intercepted {
        /// The status.
        status: u16,
        /// The address that the response names, if it names one; visible ASCII only.
        location: Option<String>,
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
    /// The response was a success although the whole body was not sent yet, so it cannot be true.
    EarlySuccess {
        /// The response's status.
        status: u16,
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
                    "could not connect to {to} within {} s: check the network, or whether a proxy is needed (https_proxy)",
                    after.as_secs_f32()
                )
            }
            Self::Tls { host, kind, .. } => write!(f, "could not connect to {host} by TLS: {kind}"),
            Self::Proxy { proxy, variable, to, kind } => kind.describe(f, proxy, variable, to),
            Self::Intercepted { status, location } => intercepted(f, *status, location.as_deref()),
            Self::Stalled { after } => {
                write!(f, "the connection stalled: no byte was sent or received for {} s", after.as_secs_f32())
            }
            Self::Closed { reason: None } => f.write_str("the connection was closed before there was a response"),
            Self::Closed { reason: Some(reason) } => write!(f, "the connection was lost before there was a response: {reason}"),
            Self::EarlySuccess { status } => write!(
                f,
                "the response was a success ({status}) before the whole body was sent, which cannot be true: check the endpoint URL and proxies"
            ),
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
            Self::Proxy { kind, .. } => kind.reason().map(|reason| reason as _),
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
            Self::Proxy { kind: ProxyErrorKind::TimedOut { .. }, .. } => ErrorKind::TimedOut,
            Self::Tls { .. } | Self::Proxy { .. } | Self::Intercepted { .. } => ErrorKind::ConnectionRefused,
            Self::Closed { .. } => ErrorKind::ConnectionAborted,
            Self::Truncated { .. } => ErrorKind::ConnectionReset,
            Self::HeadTooLarge => ErrorKind::OutOfMemory,
            Self::NotHttp { .. } | Self::ShortBody { .. } | Self::EarlySuccess { .. } => ErrorKind::InvalidData,
            Self::Unsendable { .. } => ErrorKind::InvalidInput,
        }
    }
}

/// What a response means that is not the service's own, and what to do.
fn intercepted(f: &mut fmt::Formatter<'_>, status: u16, location: Option<&str>) -> fmt::Result {
    match (status, location) {
        (407, _) => f.write_str(
            "a proxy on the way requires a user and password (407): \
             name it with them, http_proxy=http://USER:PASSWORD@HOST:PORT (https_proxy for https)",
        ),
        (511, _) => f.write_str(
            "the network asks for a login (511), a captive portal: open any http:// page in a browser, log in, and try again",
        ),
        (_, Some(location)) => write!(
            f,
            "the request was redirected ({status}) to {location}, which Glacier never does: if that is a login page of this network \
             (a captive portal), open it in a browser and log in; otherwise check the endpoint URL"
        ),
        (_, None) => write!(
            f,
            "the request was redirected ({status}) without an address, which Glacier never does: this network may have a login page (a \
             captive portal): open any http:// page in a browser and log in; otherwise check the endpoint URL"
        ),
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
        let proxy = |kind| {
            let (proxy, to) = ("p:3128".to_owned(), "h:443".to_owned());
            HttpError::Proxy { proxy, variable: "https_proxy", to, kind }.to_string()
        };
        let shown = proxy(ProxyErrorKind::Authentication { given: false });
        assert!(shown.contains("https_proxy=http://USER:PASSWORD@p:3128"), "{shown}");
        let shown = proxy(ProxyErrorKind::Authentication { given: true });
        assert!(shown.contains("does not accept") && shown.contains("percent-encode"), "{shown}");
        let second = Duration::from_millis(1500);
        let shown = proxy(ProxyErrorKind::TimedOut { after: second });
        assert!(shown.contains("h:443 through the proxy p:3128 (from https_proxy) within 1.5 s"), "{shown}");
        let shown = HttpError::ConnectTimeout { to: "h:1".into(), after: second }.to_string();
        assert!(shown.contains("h:1 within 1.5 s"), "{shown}");
        assert!(HttpError::Stalled { after: second }.to_string().ends_with("for 1.5 s"));
    }

    #[test]
    fn a_response_of_the_network_is_told_apart_from_one_of_the_service() {
        let shown =
            |status, location: Option<&str>| HttpError::Intercepted { status, location: location.map(str::to_owned) }.to_string();
        let login = shown(302, Some("http://portal.test/login"));
        assert!(login.contains("302") && login.contains("http://portal.test/login") && login.contains("captive portal"), "{login}");
        let nowhere = shown(302, None);
        assert!(nowhere.contains("302") && nowhere.contains("captive portal") && nowhere.contains("endpoint URL"), "{nowhere}");
        assert!(shown(511, None).contains("captive portal"));
        assert!(shown(407, None).contains("http_proxy=http://USER:PASSWORD@HOST:PORT"));
    }
}
