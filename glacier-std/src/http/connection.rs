//! One connection: hyper's two halves, polled together by the task that uses them.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use glacier_core::Source;
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::error::Error;
use super::pipe::{Outgoing, Pipe};
use super::socket::Watch;
use super::stall::Stall;

/// Bytes of status line and headers taken; the service sends less than 2 KiB.
const HEAD: usize = 64 * 1024;

/// Bytes received at a time. They stay in a core's cache until they are hashed; larger ones measured slower.
const RECEIVE: usize = 128 * 1024;

/// A byte stream: TCP, or TLS over TCP.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

type Driver = http1::Connection<TokioIo<Box<dyn Stream>>, Outgoing>;

/// An HTTP/1.1 connection.
pub(super) struct Connection {
    sender: SendRequest<Outgoing>,
    /// hyper's engine; gone once it has ended.
    driver: Option<Driver>,
    watch: Arc<Watch>,
    stall: Stall,
}

/// How a request ended without an answer.
pub(super) enum Failure<E> {
    /// Nothing of it was written; here it is again.
    Unsent(Request<Outgoing>),
    Source(E),
    Broken(Error),
}

impl Connection {
    /// Speaks HTTP over `stream`, which `watch` watches.
    pub(super) async fn new(stream: Box<dyn Stream>, watch: Arc<Watch>, idle: Duration) -> Result<Self, Error> {
        let (sender, driver) = http1::Builder::new()
            .writev(true)
            .max_header_size(HEAD)
            .max_buf_size(RECEIVE)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| Error::NotHttp { reason: error.to_string() })?;
        Ok(Connection { sender, driver: Some(driver), watch, stall: Stall::new(idle) })
    }

    /// Whether an idle connection can take a request: the peer has not closed it. Asks the system, not the runtime's memory.
    pub(super) fn is_alive(&mut self) -> bool {
        self.watch.probe(true);
        let ended = self.drive(&mut Context::from_waker(Waker::noop()));
        self.watch.probe(false);
        ended.is_pending() && self.sender.is_ready()
    }

    /// Whether the last exchange is wholly over and the connection can be kept.
    pub(super) fn is_idle(&self) -> bool {
        self.driver.is_some() && self.sender.is_ready()
    }

    /// Sends a request whose body `feeding` brings into `pipe`, and returns the answer when its headers are here. That may be before the
    /// body is sent; hyper then never becomes ready for another request, so the connection is not used again.
    pub(super) async fn exchange<E>(
        &mut self,
        request: Request<Outgoing>,
        pipe: &Pipe,
        mut feeding: Pin<&mut impl Future<Output = Result<(), Failure<E>>>>,
        fed: &mut bool,
    ) -> Result<Response<Incoming>, Failure<E>> {
        let mut response = pin!(self.sender.try_send_request(request));
        let Connection { driver, watch, stall, .. } = self;
        let answer = poll_fn(|cx| {
            loop {
                if !*fed && let Poll::Ready(result) = feeding.as_mut().poll(cx) {
                    result?;
                    *fed = true;
                }
                let ended = poll_driver(driver, cx);
                // Only the driver, polled above, moves this on; so nobody need be woken for it.
                if let Poll::Ready(answer) = response.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    return Poll::Ready(Ok(answer));
                }
                if let Poll::Ready(ended) = ended {
                    return Poll::Ready(Err(Failure::Broken(closed(ended.err(), watch))));
                }
                if *fed || !pipe.can_refill() {
                    break;
                }
            }
            // Waiting for the source is not the peer's fault.
            if !*fed && !pipe.is_starved() {
                stall.excuse();
            }
            stall.poll(cx, watch.moved()).map(|after| Err(Failure::Broken(Error::Stalled { after })))
        })
        .await?;
        answer.map_err(|mut error| match error.take_message() {
            Some(request) => Failure::Unsent(request),
            None => Failure::Broken(closed(Some(error.into_error()), &self.watch)),
        })
    }

    /// The next piece of an answer's body; `None` at its end.
    pub(super) async fn next_piece(&mut self, incoming: &mut Incoming) -> Result<Option<Bytes>, Error> {
        poll_fn(|cx| {
            if let Poll::Ready(piece) = poll_piece(incoming) {
                return Poll::Ready(piece.map_err(|error| truncated(error, &self.watch)));
            }
            let ended = self.drive(cx).is_ready();
            if let Poll::Ready(piece) = poll_piece(incoming) {
                return Poll::Ready(piece.map_err(|error| truncated(error, &self.watch)));
            }
            if ended {
                return Poll::Ready(Err(Error::Truncated { reason: self.watch.take_write_error() }));
            }
            self.stall.poll(cx, self.watch.moved()).map(|after| Err(Error::Stalled { after }))
        })
        .await
    }

    fn drive(&mut self, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        poll_driver(&mut self.driver, cx)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("open", &self.driver.is_some()).finish_non_exhaustive()
    }
}

