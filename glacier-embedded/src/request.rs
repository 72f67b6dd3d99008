//! Sending a request: the head through reqwless, the body piece by piece from its source.

use core::fmt::Write as _;

use embassy_futures::{poll_once, yield_now};
use embedded_hal_async::delay::DelayNs;
use embedded_io_async::{Error as _, ErrorKind, ErrorType, Read, Write};
use glacier_core::{Method, Request, Source};
use reqwless::request::{Method as Verb, Request as HttpRequest, RequestBuilder};

use crate::answer::final_head;
use crate::error::{Error, Step};
use crate::patience::WaiterConfig;
use crate::window::Window;

/// Headers of a request, `Content-Length` with them and `Host` not.
const MAX_HEADERS: usize = 24;

/// How far a request went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Whole,
    /// An answer came before.
    Partly,
}

/// Why a request did not go out.
pub(crate) enum Stop<E, S> {
    /// Reading the body failed.
    Source(S),
    Way(Error<E>),
}

impl<E, S> From<Error<E>> for Stop<E, S> {
    fn from(error: Error<E>) -> Self {
        Stop::Way(error)
    }
}

/// Sends head and body. `outgoing` gathers what is sent; `window` takes what comes in meanwhile.
pub(crate) async fn send<C: Read + Write, D: DelayNs, S: Source>(
    request: &Request<'_>,
    body: &mut S,
    connection: &mut C,
    outgoing: &mut [u8],
    window: &mut Window<'_>,
    patience: &mut WaiterConfig<D>,
) -> Result<Sent, Stop<C::Error, S::Error>> {
    let mut gather = Gather { connection, buf: outgoing, filled: 0, patience, failed: None };
    write_head(request, body.size(), &mut gather, window).await?;
    let size = body.size();
    let mut left = size;
    while left > 0 {
        let room = gather.room().await?;
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(room.len());
        let room = room.get_mut(..most).unwrap_or_default();
        let got = body.read(room).await.map_err(Stop::Source)?.min(most);
        left -= got as u64;
        // Both are found before the last byte is sent, so the peer cannot take the body for whole.
        let longer = left == 0 && body.read(&mut [0]).await.map_err(Stop::Source)? > 0;
        if got == 0 || longer {
            return Err(Stop::Way(Error::BodyHashes { size }));
        }
        gather.filled += got;
        if gather.is_full() && left > 0 {
            gather.empty().await?;
            if answered(gather.connection, window).await? {
                return Ok(Sent::Partly);
            }
        }
    }
    gather.empty().await?;
    let Gather { connection, patience, .. } = gather;
    patience.during(Step::Send, async { connection.flush().await.map_err(Error::Network) }).await?;
    Ok(Sent::Whole)
}

/// Whether a final answer is there already. It waits for nothing; a read that has nothing yet is dropped.
async fn answered<C: Read>(connection: &mut C, window: &mut Window<'_>) -> Result<bool, Error<C::Error>> {
    // Lets the network stack run, which may be a task of the same executor.
    yield_now().await;
    match poll_once(window.fill(connection)) {
        core::task::Poll::Pending => Ok(false),
        core::task::Poll::Ready(filled) => {
            filled?;
            final_head(window)
        }
    }
}

async fn write_head<C: Read + Write, D: DelayNs>(
    request: &Request<'_>,
    size: u64,
    gather: &mut Gather<'_, C, D>,
    window: &mut Window<'_>,
) -> Result<(), Error<C::Error>> {
    let too_long = || Error::RequestTooLong;
    // reqwless takes path and query as one text; the receive buffer has nothing else to hold yet.
    let mark = if request.query.is_empty() { "" } else { "?" };
    let target = window.lend(&[request.path, mark, request.query]).ok_or_else(too_long)?;
    let mut length = heapless::String::<20>::new();
    let mut headers = heapless::Vec::<(&str, &str), MAX_HEADERS>::new();
    headers.extend_from_slice(request.headers).map_err(|_| too_long())?;
    // reqwless would count in `usize`, which a part of 4 GiB is too large for.
    if size > 0 || matches!(request.method, Method::Put | Method::Post) {
        write!(length, "{size}").map_err(|_| too_long())?;
        headers.push(("content-length", &length)).map_err(|_| too_long())?;
    }
    let verb = match request.method {
        Method::Get => Verb::GET,
        Method::Put => Verb::PUT,
        Method::Post => Verb::POST,
        Method::Delete => Verb::DELETE,
        Method::Head => Verb::HEAD,
    };
    let head = HttpRequest::new(verb, target).host(request.host).headers(&headers).build();
    head.write_header(gather).await.map_err(|_| gather.failed.take().unwrap_or(Error::Closed))
}

/// Gathers small pieces into large ones, as reqwless writes a head word by word.
struct Gather<'g, C: ErrorType, D> {
    connection: &'g mut C,
    buf: &'g mut [u8],
    filled: usize,
    patience: &'g mut WaiterConfig<D>,
    /// The last error itself; reqwless keeps only its kind.
    failed: Option<Error<C::Error>>,
}

impl<C: Write, D: DelayNs> Gather<'_, C, D> {
    fn is_full(&self) -> bool {
        self.filled >= self.buf.len()
    }

    /// Where the next bytes go: never empty, unless there is no buffer at all.
    async fn room(&mut self) -> Result<&mut [u8], Error<C::Error>> {
        if self.is_full() {
            self.empty().await?;
        }
        Ok(self.buf.get_mut(self.filled..).unwrap_or_default())
    }

    /// Sends what was gathered.
    async fn empty(&mut self) -> Result<(), Error<C::Error>> {
        let mut rest = self.buf.get(..self.filled).unwrap_or_default();
        while !rest.is_empty() {
            let write = async { self.connection.write(rest).await.map_err(Error::Network) };
            match self.patience.during(Step::Send, write).await? {
                0 => return Err(Error::Closed),
                taken => rest = rest.get(taken..).unwrap_or_default(),
            }
        }
        self.filled = 0;
        Ok(())
    }

    async fn take(&mut self, bytes: &[u8]) -> Result<usize, Error<C::Error>> {
        let room = self.room().await?;
        let count = room.len().min(bytes.len());
        for (to, from) in room.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.filled += count;
        if count > 0 { Ok(count) } else { Err(Error::RequestTooLong) }
    }
}

impl<C: ErrorType, D> ErrorType for Gather<'_, C, D> {
    type Error = ErrorKind;
}

impl<C: Write, D: DelayNs> Write for Gather<'_, C, D> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        if bytes.is_empty() {
            return Ok(0);
        }
        match self.take(bytes).await {
            Ok(taken) => Ok(taken),
            Err(error) => {
                let kind = error.kind();
                self.failed = Some(error);
                Err(kind)
            }
        }
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}
