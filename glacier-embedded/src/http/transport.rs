//! The transport: one connection, one request at a time.

use core::net::SocketAddr;
use core::task::Poll;

use embassy_futures::poll_once;
use embedded_hal_async::delay::DelayNs;
use embedded_io_async::{Read, Write};
use embedded_nal_async::TcpConnect;
use glacier_core::{Head, HeadTooSmall, Method, Request, SendError, Source, Transport};

use super::body::{Body, Response};
use super::error::{Error, Step};
use super::framing::Framing;
use super::receive_buffer::ReceiveBuffer;
use super::request::{self, Failure, Sent};
use super::response_head;
use super::timeouts::{Timeouts, Timer};

/// HTTP/1.1 to one endpoint over any embedded-nal-async stack, such as embassy-net's `TcpClient`.
///
/// It reuses its connection, and opens a new one if that was closed, failed, or has a response on it that was not read to its end. It never
/// sends a request twice.
///
/// While a body is being sent, the transport checks for a response before each piece; an early response ends the sending. A peer that
/// responds early and stops reading without closing is only noticed after [`Timeouts::idle`], as a connection cannot be read while a write
/// is pending. The `read` of the connection must lose nothing when its future is dropped; embassy-net's does not.
pub struct HttpTransport<'n, N: TcpConnect, D> {
    net: &'n N,
    address: SocketAddr,
    kept: Option<N::Connection<'n>>,
    /// The response whose body was not asked for yet.
    response: Option<Response<N::Connection<'n>>>,
    receive: &'n mut [u8],
    send: &'n mut [u8],
    timer: Timer<D>,
}

impl<'n, N: TcpConnect, D: DelayNs> HttpTransport<'n, N, D> {
    /// A transport to `address`. It connects when the first request is sent.
    ///
    /// `receive` must hold the head of a response (1 KiB for Glacier's, 2 KiB if archives have descriptions), and path and query of a
    /// request. `send` determines the size of the pieces in which a request is sent; 512 bytes or more are recommended.
    #[must_use]
    pub fn new(net: &'n N, address: SocketAddr, delay: D, timeouts: Timeouts, receive: &'n mut [u8], send: &'n mut [u8]) -> Self {
        HttpTransport { net, address, kept: None, response: None, receive, send, timer: Timer::new(delay, timeouts) }
    }
}

impl<N: TcpConnect, D: DelayNs> core::fmt::Debug for HttpTransport<'_, N, D> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("HttpTransport").field("address", &self.address).finish_non_exhaustive()
    }
}

impl<'n, N: TcpConnect<Error: 'static>, D: DelayNs> Transport for HttpTransport<'n, N, D> {
    type Error = Error<N::Error>;
    type Body<'t>
        = Body<'t, N::Connection<'n>, D>
    where
        Self: 't;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<Self::Error, S::Error>> {
        let HttpTransport { net, address, kept, response, receive, send, timer } = self;
        *response = None;
        timer.reset();
        let mut received = ReceiveBuffer::new(receive);
        // Taken out of `self` while in use: dropping the future, or the body, also drops the connection.
        let mut connection = connection(*net, *address, kept, timer).await.map_err(SendError::NotSent)?;
        let mut started = false;
        let sent = match request::send(request, body, &mut connection, send, &mut received, timer, &mut started).await {
            Ok(sent) => Ok(sent),
            Err(Failure::Source(error)) => return Err(SendError::Source(error)),
            // The peer may have sent a response before it closed the connection.
            Err(Failure::Transport(error @ (Error::Network(_) | Error::Closed | Error::TimedOut(_)))) => Err(error),
            Err(Failure::Transport(error)) => return Err(send_error(started, error)),
        };
        let received = receive_head(request.method, sent, connection, received, timer, head).await;
        *response = Some(received.map_err(|error| send_error(started, error))??);
        Ok(())
    }

    fn body(&mut self) -> Self::Body<'_> {
        let HttpTransport { kept, response, receive, timer, .. } = self;
        Body::new(kept, response.take(), receive, timer)
    }
}

/// `started`: whether any of the request may have been sent.
fn send_error<E, S>(started: bool, error: Error<E>) -> SendError<Error<E>, S> {
    if started { SendError::Transport(error) } else { SendError::NotSent(error) }
}

// The following do not depend on the type of the source, so that they are in flash only once.

/// The kept connection, or a new one.
async fn connection<'n, N: TcpConnect, D: DelayNs>(
    net: &'n N,
    address: SocketAddr,
    kept: &mut Option<N::Connection<'n>>,
    timer: &mut Timer<D>,
) -> Result<N::Connection<'n>, Error<N::Error>> {
    match kept.take().and_then(if_open) {
        Some(connection) => Ok(connection),
        None => {
            let connect = async { net.connect(address).await.map_err(Error::Connect) };
            timer.limit(Step::Connect, connect).await
        }
    }
}

/// The connection, unless the peer has closed it, or has sent anything after the last response.
fn if_open<C: Read>(mut connection: C) -> Option<C> {
    let idle = matches!(poll_once(connection.read(&mut [0])), Poll::Pending);
    idle.then_some(connection)
}

/// Waits for the final head and reads it. If sending failed and there is no response, the error is that of the sending.
async fn receive_head<C: Read + Write, D: DelayNs>(
    method: Method,
    sent: Result<Sent, Error<C::Error>>,
    mut connection: C,
    mut received: ReceiveBuffer<'_>,
    timer: &mut Timer<D>,
    head: &mut Head<'_>,
) -> Result<Result<Response<C>, HeadTooSmall>, Error<C::Error>> {
    if sent.is_err() {
        timer.send_failed();
    }
    let arrived = async {
        while !response_head::skip_interim(&mut received)? {
            received.fill_in_time(&mut connection, timer).await?;
        }
        Ok(())
    };
    let arrived = arrived.await;
    timer.reset();
    let sent = match (sent, arrived) {
        (Ok(sent), arrived) => arrived.map(|()| sent)?,
        (Err(_), Ok(())) => Sent::Partly,
        (Err(error), Err(_)) => return Err(error),
    };
    let parsed = match response_head::read(&received, head)? {
        Ok(parsed) => parsed,
        Err(too_small) => return Ok(Err(too_small)),
    };
    // Nobody can have stored what was not sent.
    if sent == Sent::Partly && head.status() / 100 == 2 {
        return Err(Error::EarlySuccess);
    }
    received.consume(parsed.length);
    let framing = if method == Method::Head { Framing::Length(0) } else { parsed.framing };
    let reusable = parsed.persistent && sent == Sent::Completely;
    Ok(Ok(Response { connection, received: received.unused(), framing, reusable }))
}
