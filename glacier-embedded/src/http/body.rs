//! A response body.

use core::ops::Range;

use embedded_hal_async::delay::DelayNs;
use embedded_io_async::{ErrorType, Read};

use super::error::{Error, Step};
use super::framing::{Framing, Next};
use super::receive_buffer::ReceiveBuffer;
use super::timeouts::Timer;

/// A response body. It returns exactly the announced bytes, or an error.
///
/// When it has been read to its end, the transport reuses the connection. If it is dropped earlier, the connection is closed, and the next
/// request opens a new one.
///
/// # Cancel safety
/// Dropping a `read` future loses nothing if this is also true of the connection's `read`, as it is of embassy-net's.
pub struct Body<'t, C, D> {
    /// The transport's place for a connection that can be reused.
    kept: &'t mut Option<C>,
    connection: Option<C>,
    received: ReceiveBuffer<'t>,
    framing: Framing,
    reusable: bool,
    timer: &'t mut Timer<D>,
}

/// A response whose head was read, and its connection.
pub(crate) struct Response<C> {
    pub(crate) connection: C,
    /// Where in the receive buffer the first bytes of the body are.
    pub(crate) received: Range<usize>,
    pub(crate) framing: Framing,
    /// Whether the connection can be reused after the body.
    pub(crate) reusable: bool,
}

impl<C, D> core::fmt::Debug for Body<'_, C, D> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}

impl<'t, C: Read, D: DelayNs> Body<'t, C, D> {
    /// The body of `response`; if there is none, reading it is an error.
    pub(crate) fn new(
        kept: &'t mut Option<C>,
        response: Option<Response<C>>,
        receive: &'t mut [u8],
        timer: &'t mut Timer<D>,
    ) -> Self {
        let Some(Response { connection, received, framing, reusable }) = response else {
            let received = ReceiveBuffer::new(receive);
            return Body { kept, connection: None, received, framing: Framing::Broken, reusable: false, timer };
        };
        let reusable = reusable && framing != Framing::UntilClose;
        let received = ReceiveBuffer::with_unused(receive, received);
        let mut body = Body { kept, connection: Some(connection), received, framing, reusable, timer };
        if framing == Framing::Length(0) {
            body.finish();
        }
        body
    }

    /// The body is complete: returns the connection to the transport, unless it cannot be reused or has sent too much.
    fn finish(&mut self) {
        let connection = self.connection.take();
        if connection.is_some() && self.reusable && self.received.bytes().is_empty() {
            *self.kept = connection;
        }
    }

    fn fail(&mut self, error: Error<C::Error>) -> Error<C::Error> {
        self.connection = None;
        self.framing = Framing::Broken;
        error
    }

    async fn read_some(&mut self, into: &mut [u8]) -> Result<usize, Error<C::Error>> {
        loop {
            let mut used = 0;
            let next = self.framing.next(self.received.bytes(), &mut used).ok_or(Error::Malformed)?;
            self.received.consume(used);
            let most = match next {
                Next::Data(most) => usize::try_from(most).unwrap_or(usize::MAX).min(into.len()),
                Next::End => {
                    self.finish();
                    return Ok(0);
                }
                Next::Unknown => {
                    let connection = self.connection.as_mut().ok_or(Error::Closed)?;
                    self.received.fill_in_time(connection, self.timer).await?;
                    continue;
                }
            };
            let room = into.get_mut(..most).unwrap_or_default();
            let mut got = self.received.take(room);
            if got == 0 {
                let connection = self.connection.as_mut().ok_or(Error::Closed)?;
                let read = async { connection.read(room).await.map_err(Error::Network) };
                got = self.timer.limit(Step::Response, read).await?.min(most);
            }
            if got == 0 {
                if self.framing != Framing::UntilClose {
                    return Err(Error::Closed);
                }
                self.framing = Framing::Length(0);
                continue;
            }
            self.framing.advance(got);
            if self.framing == Framing::Length(0) {
                self.finish();
            }
            return Ok(got);
        }
    }
}

impl<C: ErrorType<Error: 'static>, D> ErrorType for Body<'_, C, D> {
    type Error = Error<C::Error>;
}

impl<C: Read<Error: 'static>, D: DelayNs> Read for Body<'_, C, D> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        if into.is_empty() {
            return Ok(0);
        }
        match self.read_some(into).await {
            Ok(got) => Ok(got),
            Err(error) => Err(self.fail(error)),
        }
    }
}
