//! Where a response body ends (RFC 9112, section 6.3), counted in `u64`.
//!
//! Chunked bodies are parsed byte by byte, with all state kept here, so that a dropped future loses nothing.

/// How the body is delimited, and how far it has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// This many bytes are left.
    Length(u64),
    /// Neither length nor chunks: the body ends when the connection is closed.
    UntilClose,
    Chunked(Chunk),
    /// Reading has failed.
    Broken,
}

/// The position of the next byte in a chunked body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chunk {
    /// In the digits of a chunk's size.
    Size { size: u64, digits: u8 },
    /// After the size, before its line feed.
    Extension { size: u64 },
    /// In the data.
    Data { left: u64 },
    /// After the data, before its line feed.
    DataEnd,
    /// In a line after the last chunk; `empty` until a character of it was read.
    Trailer { empty: bool },
    /// After the end.
    End,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// At most this many bytes of the body.
    Data(u64),
    /// The end of the body.
    End,
    /// More bytes are needed to tell.
    Unknown,
}

impl Framing {
    /// The framing of a response without a header that says otherwise.
    pub(crate) fn default_for(status: u16) -> Self {
        if matches!(status, 204 | 304) { Framing::Length(0) } else { Framing::UntilClose }
    }

    /// Takes a header into account; `None` if it is invalid, contradicts another one, or names a coding that was not requested.
    pub(crate) fn with_header(self, name: &str, value: &[u8]) -> Option<Self> {
        if name.eq_ignore_ascii_case("transfer-encoding") {
            let chunked = Framing::Chunked(Chunk::Size { size: 0, digits: 0 });
            return value.trim_ascii().eq_ignore_ascii_case(b"chunked").then_some(chunked);
        }
        if name.eq_ignore_ascii_case("content-length") {
            let length = decimal(value.trim_ascii())?;
            return match self {
                Framing::UntilClose => Some(Framing::Length(length)),
                Framing::Length(known) => (known == length).then_some(self),
                // Chunks take precedence over a length.
                _ => Some(self),
            };
        }
        Some(self)
    }

    /// What comes next, given the received bytes. Adds the number of bytes before the data to `used`; `None` if they are invalid.
    pub(crate) fn next(&mut self, bytes: &[u8], used: &mut usize) -> Option<Next> {
        let chunk = match self {
            Framing::Length(0) => return Some(Next::End),
            Framing::Length(left) => return Some(Next::Data(*left)),
            Framing::UntilClose => return Some(Next::Data(u64::MAX)),
            Framing::Broken => return None,
            Framing::Chunked(chunk) => chunk,
        };
        for byte in bytes {
            if matches!(chunk, Chunk::End | Chunk::Data { .. }) {
                break;
            }
            *chunk = chunk.step(*byte)?;
            *used += 1;
        }
        Some(match chunk {
            Chunk::End => Next::End,
            Chunk::Data { left } => Next::Data(*left),
            _ => Next::Unknown,
        })
    }

    /// Advances by the bytes of data that were read.
    pub(crate) fn advance(&mut self, count: usize) {
        match self {
            Framing::Length(left) => *left = left.saturating_sub(count as u64),
            Framing::Chunked(Chunk::Data { left }) if *left > count as u64 => *left -= count as u64,
            Framing::Chunked(chunk) => *chunk = Chunk::DataEnd,
            Framing::UntilClose | Framing::Broken => {}
        }
    }
}

impl Chunk {
    fn step(self, byte: u8) -> Option<Self> {
        match (self, byte) {
            (Chunk::Size { size, digits }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') if digits < 16 => {
                let digit = char::from(byte).to_digit(16)?;
                Some(Chunk::Size { size: size << 4 | u64::from(digit), digits: digits + 1 })
            }
            (Chunk::Size { size, digits: 1.. }, b'\r' | b';' | b' ' | b'\t') => Some(Chunk::Extension { size }),
            (Chunk::Extension { size: 0 }, b'\n') => Some(Chunk::Trailer { empty: true }),
            (Chunk::Extension { size }, b'\n') => Some(Chunk::Data { left: size }),
            (Chunk::Extension { size }, _) => Some(Chunk::Extension { size }),
            (Chunk::DataEnd, b'\r') => Some(Chunk::DataEnd),
            (Chunk::DataEnd, b'\n') => Some(Chunk::Size { size: 0, digits: 0 }),
            (Chunk::Trailer { empty: true }, b'\n') => Some(Chunk::End),
            (Chunk::Trailer { .. }, b'\n') => Some(Chunk::Trailer { empty: true }),
            (Chunk::Trailer { empty }, b'\r') => Some(Chunk::Trailer { empty }),
            (Chunk::Trailer { .. }, _) => Some(Chunk::Trailer { empty: false }),
            _ => None,
        }
    }
}

