//! Sends a request: the head through reqwless, the body piece by piece from its source.

use core::fmt::Write as _;

use embassy_futures::{poll_once, yield_now};
use embedded_hal_async::delay::DelayNs;
use embedded_io_async::{Error as _, ErrorKind, ErrorType, Read, Write};
use glacier_core::{Method, Request, Source};
use reqwless::request::{Method as HttpMethod, Request as HttpRequest, RequestBuilder};

use super::error::{Error, Step};
use super::receive_buffer::ReceiveBuffer;
use super::response_head::skip_interim;
use super::timeouts::Timer;

/// The most headers in a request, including `Content-Length` but not `Host`.
const MAX_HEADERS: usize = 24;

/// How much of a request was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Completely,
    /// A response arrived earlier.
    Partly,
}

/// Why a request could not be sent.
pub(crate) enum Failure<E, S> {
    /// The body could not be read.
    Source(S),
    Transport(Error<E>),
}

impl<E, S> From<Error<E>> for Failure<E, S> {
    fn from(error: Error<E>) -> Self {
        Failure::Transport(error)
    }
}

/// Sends head and body through the buffer `outgoing`, and checks for an early response in between. Sets `started` as soon as any of the
/// request may have been sent.
pub(crate) async fn send<C: Read<Error: 'static> + Write, D: DelayNs, S: Source>(
    request: &Request<'_>,
    body: &mut S,
    connection: &mut C,
    outgoing: &mut [u8],
    received: &mut ReceiveBuffer<'_>,
    timer: &mut Timer<D>,
    started: &mut bool,
) -> Result<Sent, Failure<C::Error, S::Error>> {
    let mut out = BufferedWriter { connection, buf: outgoing, filled: 0, timer, started, error: None };
    write_head(request, body.size(), &mut out, received).await?;
    let size = body.size();
    let mut left = size;
    while left > 0 {
        let room = out.room().await?;
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(room.len());
        let room = room.get_mut(..most).unwrap_or_default();
        let got = body.read(room).await.map_err(Failure::Source)?.min(most);
        left -= got as u64;
        // Both are detected before the last byte is sent, so the peer cannot take the body for complete.
        let longer = left == 0 && body.read(&mut [0]).await.map_err(Failure::Source)? > 0;
        if got == 0 || longer {
            return Err(Failure::Transport(Error::BodySizeMismatch { size }));
        }
        out.filled += got;
        if out.is_full() || left == 0 {
            // Before the first write nothing can have been responded to.
            if *out.started && has_response(out.connection, received).await? {
                return Ok(Sent::Partly);
            }
            out.write_out().await?;
        }
    }
    out.write_out().await?;
    let BufferedWriter { connection, timer, .. } = out;
    timer.limit(Step::Send, async { connection.flush().await.map_err(Error::Network) }).await?;
    Ok(Sent::Completely)
}

/// Whether a final response has arrived. It does not wait: if nothing has been received, the read is dropped.
async fn has_response<C: Read>(connection: &mut C, received: &mut ReceiveBuffer<'_>) -> Result<bool, Error<C::Error>> {
    // Lets the network stack run, which may be a task of the same executor.
    yield_now().await;
    match poll_once(received.fill(connection)) {
        core::task::Poll::Pending => Ok(false),
        core::task::Poll::Ready(filled) => {
            filled?;
            skip_interim(received)
        }
    }
}

async fn write_head<C: Read<Error: 'static> + Write, D: DelayNs>(
    request: &Request<'_>,
    size: u64,
    out: &mut BufferedWriter<'_, C, D>,
    received: &mut ReceiveBuffer<'_>,
) -> Result<(), Error<C::Error>> {
    let too_long = || Error::RequestTooLong;
    // reqwless takes path and query as one text; the receive buffer is still empty.
    let mark = if request.query.is_empty() { "" } else { "?" };
    let target = received.join(&[request.path, mark, request.query]).ok_or_else(too_long)?;
    let mut length = heapless::String::<20>::new();
    let mut headers = heapless::Vec::<(&str, &str), MAX_HEADERS>::new();
    headers.extend_from_slice(request.headers).map_err(|_| too_long())?;
    // reqwless would count in `usize`, which is too small for a part of 4 GiB.
    if size > 0 || matches!(request.method, Method::Put | Method::Post) {
        write!(length, "{size}").map_err(|_| too_long())?;
        headers.push(("content-length", &length)).map_err(|_| too_long())?;
    }
    let method = match request.method {
        Method::Get => HttpMethod::GET,
        Method::Put => HttpMethod::PUT,
        Method::Post => HttpMethod::POST,
        Method::Delete => HttpMethod::DELETE,
        Method::Head => HttpMethod::HEAD,
    };
    let head = HttpRequest::new(method, target).host(request.host).headers(&headers).build();
    head.write_header(out).await.map_err(|_| out.error.take().unwrap_or(Error::Closed))
}

/// Collects small pieces to large writes, as reqwless writes a head word by word.
struct BufferedWriter<'g, C: ErrorType, D> {
    connection: &'g mut C,
    buf: &'g mut [u8],
    filled: usize,
    timer: &'g mut Timer<D>,
    /// Whether any byte may have been sent.
    started: &'g mut bool,
    /// The last error; reqwless returns only its kind.
    error: Option<Error<C::Error>>,
}

impl<C: Write, D: DelayNs> BufferedWriter<'_, C, D> {
    fn is_full(&self) -> bool {
        self.filled >= self.buf.len()
    }

    /// The free part of the buffer: empty only if there is no buffer at all.
    async fn room(&mut self) -> Result<&mut [u8], Error<C::Error>> {
        if self.is_full() {
            self.write_out().await?;
        }
        Ok(self.buf.get_mut(self.filled..).unwrap_or_default())
    }

    /// Writes the collected bytes to the connection.
    async fn write_out(&mut self) -> Result<(), Error<C::Error>> {
        let mut rest = self.buf.get(..self.filled).unwrap_or_default();
        while !rest.is_empty() {
            let write = async { self.connection.write(rest).await.map_err(Error::Network) };
            let written = self.timer.limit(Step::Send, write).await;
            // A write that timed out was dropped, and may have sent something.
            *self.started |= !matches!(written, Ok(0) | Err(Error::Network(_)));
            match written? {
                0 => return Err(Error::Closed),
                count => rest = rest.get(count..).unwrap_or_default(),
            }
        }
        self.filled = 0;
        Ok(())
    }

    async fn put(&mut self, bytes: &[u8]) -> Result<usize, Error<C::Error>> {
        let room = self.room().await?;
        let count = room.len().min(bytes.len());
        for (to, from) in room.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.filled += count;
        if count > 0 { Ok(count) } else { Err(Error::RequestTooLong) }
    }
}

impl<C: ErrorType, D> ErrorType for BufferedWriter<'_, C, D> {
    type Error = ErrorKind;
}

impl<C: Write<Error: 'static>, D: DelayNs> Write for BufferedWriter<'_, C, D> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        if bytes.is_empty() {
            return Ok(0);
        }
        match self.put(bytes).await {
            Ok(count) => Ok(count),
            Err(error) => {
                let kind = error.kind();
                self.error = Some(error);
                Err(kind)
            }
        }
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}
