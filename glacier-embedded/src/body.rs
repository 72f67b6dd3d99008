//! An answer's body while it is read.

use core::ops::Range;

use embedded_hal_async::delay::DelayNs;
use embedded_io_async::{ErrorType, Read};

use crate::error::{Error, Step};
use crate::framing::{Framing, Next};
use crate::patience::WaiterConfig;
use crate::window::Window;

/// An answer's body. It gives just the announced bytes or an error.
///
/// When it is read to its end the connection goes back to the transport; when it is dropped before, the connection is dropped
/// with it, and the next request gets a new one. A `read` future that is dropped loses nothing when that is true of the
/// connection's own `read`, as it is of embassy-net's.
pub struct Body<'t, C, D> {
    /// Where the connection goes when it can be used again.
    home: &'t mut Option<C>,
    connection: Option<C>,
    window: Window<'t>,
    framing: Framing,
    reusable: bool,
    patience: &'t mut WaiterConfig<D>,
}

/// A response whose head was read.
pub(crate) struct Response<C> {
    pub(crate) connection: C,
    /// The bytes in the receive buffer that belong to the body.
    pub(crate) received: Range<usize>,
    pub(crate) framing: Framing,
    /// Whether the connection may be used again after the body.
    pub(crate) reusable: bool,
}

impl<'t, C: Read, D: DelayNs> Body<'t, C, D> {
    pub(crate) fn new(
        home: &'t mut Option<C>,
        response: Option<Response<C>>,
        receive: &'t mut [u8],
        patience: &'t mut WaiterConfig<D>,
    ) -> Self {
        let Some(Response { connection, received, framing, reusable }) = response else {
            let window = Window::new(receive);
            return Body { home, connection: None, window, framing: Framing::Broken, reusable: false, patience };
        };
        let reusable = reusable && framing != Framing::UntilClose;
        let mut body =
            Body { home, connection: Some(connection), window: Window::at(receive, received), framing, reusable, patience };
        if framing == Framing::Length(0) {
            body.settle();
        }
        body
    }

    /// The body is over: the connection goes home, unless it is not to be used again or has more to say than it should.
    fn settle(&mut self) {
        let connection = self.connection.take();
        if connection.is_some() && self.reusable && self.window.bytes().is_empty() {
            *self.home = connection;
        }
    }

    fn give_up(&mut self, error: Error<C::Error>) -> Error<C::Error> {
        self.connection = None;
        self.framing = Framing::Broken;
        error
    }

    async fn read_some(&mut self, into: &mut [u8]) -> Result<usize, Error<C::Error>> {
        loop {
            let mut used = 0;
            let next = self.framing.next(self.window.bytes(), &mut used).ok_or(Error::Malformed)?;
            self.window.consume(used);
            let most = match next {
                Next::Data(most) => usize::try_from(most).unwrap_or(usize::MAX).min(into.len()),
                Next::End => {
                    self.settle();
                    return Ok(0);
                }
                Next::Unknown => {
                    let connection = self.connection.as_mut().ok_or(Error::Closed)?;
                    self.window.wait(connection, self.patience).await?;
                    continue;
                }
            };
            let room = into.get_mut(..most).unwrap_or_default();
            let mut got = self.window.take(room);
            if got == 0 {
                let connection = self.connection.as_mut().ok_or(Error::Closed)?;
                let read = async { connection.read(room).await.map_err(Error::Network) };
                got = self.patience.during(Step::Response, read).await?.min(most);
            }
            if got == 0 {
                if self.framing != Framing::UntilClose {
                    return Err(Error::Closed);
                }
                self.framing = Framing::Length(0);
                continue;
            }
            self.framing.took(got);
            if self.framing == Framing::Length(0) {
                self.settle();
            }
            return Ok(got);
        }
    }
}

impl<C: ErrorType, D> ErrorType for Body<'_, C, D> {
    type Error = Error<C::Error>;
}

impl<C: Read, D: DelayNs> Read for Body<'_, C, D> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        if into.is_empty() {
            return Ok(0);
        }
        match self.read_some(into).await {
            Ok(got) => Ok(got),
            Err(error) => Err(self.give_up(error)),
        }
    }
}
