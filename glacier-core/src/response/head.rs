//! Takes status and headers from a transport.

use super::header::{HeadMap, Header};
use super::response::Response;
use crate::wire::HeadTooSmall;

/// Takes the status and headers of a response from a transport, and keeps the headers that Glacier uses.
#[derive(Debug)]
pub struct Head<'h> {
    arena: &'h mut [u8],
    map: HeadMap,
}

impl<'h> Head<'h> {
    /// An empty head whose values are stored in `arena`; 512 bytes hold any response of today's service without a description.
    pub fn new(arena: &'h mut [u8]) -> Self {
        Head { arena, map: HeadMap::default() }
    }

    /// Sets the status and drops all headers, such as those of an interim response.
    pub fn start(&mut self, status: u16) {
        self.map = HeadMap { status, ..HeadMap::default() };
    }

    /// Takes one header, in any case of letters. Of a repeated header the first counts.
    ///
    /// # Errors
    /// [`HeadTooSmall`] when it is one that is kept and the arena is full. The value is not truncated.
    pub fn push(&mut self, name: &str, value: &[u8]) -> Result<(), HeadTooSmall> {
        let Some(header) = Header::named(name) else { return Ok(()) };
        let Some(span) = self.map.spans.get_mut(header as usize).filter(|span| span.is_none()) else { return Ok(()) };
        let value = value.trim_ascii();
        let start = self.map.used;
        let end = start + value.len();
        let (Ok(from), Ok(len)) = (u16::try_from(start), u16::try_from(value.len())) else {
            return Err(HeadTooSmall { header: header.name(), capacity: self.arena.len() });
        };
        let Some(room) = self.arena.get_mut(start..end) else {
            return Err(HeadTooSmall { header: header.name(), capacity: self.arena.len() });
        };
        for (to, byte) in room.iter_mut().zip(value) {
            *to = *byte;
        }
        *span = Some((from, len));
        self.map.used = end;
        Ok(())
    }

    /// The status set last; 0 before any.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.map.status
    }

    /// The response so far, with `body`: for decoding a response that did not come through a [`Client`](crate::Client).
    #[must_use]
    pub fn with_body<'b>(&'b self, body: &'b [u8]) -> Response<'b> {
        Response { map: self.map, text: self.arena, body }
    }

    pub(crate) fn map(&self) -> HeadMap {
        self.map
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::DecodeError;

    #[test]
    fn only_headers_that_glacier_uses_are_kept() {
        let mut arena = [0; 64];
        let mut head = Head::new(&mut arena);
        head.start(201);
        head.push("Server", &[b'x'; 100]).unwrap();
        head.push("X-Amz-Archive-Id", b" -abc ").unwrap();
        head.push("x-amz-archive-id", b"second").unwrap();
        head.push("X-AMZ-JOB-ID", b"\xff").unwrap();
        let response = head.with_body(b"");
        assert_eq!(response.status(), 201);
        assert_eq!(response.header(Header::ArchiveId), Some("-abc"));
        assert_eq!(response.header(Header::JobId), None);
        assert_eq!(response.require(Header::Location), Err(DecodeError::MissingHeader("location")));
    }

    #[test]
    fn a_value_is_never_truncated() {
        let mut arena = [0; 8];
        let mut head = Head::new(&mut arena);
        head.push("location", b"/12345").unwrap();
        assert_eq!(head.push("date", b"now"), Err(HeadTooSmall { header: "date", capacity: 8 }));
        assert_eq!(head.with_body(b"").header(Header::Location), Some("/12345"));
        assert_eq!(head.with_body(b"").header(Header::Date), None);
    }
}
