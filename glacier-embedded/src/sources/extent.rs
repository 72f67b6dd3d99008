//! The byte range of a medium that is the body, and the read position in it. Every source of this crate is built on it.

use core::fmt;

use glacier_core::ByteRange;

/// A byte range of a medium, and the position of the next read in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    start: u64,
    len: u64,
    /// Relative to `start`.
    position: u64,
}

impl Extent {
    /// The whole medium.
    pub(crate) fn whole(size: u64) -> Self {
        Extent { start: 0, len: size, position: 0 }
    }

    /// A range within this one; its offsets are relative to this one's start.
    pub(crate) fn range(&self, range: ByteRange) -> Result<Self, BeyondEnd> {
        if range.last() >= self.len {
            return Err(BeyondEnd { last: range.last(), size: self.len });
        }
        // Cannot overflow: the range ends before `start + len`, which is an offset on the medium.
        Ok(Extent { start: self.start + range.first(), len: range.len(), position: 0 })
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn rewind(&mut self) {
        self.position = 0;
    }

    /// The offset on the medium of the next read, and the part of `into` that it may fill; `None` at the end, or when `into` is empty.
    pub(crate) fn next<'b>(&self, into: &'b mut [u8]) -> Option<(u64, &'b mut [u8])> {
        let most = usize::try_from(self.len.saturating_sub(self.position)).unwrap_or(usize::MAX).min(into.len());
        let room = into.get_mut(..most).filter(|room| !room.is_empty())?;
        Some((self.start + self.position, room))
    }

    /// Advances by the bytes that were read.
    pub(crate) fn advance(&mut self, count: usize) {
        self.position = self.position.saturating_add(count as u64).min(self.len);
    }
}

/// The range ends beyond the end of the medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct BeyondEnd {
    /// Offset of the range's last byte.
    pub last: u64,
    /// Size of the medium, or of the range that was to be cut, in bytes.
    pub size: u64,
}

impl fmt::Display for BeyondEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the range ends at byte {} (counted from 0), beyond the end of {} bytes: use a shorter range",
            self.last, self.size
        )
    }
}

impl core::error::Error for BeyondEnd {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_within_a_range() {
        let part = Extent::whole(100).range(ByteRange::new(10, 19).unwrap()).unwrap();
        let mut inner = part.range(ByteRange::new(3, 9).unwrap()).unwrap();
        assert_eq!(part.range(ByteRange::new(3, 10).unwrap()), Err(BeyondEnd { last: 10, size: 10 }));
        let mut buf = [0; 5];
        assert_eq!(inner.next(&mut buf).map(|(at, room)| (at, room.len())), Some((13, 5)));
        inner.advance(5);
        assert_eq!(inner.next(&mut buf).map(|(at, room)| (at, room.len())), Some((18, 2)));
        inner.advance(2);
        assert!(inner.next(&mut buf).is_none());
        inner.rewind();
        assert_eq!(inner.next(&mut buf).map(|(at, room)| (at, room.len())), Some((13, 5)));
        assert!(inner.next(&mut []).is_none());
    }

    #[test]
    fn an_empty_medium_has_no_range() {
        assert_eq!(Extent::whole(0).range(ByteRange::new(0, 0).unwrap()), Err(BeyondEnd { last: 0, size: 0 }));
        assert!(Extent::whole(0).next(&mut [0]).is_none());
    }
}
