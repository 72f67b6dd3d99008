//! A transport over HTTP or to a local vault, chosen at run time.

use std::fmt;

use embedded_io_async::{ErrorKind, ErrorType, Read};
use glacier_core::{Head, Request, SendError, Source, Transport};

use crate::http::{HttpError, HttpTransport, ResponseBody};
#[cfg(feature = "local")]
use crate::local::{LocalBody, LocalError, LocalTransport};

/// A transport over HTTP or to a local vault.
///
/// Code that names this type, and no type parameter, can await its requests within `tokio::spawn` and in the handlers of web
/// frameworks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum HostTransport {
    /// Over HTTP.
    Http(HttpTransport),
    /// To a vault in this process.
    #[cfg(feature = "local")]
    Local(LocalTransport),
}

impl From<HttpTransport> for HostTransport {
    fn from(transport: HttpTransport) -> Self {
        HostTransport::Http(transport)
    }
}

#[cfg(feature = "local")]
impl From<LocalTransport> for HostTransport {
    fn from(transport: LocalTransport) -> Self {
        HostTransport::Local(transport)
    }
}

impl Transport for HostTransport {
    type Error = HostError;
    type Body<'t> = HostBody;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<HostError, S::Error>> {
        match self {
            HostTransport::Http(transport) => {
                transport.send(request, body, head).await.map_err(|error| convert(error, HostError::Http))
            }
            #[cfg(feature = "local")]
            HostTransport::Local(transport) => {
                transport.send(request, body, head).await.map_err(|error| convert(error, HostError::Local))
            }
        }
    }

    fn body(&mut self) -> HostBody {
        match self {
            HostTransport::Http(transport) => HostBody::Http(transport.body()),
            #[cfg(feature = "local")]
            HostTransport::Local(transport) => HostBody::Local(transport.body()),
        }
    }
}

fn convert<T, S>(error: SendError<T, S>, to: impl FnOnce(T) -> HostError) -> SendError<HostError, S> {
    match error {
        SendError::NotSent(error) => SendError::NotSent(to(error)),
        SendError::Transport(error) => SendError::Transport(to(error)),
        SendError::Source(error) => SendError::Source(error),
        SendError::Head(error) => SendError::Head(error),
    }
}

/// The body of a response over a [`HostTransport`].
#[derive(Debug)]
#[non_exhaustive]
pub enum HostBody {
    /// Over HTTP.
    Http(ResponseBody),
    /// From a vault in this process.
    #[cfg(feature = "local")]
    Local(LocalBody),
}

impl ErrorType for HostBody {
    type Error = HostError;
}

impl Read for HostBody {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, HostError> {
        match self {
            HostBody::Http(body) => body.read(into).await.map_err(HostError::Http),
            #[cfg(feature = "local")]
            HostBody::Local(body) => body.read(into).await.map_err(HostError::Local),
        }
    }
}

/// The error of a [`HostTransport`].
#[derive(Debug)]
#[non_exhaustive]
pub enum HostError {
    /// Over HTTP.
    Http(HttpError),
    /// Of a vault in this process.
    #[cfg(feature = "local")]
    Local(LocalError),
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostError::Http(error) => error.fmt(f),
            #[cfg(feature = "local")]
            HostError::Local(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for HostError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            HostError::Http(error) => error.source(),
            #[cfg(feature = "local")]
            HostError::Local(error) => error.source(),
        }
    }
}

impl embedded_io_async::Error for HostError {
    fn kind(&self) -> ErrorKind {
        match self {
            HostError::Http(error) => embedded_io_async::Error::kind(error),
            #[cfg(feature = "local")]
            HostError::Local(error) => embedded_io_async::Error::kind(error),
        }
    }
}
