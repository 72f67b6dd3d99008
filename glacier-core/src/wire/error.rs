//! Why a request could not be written or a response could not be read.

use core::fmt;

/// A caller's buffer is too small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BufferTooSmall {
    /// The size needed in bytes, if it is known.
    pub needed: Option<u64>,
    /// The size of the buffer in bytes.
    pub capacity: usize,
}

impl fmt::Display for BufferTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.needed {
            Some(needed) => write!(f, "{needed} bytes are needed and the buffer has {}", self.capacity),
            None => write!(f, "the buffer of {} bytes is too small", self.capacity),
        }
    }
}

impl core::error::Error for BufferTooSmall {}

/// Why a request could not be encoded. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EncodeError {
    /// The buffer is too small for path, query and headers.
    Buffer(BufferTooSmall),
    /// The operation wrote more headers than there is room for, which only an `Encode` of your own can do.
    TooManyHeaders,
    /// The operation wrote bytes that are not UTF-8, which only an `Encode` of your own can do.
    NotText,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Buffer(short) => write!(f, "the request does not fit: {short}"),
            Self::TooManyHeaders => f.write_str("the operation has more headers than there is room for"),
            Self::NotText => f.write_str("the operation wrote a path, query or header that is not UTF-8"),
        }
    }
}

impl core::error::Error for EncodeError {}

/// Why a response could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DecodeError {
    /// A header that the operation promises is absent or empty.
    MissingHeader(&'static str),
    /// The value of a header is invalid.
    InvalidHeader(&'static str),
    /// The headers did not fit the buffer.
    Head(HeadTooSmall),
    /// The body did not fit the buffer.
    Body(BufferTooSmall),
    /// One item of a list did not fit the buffer.
    Item(BufferTooSmall),
    /// The marker of a list is longer than any marker of the service.
    Marker(BufferTooSmall),
    /// Two pages of a list have the same marker, so the list would never end.
    MarkerRepeated,
    /// The body is not the JSON that the operation promises.
    Json,
    /// A list, or a description, lacks this member, which makes it one; so the response is probably not from a Glacier endpoint.
    MissingMember(&'static str),
    /// The body is empty where a list, or a description, has at least this member; so the response is probably not from a Glacier endpoint.
    EmptyBody(&'static str),
    /// One item of a list or an inventory is malformed. Reading can go on: the next call returns the item after it.
    InvalidItem {
        /// Which item of the response or the inventory, counted from 1.
        number: u64,
    },
    /// The inventory is not CSV in the form of the service.
    Csv,
    /// The body's JSON is nested deeper than any response of the service.
    TooDeep,
    /// The body ended in the middle of a value.
    Truncated,
    /// The response to an earlier attempt was lost, and the request could not be repeated.
    Lost,
    /// The bytes received do not have the tree hash that the service announced.
    DownloadMismatch,
    /// The download does not have the announced length.
    DownloadLength {
        /// Bytes announced.
        expected: u64,
        /// Bytes received.
        got: u64,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lacks = match self {
            Self::MissingHeader(name) => Some((*name, " header")),
            Self::MissingMember(name) => Some((*name, ", but other JSON")),
            Self::EmptyBody(name) => Some((*name, ", but an empty body")),
            _ => None,
        };
        if let Some((name, came)) = lacks {
            return write!(f, "the response has no {name}{came}; is this a Glacier endpoint?");
        }
        match self {
            Self::MissingHeader(_) | Self::MissingMember(_) | Self::EmptyBody(_) => Ok(()),
            Self::InvalidHeader(name) => write!(f, "the response's {name} header has an invalid value"),
            Self::Head(error) => error.fmt(f),
            Self::Body(error) => write!(f, "the response does not fit: {error}"),
            Self::Item(error) => write!(f, "one item of the list does not fit: {error}"),
            Self::Marker(error) => write!(f, "the list's marker does not fit: {error}"),
            Self::MarkerRepeated => {
                f.write_str("two pages of the list have the same marker, so it would never end; try again later")
            }
            Self::Json => f.write_str("the response's body is not the JSON expected; is this a Glacier endpoint?"),
            Self::InvalidItem { number } => write!(f, "item {number} is malformed: skip it"),
            Self::Csv => f.write_str("the inventory is not CSV as Glacier writes it; was the job asked for JSON?"),
            Self::TooDeep => f.write_str("the response's JSON is nested too deep; is this a Glacier endpoint?"),
            Self::Lost => f.write_str("a response was lost: check what the service has done"),
            Self::Truncated => f.write_str("the response's body ends in the middle of a value: try again"),
            Self::DownloadMismatch => {
                f.write_str("what was received does not have the announced tree hash: it was damaged on the way; try again")
            }
            Self::DownloadLength { expected, got } => {
                write!(f, "{got} bytes were received where {expected} were announced: try again")
            }
        }
    }
}

impl core::error::Error for DecodeError {}

/// A response's headers do not fit the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HeadTooSmall {
    /// The first header that did not fit.
    pub header: &'static str,
    /// The bytes of room for all headers.
    pub capacity: usize,
}

impl fmt::Display for HeadTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HeadTooSmall { header, capacity } = self;
        write!(f, "the response's headers do not fit {capacity} bytes (at {header}): give the call a larger buffer")
    }
}

impl core::error::Error for HeadTooSmall {}
