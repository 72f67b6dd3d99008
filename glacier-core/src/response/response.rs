//! A whole response, borrowed from the buffer it was read into.

use super::header::{HeadMap, Header};
use crate::hash::TreeHash;
use crate::values::Timestamp;
use crate::wire::DecodeError;

/// A whole response, borrowed from the buffer it was read into.
#[derive(Clone, Copy, Debug)]
pub struct Response<'b> {
    pub(crate) map: HeadMap,
    pub(crate) text: &'b [u8],
    /// The body; empty for responses that stream it.
    pub body: &'b [u8],
}

impl<'b> Response<'b> {
    /// The response in `buf`: headers in front, then `length` bytes of body.
    pub(crate) fn in_buffer(map: HeadMap, buf: &'b [u8], length: usize) -> Self {
        let (text, rest) = buf.split_at_checked(map.used).unwrap_or((buf, &[]));
        Response { map, text, body: rest.get(..length).unwrap_or_default() }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.map.status
    }

    /// Whether the service did what was asked: status 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.map.status)
    }

    /// The value of a header, unchanged; `None` when it is absent or not UTF-8.
    #[must_use]
    pub fn header(&self, header: Header) -> Option<&'b str> {
        let (from, len) = (*self.map.spans.get(header as usize)?)?;
        let from = usize::from(from);
        core::str::from_utf8(self.text.get(from..from + usize::from(len))?).ok()
    }

    /// A header's value, which the response must have.
    ///
    /// # Errors
    /// [`DecodeError::MissingHeader`]
    pub fn require(&self, header: Header) -> Result<&'b str, DecodeError> {
        self.header(header).filter(|value| !value.is_empty()).ok_or(DecodeError::MissingHeader(header.name()))
    }

    /// The header that carries a tree hash; `None` when it is absent or empty.
    ///
    /// # Errors
    /// [`DecodeError::InvalidHeader`] when it is not a hash.
    pub(crate) fn tree_hash(&self) -> Result<Option<TreeHash>, DecodeError> {
        let text = self.header(Header::TreeHash).filter(|text| !text.is_empty());
        text.map(|text| text.parse().map_err(|_| DecodeError::InvalidHeader(Header::TreeHash.name()))).transpose()
    }

    /// The id that the service gave this request, which AWS support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&'b str> {
        self.header(Header::RequestId)
    }

    /// The service's time; `None` when the response is undated or came from a cache.
    pub fn date(&self) -> Option<Timestamp> {
        // With an Age header the response comes from a cache, and its date is not the present.
        match self.header(Header::Age) {
            None => self.header(Header::Date).and_then(Timestamp::parse_http),
            Some(_) => None,
        }
    }
}

/// What can be read from a response.
pub trait FromResponse<'b>: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// [`DecodeError`] when the response is not what the operation promises.
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError>;

    /// Reads the response to a call. Anything that listens may respond with status 200, so a description needs the member that says what it
    /// describes, and where there should be no body there must be no page. Any other member may be absent, and outputs with an id of their
    /// own are asked for it.
    ///
    /// # Errors
    /// As [`from_response`](FromResponse::from_response), and [`DecodeError::MissingMember`], [`DecodeError::EmptyBody`] and [`DecodeError::Json`].
    fn from_service(response: &Response<'b>) -> Result<Self, DecodeError> {
        Self::from_response(response)
    }
}

/// An output that was read from a body, if it has the member that it has when it comes from the service.
#[inline]
pub(crate) fn with_member<T>(
    output: Result<T, DecodeError>,
    has: impl FnOnce(&T) -> bool,
    name: &'static str,
    body: &[u8],
) -> Result<T, DecodeError> {
    match &output {
        Ok(found) if !has(found) => Err(missing(name, body)),
        _ => output,
    }
}

/// That a body is not one of something else, where Glacier sends none; emulators send an object.
pub(crate) fn no_page(body: &[u8]) -> Result<(), DecodeError> {
    if matches!(body.first(), None | Some(b'{')) { Ok(()) } else { Err(DecodeError::Json) }
}

#[inline(never)]
fn missing(name: &'static str, body: &[u8]) -> DecodeError {
    if body.trim_ascii_start().is_empty() { DecodeError::EmptyBody(name) } else { DecodeError::MissingMember(name) }
}

/// No output: only the status matters.
impl FromResponse<'_> for () {
    fn from_response(_: &Response<'_>) -> Result<(), DecodeError> {
        Ok(())
    }
    fn from_service(response: &Response<'_>) -> Result<(), DecodeError> {
        no_page(response.body)
    }
}
