//! The body of an answer, read off its connection.

use std::sync::Arc;

use embedded_io_async::{BufRead, ErrorType, Read};
use hyper::body::{Body, Buf, Bytes, Incoming};

use super::connection::Connection;
use super::error::Error;
use super::pool::Pool;

/// An answer's body. Read to its end, it gives its connection back to be used again; dropped before, it closes it.
///
/// [`BufRead`] lends the bytes as they came, without copying them. Both ways of reading are cancel-safe: nothing is lost when a
/// future is dropped.
#[derive(Debug)]
pub struct Answer {
    /// `None` once the body is complete or broken.
    connection: Option<Box<Connection>>,
    /// `None` where there is no response.
    incoming: Option<Incoming>,
    piece: Bytes,
    pool: Arc<Pool>,
    /// Broken off before its end; says so again when asked again.
    broken: bool,
}

impl Answer {
    pub(super) fn new(connection: Box<Connection>, incoming: Incoming, pool: Arc<Pool>) -> Self {
        let mut answer =
            Answer { connection: Some(connection), incoming: Some(incoming), piece: Bytes::new(), pool, broken: false };
        answer.release_at_end();
        answer
    }

    /// The body of no response: reading it is an error.
    pub(super) fn none(pool: &Arc<Pool>) -> Self {
        Answer { connection: None, incoming: None, piece: Bytes::new(), pool: Arc::clone(pool), broken: true }
    }

    async fn fill(&mut self) -> Result<(), Error> {
        if !self.piece.is_empty() {
            return Ok(());
        }
        if self.broken {
            return Err(Error::Truncated { reason: None });
        }
        let (Some(connection), Some(incoming)) = (&mut self.connection, &mut self.incoming) else { return Ok(()) };
        // Even an empty piece holds on to the memory it came in, which hyper else could not fill again.
        self.piece = Bytes::new();
        match connection.next_piece(incoming).await {
            Ok(Some(piece)) => {
                self.piece = piece;
                self.release_at_end();
                Ok(())
            }
            Ok(None) => {
                self.release();
                Ok(())
            }
            Err(error) => {
                self.connection = None;
                self.broken = true;
                Err(error)
            }
        }
    }

    /// A body of known length is over with its last byte; whoever reads need not ask once more for nothing.
    fn release_at_end(&mut self) {
        if self.incoming.as_ref().is_some_and(Body::is_end_stream) {
            self.release();
        }
    }

    fn release(&mut self) {
        if let Some(connection) = self.connection.take().filter(|connection| connection.is_idle()) {
            self.pool.put(connection);
        }
    }
}

impl ErrorType for Answer {
    type Error = Error;
}

impl Read for Answer {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Error> {
        if into.is_empty() {
            return Ok(0);
        }
        self.fill().await?;
        let count = self.piece.len().min(into.len());
        if let Some(room) = into.get_mut(..count) {
            self.piece.copy_to_slice(room);
        }
        Ok(count)
    }
}

impl BufRead for Answer {
    async fn fill_buf(&mut self) -> Result<&[u8], Error> {
        self.fill().await?;
        Ok(&self.piece)
    }

    fn consume(&mut self, count: usize) {
        self.piece.advance(count.min(self.piece.len()));
    }
}
