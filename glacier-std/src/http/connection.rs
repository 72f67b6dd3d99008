//! One connection: hyper's sender and its driver, polled together by the task that uses them.

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

use super::error::HttpError;
use super::idle_timeout::IdleTimeout;
use super::request_body::{BodyBuffers, RequestBody};
use super::socket::Watch;
use super::tls_error;

/// The maximum size of status line and headers; the service sends less than 2 KiB.
const HEAD: usize = 64 * 1024;

/// The maximum received before the headers of a response are complete: with interim responses, which are skipped and have no end of their
/// own, and with what arrives together with the headers.
const BEFORE_HEAD: u64 = 1 << 20;

/// Bytes received at a time. They stay in a core's cache until they are hashed; larger buffers measured slower.
const RECEIVE: usize = 128 * 1024;

/// A byte stream: TCP, or TLS over TCP.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

type Driver = http1::Connection<TokioIo<Box<dyn Stream>>, RequestBody>;

/// An HTTP/1.1 connection.
pub(super) struct Connection {
    sender: SendRequest<RequestBody>,
    /// `None` once it has ended.
    driver: Option<Driver>,
    watch: Arc<Watch>,
    idle_timeout: IdleTimeout,
}

/// Why there is no response to a request.
pub(super) enum ExchangeError<E> {
    /// Nothing of it was written; it is returned.
    Unsent(Request<RequestBody>),
    Source(E),
    Broken(HttpError),
}

