//! Received bytes that are not used yet, at the front of the receive buffer.

use core::cell::Cell;
use core::ops::Range;

use embedded_hal_async::delay::DelayNs;
use embedded_io_async::Read;

use crate::error::{Error, Step};
use crate::patience::WaiterConfig;

pub(crate) struct Window<'w> {
    buf: &'w mut [u8],
    start: usize,
    end: usize,
    /// 1xx answers that are still skipped.
    pub(crate) interim_left: u8,
}

/// No server has more to say in front of an answer; one that goes on for ever is never silent.
const MOST_INTERIM: u8 = 16;

impl<'w> Window<'w> {
    pub(crate) fn new(buf: &'w mut [u8]) -> Self {
        Window { buf, start: 0, end: 0, interim_left: MOST_INTERIM }
    }

    /// Where the unused bytes are, for [`at`](Window::at).
    pub(crate) fn position(&self) -> Range<usize> {
        self.start..self.end
    }

    /// A window on a buffer that holds unused bytes already.
    pub(crate) fn at(buf: &'w mut [u8], position: Range<usize>) -> Self {
        Window { buf, start: position.start, end: position.end, interim_left: 0 }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.buf.len()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.buf.get(self.start..self.end).unwrap_or_default()
    }

    /// Forgets the first `count` bytes.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
    }

    /// Lends the buffer for a text put together from `pieces`, while nothing was received; `None` when it does not fit.
    pub(crate) fn lend(&mut self, pieces: &[&str]) -> Option<&str> {
        let mut length = 0;
        for piece in pieces {
            let end = piece.len().checked_add(length)?;
            let room = self.buf.get_mut(length..end)?;
            for (to, from) in room.iter_mut().zip(piece.bytes()) {
                *to = from;
            }
            length = end;
        }
        core::str::from_utf8(self.buf.get(..length)?).ok()
    }

    /// Moves bytes from here to the front of `into`.
    pub(crate) fn take(&mut self, into: &mut [u8]) -> usize {
        let count = self.bytes().len().min(into.len());
        for (to, from) in into.iter_mut().zip(self.bytes()) {
            *to = *from;
        }
        self.consume(count);
        count
    }

    fn move_to_front(&mut self) {
        let places = Cell::from_mut(&mut *self.buf).as_slice_of_cells();
        let unused = places.get(self.start..self.end).unwrap_or_default();
        for (to, from) in places.iter().zip(unused) {
            to.set(from.get());
        }
        (self.start, self.end) = (0, unused.len());
    }

    /// Reads once behind what is here. Dropping the future loses nothing when that is true of the connection's `read`.
    pub(crate) async fn fill<C: Read>(&mut self, connection: &mut C) -> Result<(), Error<C::Error>> {
        self.move_to_front();
        let capacity = self.capacity();
        let room = self.buf.get_mut(self.end..).filter(|room| !room.is_empty()).ok_or(Error::HeadTooLong { capacity })?;
        match connection.read(room).await.map_err(Error::Network)? {
            0 => Err(Error::Closed),
            got => {
                self.end = self.end.saturating_add(got).min(capacity);
                Ok(())
            }
        }
    }

    /// As [`fill`](Window::fill), but not for ever.
    pub(crate) async fn wait<C: Read, D: DelayNs>(
        &mut self,
        connection: &mut C,
        patience: &mut WaiterConfig<D>,
    ) -> Result<(), Error<C::Error>> {
        patience.during(Step::Response, self.fill(connection)).await
    }
}
