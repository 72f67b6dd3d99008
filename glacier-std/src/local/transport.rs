//! The service without a socket: a [`Transport`] over a folder.

use std::fmt;
use std::io;
use std::sync::{Mutex, PoisonError};

use embedded_io_async::{ErrorKind, ErrorType, Read};
use glacier_core::{Head, Request, SendError, Source, Transport};

use crate::local::response::LocalBody;
use crate::local::service::{Outcome, Vaults};

/// Sends requests to a vault service in this process. The client encodes, signs and decodes as it does for AWS.
///
/// [Faults](Vaults::set_faults) are those of a connection: an error of the transport, or a response that breaks off. After a stall there is
/// never a response: a caller that has to end puts a timeout around its calls.
#[derive(Debug)]
pub struct LocalTransport {
    vaults: Vaults,
    /// The body of the last response, until it is asked for. Never locked: the mutex makes a transport `Sync`, as the state of a web service
    /// must be.
    body: Mutex<Option<LocalBody>>,
}

impl Clone for LocalTransport {
    fn clone(&self) -> Self {
        LocalTransport::new(&self.vaults)
    }
}

impl LocalTransport {
    /// A transport to `vaults`. Each client needs its own.
    pub fn new(vaults: &Vaults) -> Self {
        LocalTransport { vaults: vaults.clone(), body: Mutex::default() }
    }
}

impl LocalTransport {
    fn response_body(&mut self) -> &mut Option<LocalBody> {
        self.body.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for LocalTransport {
    type Error = LocalError;
    type Body<'t> = LocalBody;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<LocalError, S::Error>> {
        *self.response_body() = None;
        let size = body.size();
        let response = match self.vaults.handle(request, Some(size), body).await.map_err(SendError::Source)? {
            Outcome::Response(response) => response,
            Outcome::Reset => return Err(SendError::Transport(LocalError::Reset)),
            Outcome::Ended => return Err(SendError::Transport(LocalError::Ended)),
            Outcome::Stall => std::future::pending().await,
        };
        head.start(response.status());
        for (name, value) in response.headers() {
            head.push(name, value.as_bytes())?;
        }
        *self.response_body() = Some(response.into_body());
        Ok(())
    }

    fn body(&mut self) -> LocalBody {
        self.response_body().take().unwrap_or_else(|| LocalBody::from(Vec::new()))
    }
}

impl ErrorType for LocalBody {
    type Error = LocalError;
}

impl Read for LocalBody {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, LocalError> {
        if self.is_at_cut() && !into.is_empty() {
            return Err(LocalError::Ended);
        }
        self.read_chunk(into).await.map_err(LocalError::Read)
    }
}

/// Why there is no response, or not all of it.
#[derive(Debug)]
#[non_exhaustive]
pub enum LocalError {
    /// A file of an archive could not be read while it was sent.
    Read(io::Error),
    /// The connection was reset, as a fault script asks for.
    Reset,
    /// The connection ended before the end of the response, as a fault script asks for.
    Ended,
}

impl fmt::Display for LocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LocalError::Read(error) => write!(f, "the local vault cannot send the archive: {error}"),
            LocalError::Reset => f.write_str("the local vault reset the connection"),
            LocalError::Ended => f.write_str("the local vault ended the connection before the end of the response"),
        }
    }
}

impl std::error::Error for LocalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            LocalError::Read(error) => Some(error),
            LocalError::Reset | LocalError::Ended => None,
        }
    }
}

impl embedded_io_async::Error for LocalError {
    fn kind(&self) -> ErrorKind {
        match self {
            LocalError::Read(error) => error.kind().into(),
            LocalError::Reset => ErrorKind::ConnectionReset,
            LocalError::Ended => ErrorKind::ConnectionAborted,
        }
    }
}
