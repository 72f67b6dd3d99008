//! What can go wrong between here and the service.

use std::fmt;
use std::io;
use std::time::Duration;

use embedded_io_async::ErrorKind;

/// Why there is no answer, or not all of it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The host's name was not found.
    Resolve {
        /// The name.
        host: String,
        /// What the resolver said.
        reason: io::Error,
    },
    /// No connection came about.
    Connect {
        /// `host:port`.
        to: String,
        /// What the system said, of the last address tried.
        reason: io::Error,
    },
    /// There was no connection within the connect time-out.
    ConnectTimeout {
        /// `host:port`.
        to: String,
        /// The time-out.
        after: Duration,
    },
    /// The TLS handshake failed.
    Tls {
        /// The host whose certificate was asked for.
        host: String,
        /// What was wrong.
        fault: TlsFault,
    },
    /// The proxy did not open the way to the service.
    Proxy {
        /// `host:port` of the proxy.
        proxy: String,
        /// Its answer to `CONNECT`, 0 when that was none.
        status: u16,
    },
    /// Nothing moved for longer than the idle time-out.
    Stalled {
        /// The time-out.
        after: Duration,
    },
    /// The connection ended before there was an answer.
    Closed {
        /// What the system said, if it said anything.
        reason: Option<io::Error>,
    },
    /// The connection ended within the answer's body.
    Truncated {
        /// What the system said, if it said anything.
        reason: Option<io::Error>,
    },
    /// The answer's status line and headers are larger than any the service sends.
    HeadTooLarge,
    /// What came back is not HTTP, or not an answer to this request.
    NotHttp {
        /// What the parser found.
        reason: String,
    },
    /// The request has a header, path or host that HTTP cannot carry; nothing was sent.
    Unsendable {
        /// Which part.
        what: &'static str,
    },
    /// The body ended before the size it had announced; the request was broken off.
    ShortBody {
        /// Bytes announced.
        size: u64,
        /// Bytes there were.
        got: u64,
    },
}

impl Error {
    /// Whether the service may have received the request, and so may have acted on it.
    pub fn may_have_been_sent(&self) -> bool {
        !matches!(
            self,
            Self::Resolve { .. }
                | Self::Connect { .. }
                | Self::ConnectTimeout { .. }
                | Self::Tls { .. }
                | Self::Proxy { .. }
                | Self::Unsendable { .. }
                | Self::ShortBody { .. }
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve { host, reason } => {
                write!(f, "the host {host} was not found ({reason}): check the region or the endpoint URL, and the name server")
            }
            Self::Connect { to, reason } => write!(f, "no connection to {to}: {reason}"),
            Self::ConnectTimeout { to, after } => {
                write!(f, "no connection to {to} within {after:?}: check the network, or whether a proxy is needed (HTTPS_PROXY)")
            }
            Self::Tls { host, fault } => write!(f, "no TLS connection to {host}: {fault}"),
            Self::Proxy { proxy, status: 407 } => {
                write!(f, "the proxy {proxy} wants a user and password (407): give them in the proxy's URL")
            }
            Self::Proxy { proxy, status: 0 } => write!(f, "the proxy {proxy} gave no HTTP answer: check the proxy's URL"),
            Self::Proxy { proxy, status } => {
                write!(f, "the proxy {proxy} refused the connection with status {status}: check HTTPS_PROXY and NO_PROXY")
            }
            Self::Stalled { after } => write!(f, "the connection stalled: nothing moved for {after:?}"),
            Self::Closed { reason: None } => f.write_str("the connection was closed before there was an answer"),
            Self::Closed { reason: Some(reason) } => write!(f, "the connection broke before there was an answer: {reason}"),
            Self::Truncated { reason: None } => f.write_str("the connection was closed before the answer was complete"),
            Self::Truncated { reason: Some(reason) } => write!(f, "the connection broke before the answer was complete: {reason}"),
            Self::HeadTooLarge => f.write_str("the answer has more headers than any of the service: is this the right endpoint?"),
            Self::NotHttp { reason } => {
                write!(f, "the answer is no HTTP/1.1 ({reason}): is this the right endpoint, and http or https?")
            }
            Self::Unsendable { what } => write!(f, "the request's {what} has characters that HTTP cannot carry"),
            Self::ShortBody { size, got } => {
                write!(f, "the body ended after {got} of {size} bytes, so the request was broken off: upload it again")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Resolve { reason, .. } | Self::Connect { reason, .. } => Some(reason),
            Self::Closed { reason } | Self::Truncated { reason } => reason.as_ref().map(|reason| reason as _),
            _ => None,
        }
    }
}

/// Of every error by which no connection came about, the kind is `ConnectionRefused` or `AddrNotAvailable`, and of no other.
impl embedded_io_async::Error for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Resolve { .. } => ErrorKind::AddrNotAvailable,
            Self::Connect { .. } | Self::ConnectTimeout { .. } | Self::Tls { .. } | Self::Proxy { .. } => {
                ErrorKind::ConnectionRefused
            }
            Self::Stalled { .. } => ErrorKind::TimedOut,
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
pub enum TlsFault {
    /// The certificate is signed by nobody we trust.
    UntrustedIssuer,
    /// The certificate is for other names.
    WrongName {
        /// The names it is for, at most a few.
        names: Vec<String>,
    },
    /// The certificate is no longer valid.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The other side does not speak TLS.
    NotTls,
    /// Anything else, in the words of the TLS library or the system.
    Other(String),
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UntrustedIssuer => f.write_str(
                "its certificate is signed by an authority that is not trusted here: \
                 if it is yours, name its PEM file with --ca-bundle or AWS_CA_BUNDLE",
            ),
            Self::WrongName { names } if names.is_empty() => f.write_str("its certificate is for another host"),
            Self::WrongName { names } => {
                write!(f, "its certificate is for {}: use a name it has in the endpoint URL", names.join(", "))
            }
            Self::Expired => f.write_str("its certificate has expired: renew it, or set this machine's clock"),
            Self::NotYetValid => f.write_str("its certificate is not valid yet: is this machine's clock right?"),
            Self::NotTls => f.write_str("the other side does not speak TLS: is it an http:// endpoint?"),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_sent_is_known() {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(!Error::Connect { to: "h:1".into(), reason: refused() }.may_have_been_sent());
        assert!(!Error::Unsendable { what: "path" }.may_have_been_sent());
        assert!(Error::Closed { reason: None }.may_have_been_sent());
        assert!(Error::Stalled { after: Duration::from_secs(1) }.may_have_been_sent());
        assert!(Error::Truncated { reason: Some(refused()) }.may_have_been_sent());
    }

    #[test]
    fn sentences_say_what_to_do() {
        let host = || "h".to_owned();
        let shown = Error::Tls { host: host(), fault: TlsFault::UntrustedIssuer }.to_string();
        assert!(shown.contains("--ca-bundle"), "{shown}");
        let shown = Error::Proxy { proxy: "p:3128".into(), status: 407 }.to_string();
        assert!(shown.contains("user and password"), "{shown}");
    }
}
