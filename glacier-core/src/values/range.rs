//! Byte ranges that the service accepts.

use core::fmt;

use super::size::LEAF_SIZE;
use crate::wire::{Sink, Wire, decimal, split_once};

/// Bytes from `first` to `last`, both included. Never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ByteRange {
    first: u64,
    last: u64,
}

impl ByteRange {
    /// From `first` to `last`, both included.
    ///
    /// # Errors
    /// [`InvalidRange`] when `last` lies before `first`.
    pub const fn new(first: u64, last: u64) -> Result<Self, InvalidRange> {
        // The length must fit too, which only 0 to u64::MAX does not.
        if first <= last && last - first < u64::MAX { Ok(ByteRange { first, last }) } else { Err(InvalidRange { first, last }) }
    }

    /// `length` bytes from `first` on.
    ///
    /// # Errors
    /// [`InvalidRange`] when `length` is zero or the end lies beyond 2^64.
    pub const fn with_length(first: u64, length: u64) -> Result<Self, InvalidRange> {
        match first.checked_add(length) {
            Some(end) if length > 0 => ByteRange::new(first, end - 1),
            _ => Err(InvalidRange { first, last: first.wrapping_add(length).wrapping_sub(1) }),
        }
    }

    /// Reads `A-B`.
    pub fn parse(text: &str) -> Option<Self> {
        let (first, last) = split_once(text, "-")?;
        ByteRange::new(decimal(first)?, decimal(last)?).ok()
    }

    /// The first byte, from 0.
    pub const fn first(self) -> u64 {
        self.first
    }

    /// The last byte, included.
    pub const fn last(self) -> u64 {
        self.last
    }

    /// Bytes in the range, at least 1.
    #[allow(clippy::len_without_is_empty)] // A range is never empty.
    pub const fn len(self) -> u64 {
        self.last - self.first + 1
    }

    /// Whether the range can be retrieved from an archive of `size` bytes: it begins at a multiple of 1 MiB ([`LEAF_SIZE`]) and ends
    /// at one or with the archive.
    pub const fn is_mib_aligned(self, size: u64) -> bool {
        self.last < size
            && self.first.is_multiple_of(LEAF_SIZE)
            && (self.last == size - 1 || (self.last + 1).is_multiple_of(LEAF_SIZE))
    }

    /// Whether the range is a node of the tree of an archive of `size` bytes, so that it has a tree hash of its own that the
    /// service knows.
    ///
    /// Source: section 5.3 of the API reference: with P and Q the range's ends in MiB and N the archive's, there is a w = 2^k
    /// with P % w = 0 and Q = min(P + w, N).
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

/// A range that has no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidRange {
    /// The first byte asked for.
    pub first: u64,
    /// The last byte asked for.
    pub last: u64,
}

impl fmt::Display for InvalidRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a range has at least 1 byte and ends below 2^64; {}-{} does not: both ends are included", self.first, self.last)
    }
}

impl core::error::Error for InvalidRange {}

/// The `Content-Range` of a part: `bytes A-B/*`.
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

/// The `Range` of a download: `bytes=A-B`, `bytes=A-` or `bytes=-N`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Range {
    /// These bytes.
    Bytes(ByteRange),
    /// All from this byte on.
    From(u64),
    /// The last bytes, as many.
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
        assert_eq!(ByteRange::new(5, 4), Err(InvalidRange { first: 5, last: 4 }));
        assert!(ByteRange::new(0, u64::MAX).is_err());
        assert!(ByteRange::with_length(0, 0).is_err());
        assert!(ByteRange::with_length(u64::MAX, 2).is_err());
        assert_eq!(ByteRange::parse("0-1048575").map(ByteRange::len), Some(1_048_576));
        for text in ["", "-", "1-", "-1", "+1-2", "1-2-3", "2-1", "99999999999999999999-1"] {
            assert_eq!(ByteRange::parse(text), None, "{text}");
        }
    }
}