impl Connection {
    /// An HTTP connection over `stream`, which is monitored by `watch`.
    pub(super) async fn new(stream: Box<dyn Stream>, watch: Arc<Watch>, idle_timeout: Duration) -> Result<Self, HttpError> {
        let (sender, driver) = http1::Builder::new()
            .writev(true)
            .max_header_size(HEAD)
            .max_buf_size(RECEIVE)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| HttpError::NotHttp { reason: error.to_string() })?;
        Ok(Connection { sender, driver: Some(driver), watch, idle_timeout: IdleTimeout::new(idle_timeout) })
    }

    /// Whether an idle connection can take a request: the peer has not closed it. Asks the system rather than the runtime, which
    /// may not know yet.
    pub(super) fn is_alive(&mut self) -> bool {
        self.watch.probe(true);
        let ended = self.drive(&mut Context::from_waker(Waker::noop()));
        self.watch.probe(false);
        ended.is_pending() && self.sender.is_ready()
    }

    /// Whether the last exchange is complete and the connection can be kept.
    pub(super) fn is_idle(&self) -> bool {
        self.driver.is_some() && self.sender.is_ready()
    }

    /// Sends a request whose body `feeding` reads into `buffers`, and returns the response once its headers are received. That may
    /// be before the body is sent; hyper then never becomes ready for another request, so the connection is not reused, and a success
    /// is an error.
    pub(super) async fn exchange<E>(
        &mut self,
        request: Request<RequestBody>,
        buffers: &BodyBuffers,
        mut feeding: Pin<&mut impl Future<Output = Result<(), ExchangeError<E>>>>,
        fed: &mut bool,
    ) -> Result<Response<Incoming>, ExchangeError<E>> {
        let mut responding = pin!(self.sender.try_send_request(request));
        let Connection { driver, watch, idle_timeout, .. } = self;
        let received_before = watch.received();
        let response = poll_fn(|cx| {
            loop {
                if !*fed && let Poll::Ready(result) = feeding.as_mut().poll(cx) {
                    result?;
                    *fed = true;
                }
                let ended = poll_driver(driver, cx);
                // Only the driver, polled above, makes progress here, so no waker is needed.
                if let Poll::Ready(response) = responding.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    return Poll::Ready(Ok(response));
                }
                if let Poll::Ready(ended) = ended {
                    return Poll::Ready(Err(ExchangeError::Broken(closed(ended.err(), watch))));
                }
                if watch.received() - received_before > BEFORE_HEAD {
                    return Poll::Ready(Err(ExchangeError::Broken(HttpError::HeadTooLarge)));
                }
                if *fed || !buffers.can_refill() {
                    break;
                }
            }
            // Waiting for the source is not the peer's fault.
            if !*fed && !buffers.is_starved() {
                idle_timeout.restart();
            }
            idle_timeout.poll(cx, watch.moved()).map(|after| Err(ExchangeError::Broken(HttpError::Stalled { after })))
        })
        .await?;
        match response {
            Ok(response) if response.status().is_success() && !(*fed && buffers.is_written()) => {
                Err(ExchangeError::Broken(HttpError::EarlySuccess { status: response.status().as_u16() }))
            }
            Ok(response) => Ok(response),
            Err(mut error) => Err(match error.take_message() {
                Some(request) => ExchangeError::Unsent(request),
                None => ExchangeError::Broken(closed(Some(error.into_error()), &self.watch)),
            }),
        }
    }

    /// The next piece of a response's body; `None` at its end.
    pub(super) async fn next_piece(&mut self, incoming: &mut Incoming) -> Result<Option<Bytes>, HttpError> {
        poll_fn(|cx| {
            if let Poll::Ready(piece) = poll_piece(incoming) {
                return Poll::Ready(piece.map_err(|error| truncated(error, &self.watch)));
            }
            let ended = self.drive(cx).is_ready();
            if let Poll::Ready(piece) = poll_piece(incoming) {
                return Poll::Ready(piece.map_err(|error| truncated(error, &self.watch)));
            }
            if ended {
                return Poll::Ready(Err(HttpError::Truncated { reason: self.watch.take_write_error() }));
            }
            self.idle_timeout.poll(cx, self.watch.moved()).map(|after| Err(HttpError::Stalled { after }))
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

/// Reads `size` bytes of the source into the buffers.
pub(super) async fn feed<S: Source>(buffers: &Arc<BodyBuffers>, source: &mut S, size: u64) -> Result<(), ExchangeError<S::Error>> {
    let mut left = size;
    while left > 0 {
        let mut buffer = poll_fn(|_| buffers.poll_free(left)).await;
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let filled = source.read(buffer.get_mut(..most).unwrap_or_default()).await.map_err(ExchangeError::Source)?;
        if filled == 0 {
            return Err(ExchangeError::Broken(HttpError::ShortBody { size, got: size - left }));
        }
        left = left.saturating_sub(filled as u64);
        buffers.push(buffer, filled);
    }
    Ok(())
}

/// Polls hyper's driver. Once it has ended it is dropped, which returns a request that it did not take to its sender.
fn poll_driver(driver: &mut Option<Driver>, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
    let Some(running) = driver else { return Poll::Ready(Ok(())) };
    let ended = Pin::new(running).poll(cx);
    if ended.is_ready() {
        *driver = None;
    }
    ended
}

/// The next data that hyper has already read. As with the response, only the driver makes progress, so no waker is needed.
fn poll_piece(incoming: &mut Incoming) -> Poll<hyper::Result<Option<Bytes>>> {
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match Pin::new(&mut *incoming).poll_frame(&mut context) {
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

fn closed(error: Option<hyper::Error>, watch: &Watch) -> HttpError {
    let write_error = watch.take_write_error();
    match error {
        // hyper has a method for this only with its server feature; a test checks the wording.
        Some(error) if error.is_parse() && error.to_string().contains("too large") => HttpError::HeadTooLarge,
        Some(error) if error.is_parse() => HttpError::NotHttp { reason: error.to_string() },
        Some(error) => HttpError::Closed { reason: io_reason(&error).or(write_error) },
        None => HttpError::Closed { reason: write_error },
    }
}

fn truncated(error: hyper::Error, watch: &Watch) -> HttpError {
    let write_error = watch.take_write_error();
    HttpError::Truncated { reason: io_reason(&error).or(write_error) }
}

/// The error of the system or of TLS below hyper's. An `io::Error` cannot be cloned, so its kind and text are copied. `None` for an
/// early end: that is what the error says already.
fn io_reason(error: &hyper::Error) -> Option<io::Error> {
    let mut next = std::error::Error::source(error);
    while let Some(reason) = next {
        if let Some(found) = reason.downcast_ref::<io::Error>() {
            return (found.kind() != io::ErrorKind::UnexpectedEof).then(|| match found.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::new(found.kind(), tls_error::tls_in_words(found).unwrap_or_else(|| found.to_string())),
            });
        }
        next = reason.source();
    }
    None
}
