//! Where an answer's body ends (RFC 9112, section 6.3), counted in `u64`.
//!
//! Chunked bodies are taken apart byte by byte, with all state kept here, so that a dropped future loses nothing.

/// How the body is framed, and how far it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// So many bytes are left.
    Length(u64),
    /// Neither length nor chunks: the body ends with the connection.
    UntilClose,
    Chunked(Chunk),
    /// It went wrong.
    Broken,
}

/// Where in a chunked body the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chunk {
    /// Among the digits of a chunk's size.
    Size { size: u64, digits: u8 },
    /// Behind the size, before its line feed.
    Extension { size: u64 },
    /// In the data.
    Data { left: u64 },
    /// Behind the data, before its line feed.
    DataEnd,
    /// In a line behind the last chunk; whether it is still empty.
    Trailer { empty: bool },
    /// Behind it all.
    Over,
}

/// What the next bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// At most so many bytes of the body.
    Data(u64),
    /// The body is over.
    End,
    /// More is needed to tell.
    Unknown,
}

impl Framing {
    /// The framing of an answer that has no header on it.
    pub(crate) fn default_for(status: u16) -> Self {
        if matches!(status, 204 | 304) { Framing::Length(0) } else { Framing::UntilClose }
    }

    /// Takes a header into account; `None` when it contradicts itself or names a coding that was never asked for.
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
                // Chunks win over a length.
                _ => Some(self),
            };
        }
        Some(self)
    }

    /// What comes next, given the bytes at hand; bytes that are no data are counted in `used`.
    pub(crate) fn next(&mut self, bytes: &[u8], used: &mut usize) -> Option<Next> {
        let chunk = match self {
            Framing::Length(0) => return Some(Next::End),
            Framing::Length(left) => return Some(Next::Data(*left)),
            Framing::UntilClose => return Some(Next::Data(u64::MAX)),
            Framing::Broken => return None,
            Framing::Chunked(chunk) => chunk,
        };
        for byte in bytes {
            if matches!(chunk, Chunk::Over | Chunk::Data { .. }) {
                break;
            }
            *chunk = chunk.step(*byte)?;
            *used += 1;
        }
        Some(match chunk {
            Chunk::Over => Next::End,
            Chunk::Data { left } => Next::Data(*left),
            _ => Next::Unknown,
        })
    }

    /// Counts bytes of data that were read.
    pub(crate) fn took(&mut self, count: usize) {
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
            (Chunk::Trailer { empty: true }, b'\n') => Some(Chunk::Over),
            (Chunk::Trailer { .. }, b'\n') => Some(Chunk::Trailer { empty: true }),
            (Chunk::Trailer { empty }, b'\r') => Some(Chunk::Trailer { empty }),
            (Chunk::Trailer { .. }, _) => Some(Chunk::Trailer { empty: false }),
            _ => None,
        }
    }
}

/// Digits alone: no sign, no list, and nothing beyond `u64`.
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

    /// Reads a chunked body that comes in pieces of `size` bytes.
    fn unchunk(mut wire: &[u8], size: usize) -> Option<(Vec<u8>, bool)> {
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
                        framing.took(count);
                    }
                    used += count;
                }
            }
            wire = &wire[used..];
        }
    }

    #[test]
    fn chunks_in_pieces_of_any_size() {
        let wire = b"5\r\nHELLO\r\n00B;a=\"b\"\r\n WORLD\r\nX\r\n\r\n0\r\nTrailer: x\r\n\r\n";
        for size in 1..=wire.len() {
            assert_eq!(unchunk(wire, size), Some((b"HELLO WORLD\r\nX\r\n".to_vec(), true)), "{size}");
        }
    }

    #[test]
    fn chunks_that_end_early_are_not_over() {
        let wire = b"5\r\nHELLO\r\n0\r\n\r\n";
        for length in 0..wire.len() {
            let (data, over) = unchunk(&wire[..length], 3).unwrap();
            assert!(b"HELLO".starts_with(&data) && !over, "{length}");
        }
    }

    #[test]
    fn no_chunks_at_all() {
        for wire in [&b"\r\n"[..], b"G\r\n", b"-1\r\n", b"11111111111111111\r\n", b"1\r\nAB\r\n", b"+1\r\nA\r\n"] {
            assert_eq!(unchunk(wire, 4), None);
        }
    }

    #[test]
    fn lengths() {
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
