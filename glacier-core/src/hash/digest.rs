//! The two hashes that Glacier requires of every body, as two types, so that neither can be sent for the other.

use core::fmt;
use core::str::FromStr;

use crate::wire::{Sink, Wire, hex_digit, put_hex};

/// The SHA-256 of a whole body: `x-amz-content-sha256`, and the last line of the canonical request.
///
/// Written and read as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinearHash([u8; 32]);

/// The SHA-256 tree hash: `x-amz-sha256-tree-hash`, the checksum of parts and archives.
///
/// Written and read as 64 hexadecimal digits.
///
/// Source: "Computing Checksums", Amazon S3 Glacier developer guide.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeHash([u8; 32]);

impl LinearHash {
    /// The hash of an empty body.
    pub const EMPTY: LinearHash = LinearHash([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4,
        0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ]);

    /// A hash that was computed elsewhere, by a hash peripheral for instance.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        LinearHash(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TreeHash {
    /// A hash that was computed elsewhere, or kept from an earlier upload.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        TreeHash(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Wire for LinearHash {
    fn wire(&self, out: &mut dyn Sink) {
        put_hex(out, &self.0);
    }
}

impl Wire for TreeHash {
    fn wire(&self, out: &mut dyn Sink) {
        put_hex(out, &self.0);
    }
}

impl fmt::Display for LinearHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Display for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for LinearHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinearHash({self})")
    }
}

impl fmt::Debug for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TreeHash({self})")
    }
}

impl FromStr for LinearHash {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        parse_hex(text).map(LinearHash)
    }
}

impl FromStr for TreeHash {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        parse_hex(text).map(TreeHash)
    }
}

fn write_hex(bytes: &[u8; 32], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use fmt::Write;
    bytes.iter().try_for_each(|byte| {
        f.write_char(hex_digit(byte >> 4).into())?;
        f.write_char(hex_digit(byte & 15).into())
    })
}

fn parse_hex(text: &str) -> Result<[u8; 32], InvalidHash> {
    let mut bytes = [0; 32];
    let pairs = text.as_bytes().chunks_exact(2);
    if text.len() != 64 {
        return Err(InvalidHash { length: text.len() });
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        for digit in pair {
            let value = char::from(*digit).to_digit(16).ok_or(InvalidHash { length: text.len() })?;
            *byte = *byte << 4 | value as u8;
        }
    }
    Ok(bytes)
}

/// A text that is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct InvalidHash {
    /// The length of the text in bytes.
    pub length: usize,
}

impl fmt::Display for InvalidHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.length {
            64 => f.write_str("a hash is 64 hexadecimal digits; this text has other characters than 0-9, a-f and A-F"),
            length => write!(f, "a hash is 64 hexadecimal digits; this text has {length} bytes"),
        }
    }
}

impl core::error::Error for InvalidHash {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn hexadecimal_digits_are_written_and_read() {
        let text = LinearHash::EMPTY.to_string();
        assert_eq!(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(text.to_uppercase().parse(), Ok(LinearHash::EMPTY));
        assert_eq!("".parse::<TreeHash>(), Err(InvalidHash { length: 0 }));
        assert_eq!(text.replace('e', "g").parse::<TreeHash>(), Err(InvalidHash { length: 64 }));
    }
}
