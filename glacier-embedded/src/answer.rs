//! An answer's head: found among the received bytes, 1xx answers skipped, handed on header by header.
//!
//! reqwless's own reader takes a 1xx for the answer, counts lengths in `usize` and cannot be given bytes that came early, so its
//! parser, httparse, is used directly.

use glacier_core::{Head, HeadTooSmall};

use crate::error::Error;
use crate::framing::Framing;
use crate::window::Window;

/// The most headers an answer may have; Glacier's have about ten.
const MAX_HEADERS: usize = 32;

/// What is needed of a head besides the headers themselves.
pub(crate) struct Outline {
    /// Bytes of the head, to be consumed before the body is read.
    pub(crate) length: usize,
    pub(crate) framing: Framing,
    /// Whether the peer keeps the connection.
    pub(crate) persistent: bool,
}

/// Consumes 1xx answers at the front; says whether a final head is there in full behind them.
///
/// # Errors
/// What is there is no HTTP, the head is larger than the window, or the 1xx answers do not end.
pub(crate) fn final_head<E>(window: &mut Window<'_>) -> Result<bool, Error<E>> {
    loop {
        let interim = match parse(window, |response, length| (response.code.unwrap_or_default() / 100 == 1, length))? {
            None => return Ok(false),
            Some((false, _)) => return Ok(true),
            Some((true, length)) => length,
        };
        window.interim_left = window.interim_left.checked_sub(1).ok_or(Error::Malformed)?;
        window.consume(interim);
    }
}

/// Reads the final head at the front of the window into `head`.
pub(crate) fn read<E>(window: &Window<'_>, head: &mut Head<'_>) -> Result<Result<Outline, HeadTooSmall>, Error<E>> {
    let read = |response: &httparse::Response<'_, '_>, length| {
        let status = response.code.unwrap_or_default();
        head.start(status);
        let mut framing = Some(Framing::default_for(status));
        let mut persistent = response.version == Some(1);
        for header in response.headers.iter() {
            framing = framing.and_then(|framing| framing.with_header(header.name, header.value));
            if header.name.eq_ignore_ascii_case("connection") && tokens(header.value).any(|t| t.eq_ignore_ascii_case(b"close")) {
                persistent = false;
            }
            head.push(header.name, header.value)?;
        }
        Ok(framing.map(|framing| Outline { length, framing, persistent }))
    };
    match parse(window, read)? {
        Some(Ok(Some(outline))) => Ok(Ok(outline)),
        Some(Err(too_small)) => Ok(Err(too_small)),
        Some(Ok(None)) | None => Err(Error::Malformed),
    }
}

/// The comma-separated members of a header's value.
fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// Gives `with` the head at the front of the window and its length; `None` when it is not there in full.
fn parse<T, E>(window: &Window<'_>, with: impl FnOnce(&httparse::Response<'_, '_>, usize) -> T) -> Result<Option<T>, Error<E>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(window.bytes()) {
        Ok(httparse::Status::Complete(length)) => Ok(Some(with(&response, length))),
        Ok(httparse::Status::Partial) if window.bytes().len() < window.capacity() => Ok(None),
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
            Err(Error::HeadTooLong { capacity: window.capacity() })
        }
        Err(_) => Err(Error::Malformed),
    }
}
