//! Which bytes of a medium are the body, and how far it is read: what all sources of this crate have in common.

use core::fmt;

use glacier_core::ByteRange;

/// A run of bytes on a medium, and the place in it where the next read goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    start: u64,
    len: u64,
    /// Counted from `start`.
    at: u64,
}

impl Extent {
    /// The whole of a medium.
    pub(crate) fn whole(size: u64) -> Self {
        Extent { start: 0, len: size, at: 0 }
    }

    /// A range of this one.
    pub(crate) fn range(&self, range: ByteRange) -> Result<Self, BeyondEnd> {
        if range.last() >= self.len {
            return Err(BeyondEnd { last: range.last(), size: self.len });
        }
        // No overflow: `start + len` is a place on the medium, and the range lies before it.
        Ok(Extent { start: self.start + range.first(), len: range.len(), at: 0 })
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn rewind(&mut self) {
        self.at = 0;
    }

    /// Where on the medium the next bytes are, and as much of `into` as they may fill; `None` at the end, or when `into` is empty.
    pub(crate) fn next<'b>(&self, into: &'b mut [u8]) -> Option<(u64, &'b mut [u8])> {
        let most = usize::try_from(self.len.saturating_sub(self.at)).unwrap_or(usize::MAX).min(into.len());
        let room = into.get_mut(..most).filter(|room| !room.is_empty())?;
        Some((self.start + self.at, room))
    }

    /// Counts bytes that were read.
    pub(crate) fn took(&mut self, count: usize) {
        self.at = self.at.saturating_add(count as u64).min(self.len);
    }
}

/// A range reaches beyond the end of the medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BeyondEnd {
    /// The last byte asked for, counted from 0.
    pub last: u64,
    /// Bytes there are.
    pub size: u64,
}

impl fmt::Display for BeyondEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {} lies beyond the end: there are {} bytes, counted from 0", self.last, self.size)
    }
}

impl core::error::Error for BeyondEnd {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_a_range() {
        let part = Extent::whole(100).range(ByteRange::new(10, 19).unwrap()).unwrap();
        let mut inner = part.range(ByteRange::new(3, 9).unwrap()).unwrap();
        assert_eq!(part.range(ByteRange::new(3, 10).unwrap()), Err(BeyondEnd { last: 10, size: 10 }));
        let mut buf = [0; 5];
        assert_eq!(inner.next(&mut buf).map(|(at, room)| (at, room.len())), Some((13, 5)));
        inner.took(5);
        assert_eq!(inner.next(&mut buf).map(|(at, room)| (at, room.len())), Some((18, 2)));
        inner.took(2);
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
