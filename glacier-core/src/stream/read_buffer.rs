//! The part of a long body that is in a caller's buffer: read and not yet consumed.

use core::cell::Cell;
use core::ops::Range;
use embedded_io_async::Read;

use crate::error::Error;
use crate::wire::{BufferTooSmall, DecodeError};

#[derive(Debug)]
pub(crate) struct ReadBuffer<'b, B> {
    body: B,
    buf: &'b mut [u8],
    start: usize,
    end: usize,
    last: bool,
}

impl<'b, B: Read> ReadBuffer<'b, B> {
    pub(crate) fn new(body: B, buf: &'b mut [u8]) -> Self {
        ReadBuffer { body, buf, start: 0, end: 0, last: false }
    }

    /// Where the unread bytes begin in the buffer.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// The bytes that were read and not yet consumed.
    pub(crate) fn unread(&self) -> &[u8] {
        self.bytes(self.start..self.end)
    }

    /// Whether the body ends with the unread bytes.
    pub(crate) fn is_last(&self) -> bool {
        self.last
    }

    /// The bytes of this range of the buffer, which stay there until the next [`fill`](ReadBuffer::fill).
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buf.get(range).unwrap_or_default()
    }

    /// The same as text.
    pub(crate) fn text(&self, range: Range<usize>) -> Result<&str, DecodeError> {
        core::str::from_utf8(self.bytes(range)).map_err(|_| DecodeError::Json)
    }

    /// Skips this many unread bytes.
    pub(crate) fn consume(&mut self, bytes: usize) {
        self.start = self.start.saturating_add(bytes).min(self.end);
    }

    /// Moves the unread bytes to the front and reads more after them.
    pub(crate) async fn fill(&mut self) -> Result<(), Error<B::Error>> {
        self.end = move_to_front(self.buf, self.start, self.end);
        self.start = 0;
        let capacity = self.buf.len();
        let Some(room) = self.buf.get_mut(self.end..).filter(|room| !room.is_empty()) else {
            return Err(DecodeError::Item(BufferTooSmall { needed: None, capacity }).into());
        };
        let got = self.body.read(room).await.map_err(Error::Transport)?;
        self.last = got == 0;
        self.end = self.end.saturating_add(got).min(capacity);
        Ok(())
    }
}

/// Moves the bytes of `buf` from `start` to `end` to its front and says how many they are. The functions of the standard library
/// link a panic.
pub(crate) fn move_to_front(buf: &mut [u8], start: usize, end: usize) -> usize {
    let end = end.min(buf.len());
    let places = Cell::from_mut(buf).as_slice_of_cells();
    let moved = places.get(start..end).unwrap_or_default();
    for (to, from) in places.iter().zip(moved) {
        to.set(from.get());
    }
    moved.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unread_bytes_move_to_the_front() {
        let mut buf = *b"01234567";
        assert_eq!(move_to_front(&mut buf, 2, 7), 5);
        assert_eq!(&buf[..5], b"23456");
        assert_eq!(move_to_front(&mut buf, 0, 8), 8);
        assert_eq!(move_to_front(&mut buf, 8, 8), 0);
        assert_eq!(move_to_front(&mut buf, 9, 10), 0);
    }
}
