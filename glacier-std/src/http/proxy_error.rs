//! What can go wrong with a proxy.

use std::fmt;
use std::io;
use std::time::Duration;

/// Why a proxy did not lead to the service. Nothing of the request has reached the service.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProxyErrorKind {
    /// Its name was not found.
    Resolve(io::Error),
    /// Could not connect to it.
    Connect(io::Error),
    /// There was no connection to the service through it within the connect time-out.
    TimedOut {
        /// The time-out.
        after: Duration,
    },
    /// The connection to it was lost before it had opened a tunnel to the service.
    Lost(io::Error),
    /// What it responded is not HTTP.
    NotHttp,
    /// It requires a user and a password: status 407.
    Authentication {
        /// Whether some were given, which it does not accept.
        given: bool,
    },
    /// It did not open a tunnel to the service.
    Refused {
        /// The status of its response to `CONNECT`.
        status: u16,
    },
}

impl ProxyErrorKind {
    /// The system's error, if there was one.
    pub(super) fn reason(&self) -> Option<&io::Error> {
        match self {
            Self::Resolve(reason) | Self::Connect(reason) | Self::Lost(reason) => Some(reason),
            _ => None,
        }
    }

    /// The whole sentence, for the proxy at `proxy` (`host:port`) that `variable` names, on the way to `to`.
    pub(super) fn describe(&self, f: &mut fmt::Formatter<'_>, proxy: &str, variable: &str, to: &str) -> fmt::Result {
        let fix = format_args!("check {variable}, unset it, or add the host to no_proxy");
        match self {
            Self::Resolve(reason) => write!(f, "the proxy {proxy} (from {variable}) was not found ({reason}): {fix}"),
            Self::Connect(reason) => write!(f, "could not connect to the proxy {proxy} (from {variable}): {reason}: {fix}"),
            Self::TimedOut { after } => write!(
                f,
                "there was no connection to {to} through the proxy {proxy} (from {variable}) within {} s: {fix}",
                after.as_secs_f32()
            ),
            Self::Lost(reason) => {
                write!(f, "the connection to the proxy {proxy} (from {variable}) was lost on the way to {to}: {reason}: {fix}")
            }
            Self::NotHttp => write!(f, "the proxy {proxy} (from {variable}) did not respond with HTTP: {fix}"),
            Self::Authentication { given: false } => write!(
                f,
                "the proxy {proxy} requires a user and password (407): give them as {variable}=http://USER:PASSWORD@{proxy}"
            ),
            Self::Authentication { given: true } => write!(
                f,
                "the proxy {proxy} does not accept the user and password (407) in {variable}: \
                 check them, and percent-encode characters such as @ : / % in them"
            ),
            Self::Refused { status } => {
                write!(f, "the proxy {proxy} (from {variable}) refused to connect to {to}, with status {status}: {fix}")
            }
        }
    }
}
