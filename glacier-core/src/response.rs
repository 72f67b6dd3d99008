//! Answers: the headers Glacier uses, kept in a caller's buffer, and what a typed answer is made from.

use core::fmt;

use crate::error::DecodeError;
use crate::hash::TreeHash;
use crate::time::Timestamp;

/// A header that some answer needs. All others are dropped as they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Header {
    /// `Location`
    Location,
    /// `x-amzn-RequestId`
    RequestId,
    /// `x-amzn-ErrorType`
    ErrorType,
    /// `x-amz-archive-id`
    ArchiveId,
    /// `x-amz-archive-description`
    ArchiveDescription,
    /// `x-amz-sha256-tree-hash`
    TreeHash,
    /// `x-amz-multipart-upload-id`
    UploadId,
    /// `x-amz-job-id`
    JobId,
    /// `x-amz-job-output-path`
    JobOutputPath,
    /// `x-amz-lock-id`
    LockId,
    /// `x-amz-capacity-id`
    CapacityId,
    /// `Content-Length`
    ContentLength,
    /// `Content-Range`
    ContentRange,
    /// `Content-Type`
    ContentType,
    /// `Accept-Ranges`
    AcceptRanges,
    /// `Date`
    Date,
    /// `Age`
    Age,
    /// `Retry-After`
    RetryAfter,
    /// `x-amz-retry-after`
    AmzRetryAfter,
}

const KNOWN: [(Header, &str); 19] = [
    (Header::Location, "location"),
    (Header::RequestId, "x-amzn-requestid"),
    (Header::ErrorType, "x-amzn-errortype"),
    (Header::ArchiveId, "x-amz-archive-id"),
    (Header::ArchiveDescription, "x-amz-archive-description"),
    (Header::TreeHash, "x-amz-sha256-tree-hash"),
    (Header::UploadId, "x-amz-multipart-upload-id"),
    (Header::JobId, "x-amz-job-id"),
    (Header::JobOutputPath, "x-amz-job-output-path"),
    (Header::LockId, "x-amz-lock-id"),
    (Header::CapacityId, "x-amz-capacity-id"),
    (Header::ContentLength, "content-length"),
    (Header::ContentRange, "content-range"),
    (Header::ContentType, "content-type"),
    (Header::AcceptRanges, "accept-ranges"),
    (Header::Date, "date"),
    (Header::Age, "age"),
    (Header::RetryAfter, "retry-after"),
    (Header::AmzRetryAfter, "x-amz-retry-after"),
];

impl Header {
    fn named(name: &str) -> Option<Header> {
        KNOWN.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(header, _)| *header)
    }

    /// The header's name, in lower case.
    pub fn name(self) -> &'static str {
        KNOWN.iter().find(|(header, _)| *header == self).map_or("", |(_, name)| name)
    }
}

/// Status and the place of each header's value; the values lie in an arena.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HeadMap {
    pub(crate) status: u16,
    pub(crate) used: usize,
    /// First byte and length of each value, in the order of [`KNOWN`].
    spans: [Option<(u16, u16)>; KNOWN.len()],
}

/// Takes an answer's status and headers from a transport, and keeps those that Glacier uses.
#[derive(Debug)]
pub struct Head<'h> {
    arena: &'h mut [u8],
    map: HeadMap,
}

impl<'h> Head<'h> {
    /// An empty head whose values will lie in `arena`; 512 bytes hold any answer of today's service without a description.
    pub fn new(arena: &'h mut [u8]) -> Self {
        Head { arena, map: HeadMap::default() }
    }

    /// Starts over with a status: forgets the headers of an answer that was not the final one.
    pub fn start(&mut self, status: u16) {
        self.map = HeadMap { status, ..HeadMap::default() };
    }

    /// Takes one header, in any case of letters. Of a repeated one the first counts.
    ///
    /// # Errors
    /// [`HeadTooSmall`] when it is one that is kept and the arena is full. The value is not cut.
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
    pub fn status(&self) -> u16 {
        self.map.status
    }