/// Reads `size` bytes of the source into the pipe.
pub(super) async fn feed<S: Source>(pipe: &Arc<Pipe>, source: &mut S, size: u64) -> Result<(), Failure<S::Error>> {
    let mut left = size;
    while left > 0 {
        let mut buffer = poll_fn(|_| pipe.poll_free(left)).await;
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let filled = source.read(buffer.get_mut(..most).unwrap_or_default()).await.map_err(Failure::Source)?;
        if filled == 0 {
            return Err(Failure::Broken(Error::ShortBody { size, got: size - left }));
        }
        left = left.saturating_sub(filled as u64);
        pipe.push(buffer, filled);
    }
    Ok(())
}

/// Moves hyper on. Once it has ended it is dropped, which hands a request it did not take back to its sender.
fn poll_driver(driver: &mut Option<Driver>, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
    let Some(running) = driver else { return Poll::Ready(Ok(())) };
    let ended = Pin::new(running).poll(cx);
    if ended.is_ready() {
        *driver = None;
    }
    ended
}

/// The next data that hyper has already read. As with the answer, only the driver moves it on.
fn poll_piece(incoming: &mut Incoming) -> Poll<hyper::Result<Option<Bytes>>> {
    let mut nobody = Context::from_waker(Waker::noop());
    loop {
        match Pin::new(&mut *incoming).poll_frame(&mut nobody) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => return Poll::Ready(Ok(None)),
            Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
            Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) if !data.is_empty() => return Poll::Ready(Ok(Some(data))),
                // Trailers: the service has none.
                _ => {}
            },
        }
    }
}

fn closed(error: Option<hyper::Error>, watch: &Watch) -> Error {
    let write_error = watch.take_write_error();
    match error {
        // hyper has a method for this, but only beside its server; a test watches the wording.
        Some(error) if error.is_parse() && error.to_string().contains("too large") => Error::HeadTooLarge,
        Some(error) if error.is_parse() => Error::NotHttp { reason: error.to_string() },
        Some(error) => Error::Closed { reason: io_reason(&error).or(write_error) },
        None => Error::Closed { reason: write_error },
    }
}

fn truncated(error: hyper::Error, watch: &Watch) -> Error {
    let write_error = watch.take_write_error();
    // That the body ended early is what the error says already; what remains is why.
    let reason = io_reason(&error).filter(|reason| reason.kind() != io::ErrorKind::UnexpectedEof);
    Error::Truncated { reason: reason.or(write_error) }
}

/// The system's or TLS's own error below hyper's. An `io::Error` cannot be cloned, so kind and text are taken.
fn io_reason(error: &hyper::Error) -> Option<io::Error> {
    let mut next = std::error::Error::source(error);
    while let Some(reason) = next {
        if let Some(found) = reason.downcast_ref::<io::Error>() {
            return Some(match found.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::new(found.kind(), found.to_string()),
            });
        }
        next = reason.source();
    }
    None
}
