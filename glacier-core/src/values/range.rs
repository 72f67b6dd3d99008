//! Byte ranges: of parts, of retrieval jobs and of downloads.

use core::fmt;
use core::str::FromStr;

use super::size::LEAF_SIZE;
use crate::wire::{Sink, Wire, decimal, split_once};

/// The bytes from `first` to `last`, both included. Never empty. Written and read as `A-B`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ByteRange {
    first: u64,
    last: u64,
}

impl ByteRange {
    /// The bytes from `first` to `last`, both included.
    ///
    /// # Errors
    /// [`InvalidRange::Empty`] when `last` is before `first`, [`InvalidRange::TooLong`] for all of 2^64 bytes.
    pub const fn new(first: u64, last: u64) -> Result<Self, InvalidRange> {
        if first > last {
            return Err(InvalidRange::Empty);
        }
        // The length has to fit as well, which only that of 0 to u64::MAX does not.
        if last - first < u64::MAX { Ok(ByteRange { first, last }) } else { Err(InvalidRange::TooLong) }
    }

    /// The `length` bytes from `first` on.
    ///
    /// # Errors
    /// [`InvalidRange::Empty`] when `length` is zero, [`InvalidRange::TooLong`] when the range would end beyond 2^64.
    pub const fn with_length(first: u64, length: u64) -> Result<Self, InvalidRange> {
        match first.checked_add(length) {
            _ if length == 0 => Err(InvalidRange::Empty),
            Some(end) => ByteRange::new(first, end - 1),
            None => Err(InvalidRange::TooLong),
        }
    }

    /// The offset of the first byte.
    #[must_use]
    pub const fn first(self) -> u64 {
        self.first
    }

    /// The offset of the last byte, which is included.
    #[must_use]
    pub const fn last(self) -> u64 {
        self.last
    }

    /// The bytes in the range, at least 1.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // A range is never empty.
    pub const fn len(self) -> u64 {
        self.last - self.first + 1
    }

    /// Whether a job can retrieve the range from an archive of `size` bytes: it begins at a multiple of 1 MiB ([`LEAF_SIZE`]), and
    /// ends at one or with the archive.
    #[must_use]
    pub const fn is_mib_aligned(self, size: u64) -> bool {
        self.last < size
            && self.first.is_multiple_of(LEAF_SIZE)
            && (self.last == size - 1 || (self.last + 1).is_multiple_of(LEAF_SIZE))
    }

    /// Whether the range is a node in the tree of an archive of `size` bytes, so that the service knows a tree hash for it.
    ///
    /// Source: section 5.3 of the API reference: with P and Q the ends of the range in MiB and N that of the archive, there is a w = 2^k
    /// with P % w = 0 and Q = min(P + w, N).
    #[must_use]
    pub fn is_tree_hash_aligned(self, size: u64) -> bool {
        if !self.is_mib_aligned(size) {
            return false;
        }
        let (start, end, all) = (self.first / LEAF_SIZE, self.last / LEAF_SIZE + 1, size.div_ceil(LEAF_SIZE));
        (0..=44).map(|k| 1u64 << k).any(|w| start.is_multiple_of(w) && end == all.min(start.saturating_add(w)))
    }
}

/// `A-B`, as in `RetrievalByteRange`.
impl Wire for ByteRange {
    fn wire(&self, out: &mut dyn Sink) {
        self.first.wire(out);
        out.put(b"-");
        self.last.wire(out);
    }
}

impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

impl FromStr for ByteRange {
    type Err = InvalidRange;

    fn from_str(text: &str) -> Result<Self, InvalidRange> {
        let (first, last) = split_once(text, "-").ok_or(InvalidRange::Syntax)?;
        let number = |digits| decimal(digits).ok_or(InvalidRange::Syntax);
        ByteRange::new(number(first)?, number(last)?)
    }
}

/// Why a range is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvalidRange {
    /// It has no bytes.
    Empty,
    /// It has 2^64 bytes, or ends beyond 2^64.
    TooLong,
    /// The text is not of the form `A-B`.
    Syntax,
}

impl fmt::Display for InvalidRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a range has at least 1 byte, and its end is included: give a last byte that is not before the first",
            Self::TooLong => "a range has fewer than 2^64 bytes and ends below 2^64: give a smaller last byte",
            Self::Syntax => "a range is written A-B, the offsets of its first and last byte in decimal digits, such as 0-1048575",
        })
    }
}

impl core::error::Error for InvalidRange {}

/// The `Content-Range` header of a part: `bytes A-B/*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ContentRange(pub ByteRange);

impl Wire for ContentRange {
    fn wire(&self, out: &mut dyn Sink) {
        out.put(b"bytes ");
        self.0.wire(out);
        out.put(b"/*");
    }
}

/// The `Range` header of a download: `bytes=A-B`, `bytes=A-` or `bytes=-N`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Range {
    /// These bytes.
    Bytes(ByteRange),
    /// The bytes from this one to the end.
    From(u64),
    /// The last N bytes.
    Last(u64),
}

impl Wire for Range {
    fn wire(&self, out: &mut dyn Sink) {
        out.put(b"bytes=");
        match self {
            Range::Bytes(range) => range.wire(out),
            Range::From(first) => {
                first.wire(out);
                out.put(b"-");
            }
            Range::Last(count) => {
                out.put(b"-");
                count.wire(out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        assert_eq!(ByteRange::new(5, 4), Err(InvalidRange::Empty));
        assert_eq!(ByteRange::new(0, u64::MAX), Err(InvalidRange::TooLong));
        assert_eq!(ByteRange::with_length(0, 0), Err(InvalidRange::Empty));
        assert_eq!(ByteRange::with_length(u64::MAX, 2), Err(InvalidRange::TooLong));
        assert_eq!("0-1048575".parse().map(ByteRange::len), Ok(1_048_576));
        assert_eq!("2-1".parse::<ByteRange>(), Err(InvalidRange::Empty));
        for text in ["", "-", "1-", "-1", "+1-2", "1-2-3", "99999999999999999999-1"] {
            assert_eq!(text.parse::<ByteRange>(), Err(InvalidRange::Syntax), "{text}");
        }
    }
}
