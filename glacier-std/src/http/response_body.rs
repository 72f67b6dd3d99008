//! The body of a response, read from its connection.

use std::sync::Arc;

use embedded_io_async::{BufRead, ErrorType, Read};
use hyper::body::{Body, Buf, Bytes, Incoming};

use super::connection::Connection;
use super::error::HttpError;
use super::pool::ConnectionPool;

/// A response's body. When it was read to its end, its connection is reused; when it is dropped earlier, the connection is closed.
///
/// [`BufRead`] lends the bytes as they were received, without copying them.
///
/// # Cancel safety
/// No bytes are lost when a future of [`Read`] or [`BufRead`] is dropped.
#[derive(Debug)]
pub struct ResponseBody {
    /// `None` once the body is complete or broken.
    connection: Option<Box<Connection>>,
    /// `None` where there is no response.
    incoming: Option<Incoming>,
    piece: Bytes,
    pool: Arc<ConnectionPool>,
    /// It ended early; every later read fails too.
    broken: bool,
}

impl ResponseBody {
    pub(super) fn new(connection: Box<Connection>, incoming: Incoming, pool: Arc<ConnectionPool>) -> Self {
        let mut body =
            ResponseBody { connection: Some(connection), incoming: Some(incoming), piece: Bytes::new(), pool, broken: false };
        body.release_at_end();
        body
    }

    /// The body where there is no response: reading it is an error.
    pub(super) fn none(pool: &Arc<ConnectionPool>) -> Self {
        ResponseBody { connection: None, incoming: None, piece: Bytes::new(), pool: Arc::clone(pool), broken: true }
    }

    async fn fill(&mut self) -> Result<(), HttpError> {
        if !self.piece.is_empty() {
            return Ok(());
        }
        if self.broken {
            return Err(HttpError::Truncated { reason: None });
        }
        let (Some(connection), Some(incoming)) = (&mut self.connection, &mut self.incoming) else { return Ok(()) };
        // Even an empty piece keeps its memory alive, which hyper could not reuse then.
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

    /// A body of known length ends with its last byte; the connection need not wait for a read that returns 0.
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

impl ErrorType for ResponseBody {
    type Error = HttpError;
}

impl Read for ResponseBody {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, HttpError> {
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

impl BufRead for ResponseBody {
    async fn fill_buf(&mut self) -> Result<&[u8], HttpError> {
        self.fill().await?;
        Ok(&self.piece)
    }

    fn consume(&mut self, count: usize) {
        self.piece.advance(count.min(self.piece.len()));
    }
}
