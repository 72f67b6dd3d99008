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
    /// Bytes until the body breaks off, if it does.
    until_cut: Option<u64>,
    /// A byte that is wrong, counted from the next one that is taken of the stream, and the bits that are.
    flipped: Option<(u64, u8)>,
}

enum Stream {
    Ended,
    Idle(Read),
    /// Another thread reads the next bytes.
    Reading(JoinHandle<(Read, io::Result<Vec<u8>>)>),
}

impl From<Vec<u8>> for LocalBody {
    fn from(ready: Vec<u8>) -> Self {
        LocalBody { ready, at: 0, stream: Stream::Ended, unread: 0, until_cut: None, flipped: None }
    }
}

impl LocalBody {
    /// A stream of `length` bytes.
    pub(crate) fn stream(length: u64, read: impl FnMut() -> io::Result<Vec<u8>> + Send + 'static) -> Self {
        LocalBody { stream: Stream::Idle(Box::new(read)), unread: length, ..LocalBody::from(Vec::new()) }
    }

    /// Bytes that can be taken without waiting: of a document all of it.
    pub(super) fn at_hand(&self) -> &[u8] {
        self.ready.get(self.at..).unwrap_or_default()
    }

    /// Bytes that have not been taken yet.
    pub(crate) fn remaining(&self) -> u64 {
        (self.ready.len() - self.at) as u64 + self.unread
    }

    /// Breaks the body off after so many bytes.
    pub(crate) fn cut(&mut self, bytes: u64) {
        self.until_cut = Some(bytes);
    }

    /// Whether all was taken up to where the body breaks off.
    pub(crate) fn is_at_cut(&self) -> bool {
        self.until_cut == Some(0)
    }

    /// Flips these bits of the byte `at`, counted from the next one that is taken.
    pub(crate) fn flip(&mut self, at: u64, bits: u8) {
        let at_hand = self.ready.get_mut(self.at..).unwrap_or_default();
        match at.checked_sub(at_hand.len() as u64) {
            None => flip(at_hand, at, bits),
            Some(at) => self.flipped = Some((at, bits)),
        }
    }

    /// The next bytes; `None` at the end, and an error where the body breaks off. Dropping the wait loses nothing.
    #[cfg(any(feature = "serve", test))]
    pub(crate) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Vec<u8>>>> {
        if self.is_at_cut() {
            return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
        }
        let chunk = std::task::ready!(self.poll_whole_chunk(context));
        Poll::Ready(chunk.map(|chunk| {
            chunk.map(|mut chunk| {
                chunk.truncate(self.take(chunk.len()));
                chunk
            })
        }))
    }

    /// How many of these bytes come before the body breaks off.
    fn take(&mut self, length: usize) -> usize {
        let Some(left) = &mut self.until_cut else { return length };
        let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(length);
        *left -= taken as u64;
        taken
    }

    fn poll_whole_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Vec<u8>>>> {
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
                    Poll::Ready(Ok((read, Ok(mut chunk)))) => {
                        self.stream = Stream::Idle(read);
                        self.flipped = self.flipped.and_then(|(at, bits)| {
                            flip(&mut chunk, at, bits);
                            Some((at.checked_sub(chunk.len() as u64)?, bits))
                        });
                        self.unread = self.unread.saturating_sub(chunk.len() as u64);
                        return Poll::Ready(Some(Ok(chunk)));
                    }
                    Poll::Ready(Ok((_, Err(error)))) => return Poll::Ready(Some(Err(error))),
                    Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(io::Error::other(error)))),
                },
            }
        }
    }

    /// Copies the next bytes; 0 at the end, and an error where the body breaks off. Dropping the future loses nothing.
    pub(crate) async fn read_chunk(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        if self.is_at_cut() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        while self.at == self.ready.len() {
            match std::future::poll_fn(|context| self.poll_whole_chunk(context)).await {
                None => return Ok(0),
                Some(chunk) => (self.ready, self.at) = (chunk?, 0),
            }
        }
        let length = self.take((self.ready.len() - self.at).min(into.len()));
        let rest = self.ready.get(self.at..).unwrap_or_default();
        into[..length].copy_from_slice(&rest[..length]);
        self.at += length;
        Ok(length)
    }
}

/// Flips bits of one byte, if it is one of these.
fn flip(bytes: &mut [u8], at: u64, bits: u8) {
    if let Some(byte) = usize::try_from(at).ok().and_then(|at| bytes.get_mut(at)) {
        *byte ^= bits;
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

    /// Five bytes, as a stream of two chunks or at hand.
    fn bodies() -> [LocalBody; 2] {
        let mut chunks = vec![vec![4, 5], vec![1, 2, 3]];
        [LocalBody::stream(5, move || chunks.pop().ok_or_else(|| io::ErrorKind::UnexpectedEof.into())), vec![1, 2, 3, 4, 5].into()]
    }

    #[tokio::test]
    async fn a_body_breaks_off_after_exactly_so_many_bytes() {
        for cut in 0..5u8 {
            for [mut copied, mut taken] in [bodies(), bodies()].map(|mut bodies| {
                bodies.iter_mut().for_each(|body| body.cut(cut.into()));
                bodies
            }) {
                let (mut got, mut buf) = (Vec::new(), [0; 2]);
                let error = loop {
                    match copied.read_chunk(&mut buf).await {
                        Ok(length) => got.extend_from_slice(&buf[..length]),
                        Err(error) => break error,
                    }
                };
                assert_eq!((got, error.kind()), ((1..=cut).collect(), io::ErrorKind::UnexpectedEof));
                let mut got = Vec::new();
                while let Some(Ok(chunk)) = std::future::poll_fn(|context| taken.poll_chunk(context)).await {
                    got.extend(chunk);
                }
                assert!(got == (1..=cut).collect::<Vec<_>>() && taken.is_at_cut());
            }
        }
    }

    #[tokio::test]
    async fn one_byte_is_wrong() {
        for at in 0..5u8 {
            for mut body in bodies() {
                body.flip(at.into(), 0x40);
                let (mut got, mut buf) = (Vec::new(), [0; 2]);
                while let length @ 1.. = body.read_chunk(&mut buf).await.unwrap() {
                    got.extend_from_slice(&buf[..length]);
                }
                let expected: Vec<u8> = (0..5).map(|place| if place == at { (place + 1) ^ 0x40 } else { place + 1 }).collect();
                assert_eq!(got, expected);
            }
        }
    }

    #[tokio::test]
    async fn a_stream_that_fails_is_an_error() {
        let mut body = LocalBody::stream(5, || Err(io::ErrorKind::UnexpectedEof.into()));
        assert_eq!(body.read_chunk(&mut [0; 2]).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
