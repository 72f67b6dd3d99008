//! The part of a long body that lies in a caller's buffer, and slides over it.

use core::ops::Range;

use embedded_io_async::Read;

use crate::error::{BufferTooSmall, DecodeError, Error};

#[derive(Debug)]
pub(crate) struct Window<'b, B> {
    body: B,
    buf: &'b mut [u8],
    start: usize,
    end: usize,
    last: bool,
}

impl<'b, B: Read> Window<'b, B> {
    pub(crate) fn new(body: B, buf: &'b mut [u8]) -> Self {
        Window { body, buf, start: 0, end: 0, last: false }
    }

    /// Where the unread bytes begin in the buffer.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// What has been read from the body and not consumed.
    pub(crate) fn unread(&self) -> &[u8] {
        self.bytes(self.start..self.end)
    }

    /// Whether nothing comes behind the unread bytes.
    pub(crate) fn is_last(&self) -> bool {
        self.last
    }

    /// Bytes at these places of the buffer, which stay there until the next [`fill`](Window::fill).
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buf.get(range).unwrap_or_default()
    }

    /// The same as text.
    pub(crate) fn text(&self, range: Range<usize>) -> Result<&str, DecodeError> {
        core::str::from_utf8(self.bytes(range)).map_err(|_| DecodeError::Json)
    }

    /// Steps over so many unread bytes.
    pub(crate) fn consume(&mut self, bytes: usize) {
        self.start = self.start.saturating_add(bytes).min(self.end);
    }

    /// Moves what is unread to the front and reads behind it.
    pub(crate) async fn fill(&mut self) -> Result<(), Error<B::Error>> {
        if let Some(used) = self.buf.get_mut(..self.end) {
            used.rotate_left(self.start.min(used.len()));
        }
        self.end = self.end.saturating_sub(self.start);
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
