//! The body of a response: bytes at hand, or a stream that waits for the disk on another thread.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::task::{JoinHandle, spawn_blocking};

/// Reads the next bytes of a stream, at least one; may block.
type Read = Box<dyn FnMut() -> io::Result<Vec<u8>> + Send>;

/// The body of a [`LocalResponse`](crate::local::LocalResponse).
pub struct LocalBody {
    /// Bytes at hand, from `at` on.
    ready: Vec<u8>,
    at: usize,
    stream: Stream,
    /// Bytes of the stream that are not in `ready` yet.
    unread: u64,
}

enum Stream {
    Ended,
    Idle(Read),
    /// Another thread reads the next bytes.
    Reading(JoinHandle<(Read, io::Result<Vec<u8>>)>),
}

impl From<Vec<u8>> for LocalBody {
    fn from(ready: Vec<u8>) -> Self {
        LocalBody { ready, at: 0, stream: Stream::Ended, unread: 0 }
    }
}

impl LocalBody {
    /// A stream of `length` bytes.
    pub(crate) fn stream(length: u64, read: impl FnMut() -> io::Result<Vec<u8>> + Send + 'static) -> Self {
        LocalBody { ready: Vec::new(), at: 0, stream: Stream::Idle(Box::new(read)), unread: length }
    }

    /// Bytes that have not been taken yet.
    pub(crate) fn remaining(&self) -> u64 {
        (self.ready.len() - self.at) as u64 + self.unread
    }

    /// The next bytes; `None` at the end. Dropping the wait loses nothing.
    pub(crate) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Vec<u8>>>> {
        if self.at < self.ready.len() {
            let ready = self.ready.split_off(self.at);
            (self.ready, self.at) = (Vec::new(), 0);
            return Poll::Ready(Some(Ok(ready)));
        }
        loop {
            match std::mem::replace(&mut self.stream, Stream::Ended) {
                Stream::Ended => return Poll::Ready(None),
                Stream::Idle(_) if self.unread == 0 => return Poll::Ready(None),
                Stream::Idle(mut read) => {
                    let reading = spawn_blocking(move || {
                        let chunk = read();
                        (read, chunk)
                    });
                    self.stream = Stream::Reading(reading);
                }
                Stream::Reading(mut reading) => match Pin::new(&mut reading).poll(context) {
                    Poll::Pending => {
                        self.stream = Stream::Reading(reading);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok((read, Ok(chunk)))) => {
                        self.stream = Stream::Idle(read);
                        self.unread = self.unread.saturating_sub(chunk.len() as u64);
                        return Poll::Ready(Some(Ok(chunk)));
                    }
                    Poll::Ready(Ok((_, Err(error)))) => return Poll::Ready(Some(Err(error))),
                    Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(io::Error::other(error)))),
                },
            }
        }
    }

    /// Copies the next bytes; 0 at the end. Dropping the future loses nothing.
    pub(crate) async fn read_chunk(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        while self.at == self.ready.len() {
            match std::future::poll_fn(|context| self.poll_chunk(context)).await {
                None => return Ok(0),
                Some(chunk) => (self.ready, self.at) = (chunk?, 0),
            }
        }
        let rest = self.ready.get(self.at..).unwrap_or_default();
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        self.at += length;
        Ok(length)
    }
}

impl fmt::Debug for LocalBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalBody").field("remaining", &self.remaining()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stream_is_read_in_chunks_of_any_size() {
        let mut chunks = vec![vec![4, 5], vec![1, 2, 3]];
        let mut body = LocalBody::stream(5, move || chunks.pop().ok_or_else(|| io::ErrorKind::UnexpectedEof.into()));
        let mut got = Vec::new();
        let mut buf = [0; 2];
        loop {
            assert_eq!(body.remaining(), 5 - got.len() as u64);
            match body.read_chunk(&mut buf).await.unwrap() {
                0 => break,
                length => got.extend_from_slice(&buf[..length]),
            }
        }
        assert_eq!(got, [1, 2, 3, 4, 5]);
    }

    #[tokio::test]
    async fn a_stream_that_fails_is_an_error() {
        let mut body = LocalBody::stream(5, || Err(io::ErrorKind::UnexpectedEof.into()));
        assert_eq!(body.read_chunk(&mut [0; 2]).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