    /// The answer so far, with `body`: for decoding an answer that came some other way than through a [`Client`](crate::Client).
    pub fn with_body<'b>(&'b self, body: &'b [u8]) -> Response<'b> {
        Response { map: self.map, text: self.arena, body }
    }

    pub(crate) fn map(&self) -> HeadMap {
        self.map
    }
}

/// An answer's headers do not fit the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HeadTooSmall {
    /// The header that did not fit any more.
    pub header: &'static str,
    /// Bytes there were for all headers.
    pub capacity: usize,
}

impl fmt::Display for HeadTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HeadTooSmall { header, capacity } = self;
        write!(f, "the answer's headers do not fit {capacity} bytes (at {header}): give the call a larger buffer")
    }
}

impl core::error::Error for HeadTooSmall {}

/// A whole answer, borrowed from where it was read.
#[derive(Clone, Copy, Debug)]
pub struct Response<'b> {
    pub(crate) map: HeadMap,
    pub(crate) text: &'b [u8],
    /// The body; empty for answers that stream it.
    pub body: &'b [u8],
}

impl<'b> Response<'b> {
    /// The answer that lies in `buf`: headers in front, then `length` bytes of body.
    pub(crate) fn in_buffer(map: HeadMap, buf: &'b [u8], length: usize) -> Self {
        let (text, rest) = buf.split_at_checked(map.used).unwrap_or((buf, &[]));
        Response { map, text, body: rest.get(..length).unwrap_or_default() }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.map.status
    }

    /// Whether the service did what was asked: status 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.map.status)
    }

    /// A header's value, as it came; `None` when it is absent or not UTF-8.
    pub fn header(&self, header: Header) -> Option<&'b str> {
        let (from, len) = (*self.map.spans.get(header as usize)?)?;
        let from = usize::from(from);
        core::str::from_utf8(self.text.get(from..from + usize::from(len))?).ok()
    }

    /// A header's value, which the answer must have.
    ///
    /// # Errors
    /// [`DecodeError::MissingHeader`]
    pub fn require(&self, header: Header) -> Result<&'b str, DecodeError> {
        self.header(header).filter(|value| !value.is_empty()).ok_or(DecodeError::MissingHeader(header.name()))
    }

    /// The header that carries a tree hash; `None` when it is absent or empty.
    ///
    /// # Errors
    /// [`DecodeError::InvalidHeader`] when it is no hash.
    pub(crate) fn tree_hash(&self) -> Result<Option<TreeHash>, DecodeError> {
        let text = self.header(Header::TreeHash).filter(|text| !text.is_empty());
        text.map(|text| text.parse().map_err(|_| DecodeError::InvalidHeader(Header::TreeHash.name()))).transpose()
    }

    /// The id that the service gave this request. Keep it: support asks for it.
    pub fn request_id(&self) -> Option<&'b str> {
        self.header(Header::RequestId)
    }

    /// The service's time; `None` when the answer is undated or came from a cache.
    pub fn date(&self) -> Option<Timestamp> {
        // With an Age the answer was kept by somebody on the way, and its date says nothing of now.
        match self.header(Header::Age) {
            None => self.header(Header::Date).and_then(Timestamp::parse_http),
            Some(_) => None,
        }
    }
}

/// What can be read from an answer.
pub trait FromResponse<'b>: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// [`DecodeError`] when the answer is not what the operation promises.
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError>;
}

/// An answer that says nothing but that it was done.
impl FromResponse<'_> for () {
    fn from_response(_: &Response<'_>) -> Result<(), DecodeError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (place, (header, name)) in KNOWN.iter().enumerate() {
            assert_eq!(*header as usize, place);
            assert_eq!(Header::named(&name.to_uppercase()), Some(*header));
        }
    }

    #[test]
    fn keeps_what_glacier_uses() {
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
    fn never_cuts_a_value() {
        let mut arena = [0; 8];
        let mut head = Head::new(&mut arena);
        head.push("location", b"/12345").unwrap();
        assert_eq!(head.push("date", b"now"), Err(HeadTooSmall { header: "date", capacity: 8 }));
        assert_eq!(head.with_body(b"").header(Header::Location), Some("/12345"));
        assert_eq!(head.with_body(b"").header(Header::Date), None);
    }
}
