//! The transport: one connection, one request at a time.

use core::net::SocketAddr;
use core::task::Poll;

use embassy_futures::poll_once;
use embedded_hal_async::delay::DelayNs;
use embedded_io_async::{Read, Write};
use embedded_nal_async::TcpConnect;
use glacier_core::{Head, HeadTooSmall, Method, Request, SendError, Source, Transport};

use crate::answer;
use crate::body::{Body, Response};
use crate::error::{Error, Step};
use crate::framing::Framing;
use crate::patience::{Timeouts, WaiterConfig};
use crate::request::{self, Sent, Stop};
use crate::window::Window;

/// HTTP/1.1 to one endpoint over any embedded-nal-async stack, embassy-net's `TcpClient` for one.
///
/// It keeps one connection from request to request and makes a new one when that was closed, failed, or has an answer on it that
/// was not read to its end. A request is never sent twice.
///
/// An answer that arrives while a body is being sent is seen after the piece that is being written, and ends the sending. A peer
/// that answers early and reads no more without closing is seen when the write has taken [`Timeouts::silence`]: a connection cannot
/// be read while a write waits. The connection's `read` must lose nothing when its future is dropped; embassy-net's does not.
pub struct HttpTransport<'n, N: TcpConnect, D> {
    net: &'n N,
    endpoint: SocketAddr,
    kept: Option<N::Connection<'n>>,
    /// The response whose body was not asked for yet.
    response: Option<Response<N::Connection<'n>>>,
    receive: &'n mut [u8],
    send: &'n mut [u8],
    patience: WaiterConfig<D>,
}

impl<'n, N: TcpConnect, D: DelayNs> HttpTransport<'n, N, D> {
    /// A transport to `endpoint`, with its connection yet to be made.
    ///
    /// `receive` must hold the head of an answer (of Glacier's, 1 KiB, or 2 KiB when archives have descriptions), and path and query
    /// of a request. `send` is the size of the pieces in which a request is sent; 512 bytes or more are advised.
    pub fn new(net: &'n N, endpoint: SocketAddr, delay: D, timeouts: Timeouts, receive: &'n mut [u8], send: &'n mut [u8]) -> Self {
        HttpTransport { net, endpoint, kept: None, response: None, receive, send, patience: WaiterConfig::new(delay, timeouts) }
    }
}

impl<N: TcpConnect, D: DelayNs> core::fmt::Debug for HttpTransport<'_, N, D> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("HttpTransport").field("endpoint", &self.endpoint).finish_non_exhaustive()
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
        let HttpTransport { net, endpoint, kept, response, receive, send, patience } = self;
        *response = None;
        patience.renew();
        let mut window = Window::new(receive);
        // Taken out while it is in use: a future or body that is dropped takes the connection with it.
        let mut connection = connected(*net, *endpoint, kept, patience).await.map_err(SendError::NotSent)?;
        let sent = match request::send(request, body, &mut connection, send, &mut window, patience).await {
            Ok(sent) => Ok(sent),
            Err(Stop::Source(error)) => return Err(SendError::Source(error)),
            // The peer may have said why before it hung up.
            Err(Stop::Way(error @ (Error::Network(_) | Error::Closed | Error::TimedOut(_)))) => Err(error),
            Err(Stop::Way(error)) => return Err(SendError::Transport(error)),
        };
        let received = receive_head(request.method, sent, connection, window, patience, head).await;
        *response = Some(received.map_err(SendError::Transport)??);
        Ok(())
    }

    fn body(&mut self) -> Self::Body<'_> {
        let HttpTransport { kept, response, receive, patience, .. } = self;
        Body::new(kept, response.take(), receive, patience)
    }
}

// What does not depend on the source stands apart, as each kind of source has its own `send` in flash.

/// The kept connection, or a new one.
async fn connected<'n, N: TcpConnect, D: DelayNs>(
    net: &'n N,
    endpoint: SocketAddr,
    kept: &mut Option<N::Connection<'n>>,
    patience: &mut WaiterConfig<D>,
) -> Result<N::Connection<'n>, Error<N::Error>> {
    match kept.take().and_then(still_open) {
        Some(connection) => Ok(connection),
        None => {
            let connect = async { net.connect(endpoint).await.map_err(Error::Connect) };
            patience.during(Step::Connect, connect).await
        }
    }
}

/// The connection, unless the peer has closed it or sent what nobody asked for since the last answer.
fn still_open<C: Read>(mut connection: C) -> Option<C> {
    let quiet = matches!(poll_once(connection.read(&mut [0])), Poll::Pending);
    quiet.then_some(connection)
}

/// Waits for the final head and reads it. When the request could not be sent, its failure is the error unless there is an answer.
async fn receive_head<C: Read + Write, D: DelayNs>(
    method: Method,
    sent: Result<Sent, Error<C::Error>>,
    mut connection: C,
    mut window: Window<'_>,
    patience: &mut WaiterConfig<D>,
    head: &mut Head<'_>,
) -> Result<Result<Response<C>, HeadTooSmall>, Error<C::Error>> {
    if sent.is_err() {
        patience.break_off();
    }
    let arrived = async {
        while !answer::final_head(&mut window)? {
            window.wait(&mut connection, patience).await?;
        }
        Ok(())
    };
    let arrived = arrived.await;
    patience.renew();
    let sent = match (sent, arrived) {
        (Ok(sent), arrived) => arrived.map(|()| sent)?,
        (Err(_), Ok(())) => Sent::Partly,
        (Err(failure), Err(_)) => return Err(failure),
    };
    let outline = match answer::read(&window, head)? {
        Ok(outline) => outline,
        Err(too_small) => return Ok(Err(too_small)),
    };
    window.consume(outline.length);
    let framing = if method == Method::Head { Framing::Length(0) } else { outline.framing };
    let reusable = outline.persistent && sent == Sent::Whole;
    Ok(Ok(Response { connection, received: window.position(), framing, reusable }))
}
