//! The service without a socket: a [`Transport`] over a folder.

use std::fmt;
use std::io;

use embedded_io_async::{ErrorKind, ErrorType, Read};
use glacier_core::{Head, Request, SendError, Source, Transport};

use super::Vaults;
use super::answer::AnswerBody;

/// Sends requests to a vault service in this process. The client encodes, signs and decodes as it does for AWS.
#[derive(Debug)]
pub struct LocalTransport {
    vaults: Vaults,
    /// The body of the last response, until it is asked for.
    response: Option<AnswerBody>,
}

impl Clone for LocalTransport {
    fn clone(&self) -> Self {
        LocalTransport::new(&self.vaults)
    }
}

impl LocalTransport {
    /// A transport to `vaults`; make as many as there are clients.
    pub fn new(vaults: &Vaults) -> Self {
        LocalTransport { vaults: vaults.clone(), response: None }
    }
}

impl Transport for LocalTransport {
    type Error = LocalError;
    type Body<'t> = AnswerBody;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<LocalError, S::Error>> {
        self.response = None;
        let size = body.size();
        let answer = self.vaults.answer(request, Some(size), body).await.map_err(SendError::Source)?;
        head.start(answer.status);
        for (name, value) in &answer.headers {
            head.push(name, value.as_bytes())?;
        }
        self.response = Some(answer.body);
        Ok(())
    }

    fn body(&mut self) -> AnswerBody {
        self.response.take().unwrap_or_else(|| AnswerBody::new(Vec::new(), None))
    }
}

impl ErrorType for AnswerBody {
    type Error = LocalError;
}

impl Read for AnswerBody {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, LocalError> {
        self.read_piece(into).await.map_err(LocalError)
    }
}

/// A file of an archive could not be read.
#[derive(Debug)]
pub struct LocalError(io::Error);

impl fmt::Display for LocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a file of the local vault cannot be read: {}", self.0)
    }
}

impl std::error::Error for LocalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl embedded_io_async::Error for LocalError {
    fn kind(&self) -> ErrorKind {
        self.0.kind().into()
    }
}
