//! The receive buffer and the received bytes in it that have not been used yet.

use core::cell::Cell;
use core::ops::Range;

use embedded_hal_async::delay::DelayNs;
use embedded_io_async::Read;

use super::error::{Error, Step};
use super::timeouts::Timer;

pub(crate) struct ReceiveBuffer<'b> {
    buf: &'b mut [u8],
    start: usize,
    end: usize,
    /// How many more 1xx responses are skipped.
    pub(crate) interim_left: u8,
}

/// The most 1xx responses before the final one. Without a limit, a server that sends them forever would never time out.
const MAX_INTERIM: u8 = 16;

impl<'b> ReceiveBuffer<'b> {
    pub(crate) fn new(buf: &'b mut [u8]) -> Self {
        ReceiveBuffer { buf, start: 0, end: 0, interim_left: MAX_INTERIM }
    }

    /// A buffer with unused bytes at `unused`.
    pub(crate) fn with_unused(buf: &'b mut [u8], unused: Range<usize>) -> Self {
        ReceiveBuffer { buf, start: unused.start, end: unused.end, interim_left: 0 }
    }

    /// Where in the buffer the unused bytes are.
    pub(crate) fn unused(&self) -> Range<usize> {
        self.start..self.end
    }

    pub(crate) fn capacity(&self) -> usize {
        self.buf.len()
    }

    /// The unused bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buf.get(self.start..self.end).unwrap_or_default()
    }

    /// Drops the first `count` unused bytes.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
    }

    /// Joins `pieces` to one text in the buffer, while nothing has been received; `None` if it does not fit.
    pub(crate) fn join(&mut self, pieces: &[&str]) -> Option<&str> {
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

    /// Moves unused bytes to the front of `into`, and returns how many.
    pub(crate) fn take(&mut self, into: &mut [u8]) -> usize {
        let count = self.bytes().len().min(into.len());
        for (to, from) in into.iter_mut().zip(self.bytes()) {
            *to = *from;
        }
        self.consume(count);
        count
    }

    fn move_to_front(&mut self) {
        let cells = Cell::from_mut(&mut *self.buf).as_slice_of_cells();
        let unused = cells.get(self.start..self.end).unwrap_or_default();
        for (to, from) in cells.iter().zip(unused) {
            to.set(from.get());
        }
        (self.start, self.end) = (0, unused.len());
    }

    /// Reads once from the connection, after the unused bytes. As cancel safe as the connection's `read`.
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

    /// [`fill`](ReceiveBuffer::fill) with a timeout.
    pub(crate) async fn fill_in_time<C: Read, D: DelayNs>(
        &mut self,
        connection: &mut C,
        timer: &mut Timer<D>,
    ) -> Result<(), Error<C::Error>> {
        timer.limit(Step::Response, self.fill(connection)).await
    }
}