/// Parses digits only: no sign, no list, and nothing beyond `u64`.
fn decimal(value: &[u8]) -> Option<u64> {
    if value.is_empty() {
        return None;
    }
    value.iter().try_fold(0u64, |number, byte| {
        let digit = char::from(*byte).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// Decodes a chunked body received in pieces of `size` bytes; the data, and whether it has ended.
    fn decode(mut wire: &[u8], size: usize) -> Option<(Vec<u8>, bool)> {
        let mut framing = Framing::default_for(200).with_header("Transfer-Encoding", b" Chunked ").unwrap();
        let mut data = Vec::new();
        loop {
            let piece = &wire[..size.min(wire.len())];
            let mut used = 0;
            let next = framing.next(piece, &mut used)?;
            match next {
                Next::End => return Some((data, true)),
                Next::Unknown if piece.is_empty() => return Some((data, false)),
                Next::Unknown => {}
                Next::Data(most) => {
                    let rest = &piece[used..];
                    let count = rest.len().min(most as usize);
                    if count == 0 && used == 0 {
                        return Some((data, false));
                    }
                    data.extend_from_slice(&rest[..count]);
                    if count > 0 {
                        framing.advance(count);
                    }
                    used += count;
                }
            }
            wire = &wire[used..];
        }
    }

    #[test]
    fn chunks_are_decoded_in_pieces_of_any_size() {
        let wire = b"5\r\nHELLO\r\n00B;a=\"b\"\r\n WORLD\r\nX\r\n\r\n0\r\nTrailer: x\r\n\r\n";
        for size in 1..=wire.len() {
            assert_eq!(decode(wire, size), Some((b"HELLO WORLD\r\nX\r\n".to_vec(), true)), "{size}");
        }
    }

    #[test]
    fn truncated_chunks_do_not_end_the_body() {
        let wire = b"5\r\nHELLO\r\n0\r\n\r\n";
        for length in 0..wire.len() {
            let (data, ended) = decode(&wire[..length], 3).unwrap();
            assert!(b"HELLO".starts_with(&data) && !ended, "{length}");
        }
    }

    #[test]
    fn invalid_chunks_are_rejected() {
        for wire in [&b"\r\n"[..], b"G\r\n", b"-1\r\n", b"11111111111111111\r\n", b"1\r\nAB\r\n", b"+1\r\nA\r\n"] {
            assert_eq!(decode(wire, 4), None);
        }
    }

    #[test]
    fn content_length_is_parsed_strictly() {
        let plain = Framing::default_for(200);
        assert_eq!(plain.with_header("CONTENT-LENGTH", b"4294967297"), Some(Framing::Length(4_294_967_297)));
        for value in [&b""[..], b"-1", b"+1", b"1, 1", b"0x1", b"99999999999999999999"] {
            assert_eq!(plain.with_header("Content-Length", value), None);
        }
        assert_eq!(Framing::Length(1).with_header("Content-Length", b"2"), None);
        assert_eq!(Framing::Length(1).with_header("Content-Length", b"1"), Some(Framing::Length(1)));
        assert_eq!(Framing::default_for(204), Framing::Length(0));
        assert_eq!(plain.with_header("Transfer-Encoding", b"gzip, chunked"), None);
        let both = Framing::Length(3).with_header("Transfer-Encoding", b"chunked").unwrap();
        assert!(matches!(both.with_header("Content-Length", b"3"), Some(Framing::Chunked(_))));
    }
}
