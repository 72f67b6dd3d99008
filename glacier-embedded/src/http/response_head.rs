//! The head of a response: found among the received bytes after any 1xx responses, and passed on header by header.
//!
//! reqwless's own reader takes a 1xx response for the final one, counts lengths in `usize`, and cannot be given bytes that were received
//! early. Its parser, httparse, is therefore used directly.

use glacier_core::{Head, HeadTooSmall};

use super::error::Error;
use super::framing::Framing;
use super::receive_buffer::ReceiveBuffer;

/// The most headers in a response; Glacier's have about ten.
const MAX_HEADERS: usize = 32;

/// What the transport needs to know about a head.
pub(crate) struct Parsed {
    /// Size of the head in bytes, to be consumed before the body is read.
    pub(crate) length: usize,
    pub(crate) framing: Framing,
    /// Whether the peer keeps the connection open.
    pub(crate) persistent: bool,
}

/// Skips 1xx responses; returns whether a complete final head follows.
///
/// # Errors
/// The received bytes are not HTTP, the head is larger than the buffer, or there are too many 1xx responses.
pub(crate) fn skip_interim<E>(received: &mut ReceiveBuffer<'_>) -> Result<bool, Error<E>> {
    loop {
        let interim = match parse(received, |response, length| (response.code.unwrap_or_default() / 100 == 1, length))? {
            None => return Ok(false),
            Some((false, _)) => return Ok(true),
            Some((true, length)) => length,
        };
        received.interim_left = received.interim_left.checked_sub(1).ok_or(Error::Malformed)?;
        received.consume(interim);
    }
}

/// Reads the final head at the front of the buffer into `head`.
pub(crate) fn read<E>(received: &ReceiveBuffer<'_>, head: &mut Head<'_>) -> Result<Result<Parsed, HeadTooSmall>, Error<E>> {
    let read = |response: &httparse::Response<'_, '_>, length| {
        let status = response.code.unwrap_or_default();
        head.start(status);
        let mut framing = Some(Framing::default_for(status));
        let mut persistent = response.version == Some(1);
        for header in response.headers.iter() {
            framing = framing.and_then(|framing| framing.with_header(header.name, header.value));
            if header.name.eq_ignore_ascii_case("connection") && list(header.value).any(|item| item.eq_ignore_ascii_case(b"close"))
            {
                persistent = false;
            }
            head.push(header.name, header.value)?;
        }
        Ok(framing.map(|framing| Parsed { length, framing, persistent }))
    };
    match parse(received, read)? {
        Some(Ok(Some(parsed))) => Ok(Ok(parsed)),
        Some(Err(too_small)) => Ok(Err(too_small)),
        Some(Ok(None)) | None => Err(Error::Malformed),
    }
}

/// The items of a comma-separated header value.
fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// Calls `with` with the head at the front of the buffer and its length; `None` if it is not complete yet.
fn parse<T, E>(
    received: &ReceiveBuffer<'_>,
    with: impl FnOnce(&httparse::Response<'_, '_>, usize) -> T,
) -> Result<Option<T>, Error<E>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(received.bytes()) {
        Ok(httparse::Status::Complete(length)) => Ok(Some(with(&response, length))),
        Ok(httparse::Status::Partial) if received.bytes().len() < received.capacity() => Ok(None),
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
            Err(Error::HeadTooLong { capacity: received.capacity() })
        }
        Err(_) => Err(Error::Malformed),
    }
}
