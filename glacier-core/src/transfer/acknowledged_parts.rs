//! The parts that the service has acknowledged, in bounded memory, whatever the order in which they are acknowledged.

use core::fmt;

use crate::hash::{PartTree, TreeHash};
use crate::values::PartSize;

/// How far acknowledged parts may be ahead of the first that is missing, that one included: so many can be in flight at the same time.
pub const WINDOW: usize = 12;

/// Which parts of an upload the service has acknowledged: all up to a first that is missing, of which the tree is kept, and any in a
/// [`WINDOW`] from there on, of which the hashes are. About 1.3 KiB, for any archive.
#[derive(Clone)]
pub struct AcknowledgedParts {
    /// The whole parts before the first that is missing.
    tree: PartTree,
    /// Bit `k` is set when the part `k` after those of the tree is acknowledged, whose hash is then at `k`.
    bits: u16,
    hashes: [TreeHash; WINDOW],
    /// The part that is shorter than the others, once it is acknowledged. It stays in the window.
    short: Option<ShortPart>,
}

/// The last part, if it is shorter than the part size.
#[derive(Clone, Copy, PartialEq, Eq)]
struct ShortPart {
    index: u64,
    size: u64,
}

impl AcknowledgedParts {
    /// No part is acknowledged yet.
    #[must_use]
    pub fn new(part_size: PartSize) -> Self {
        AcknowledgedParts::from_tree(PartTree::new(part_size))
    }

    /// The whole parts of a tree are acknowledged.
    pub(super) fn from_tree(tree: PartTree) -> Self {
        AcknowledgedParts { tree, bits: 0, hashes: [TreeHash::from_bytes([0; 32]); WINDOW], short: None }
    }

    /// The size of all parts but the last.
    #[must_use]
    pub fn part_size(&self) -> PartSize {
        self.tree.part_size()
    }

    /// How many whole parts, from the first of the archive on, are acknowledged without a gap.
    #[must_use]
    pub fn run(&self) -> u64 {
        self.tree.whole_parts()
    }

    /// Whether a part, counted from 0, is acknowledged.
    #[must_use]
    pub fn contains(&self, index: u64) -> bool {
        index.checked_sub(self.run()).is_none_or(|ahead| ahead < WINDOW as u64 && self.bits >> ahead & 1 == 1)
    }

    /// How many parts are acknowledged.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.run() + u64::from(self.bits.count_ones())
    }

    /// Bytes in all acknowledged parts.
    #[must_use]
    pub fn size(&self) -> u64 {
        let missing = self.short.map_or(0, |short| self.part_size().bytes() - short.size);
        self.count() * self.part_size().bytes() - missing
    }

    /// The roots of the run's tree; see [`PartTree::roots`].
    pub(super) fn roots(&self) -> impl Iterator<Item = TreeHash> {
        self.tree.roots()
    }

    /// The acknowledged parts in the window, counted from 0 in the archive, with their hashes.
    pub(super) fn ahead(&self) -> impl Iterator<Item = (u64, TreeHash)> {
        let ahead = self.hashes.iter().enumerate().filter(|(at, _)| self.bits >> at & 1 == 1);
        ahead.map(|(at, hash)| (self.run() + at as u64, *hash))
    }

    /// The service has acknowledged a part of `size` bytes, counted from 0, with this tree hash. The same again changes nothing.
    ///
    /// # Errors
    /// [`UnexpectedPart`], and nothing has changed.
    pub fn acknowledge(&mut self, index: u64, size: u64, hash: TreeHash) -> Result<(), UnexpectedPart> {
        let part_size = self.part_size().bytes();
        let short = ShortPart { index, size };
        if size == 0 || size > part_size {
            return Err(UnexpectedPart::Size { index, size });
        }
        // The hash of a part in the tree is not kept any more.
        let Some(ahead) = index.checked_sub(self.run()) else {
            return if size == part_size { Ok(()) } else { Err(UnexpectedPart::Size { index, size }) };
        };
        let slot = usize::try_from(ahead).ok().and_then(|at| self.hashes.get_mut(at));
        let slot = slot.ok_or(UnexpectedPart::BeyondWindow { index })?;
        let is_known = self.bits >> ahead & 1 == 1;
        if is_known && *slot != hash {
            return Err(UnexpectedPart::OtherHash { index });
        }
        if size < part_size {
            let is_last = self.bits >> ahead <= 1 && self.short.is_none_or(|known| known == short);
            if !is_last || is_known && self.short.is_none() {
                return Err(UnexpectedPart::Size { index, size });
            }
            self.short = Some(short);
        } else if self.short.is_some_and(|last| last.index <= index) {
            return Err(UnexpectedPart::Size { index, size });
        }
        *slot = hash;
        self.bits |= 1 << ahead;
        self.extend_run();
        Ok(())
    }

    /// Moves whole parts without a gap from the window to the tree.
    fn extend_run(&mut self) {
        while self.bits & 1 == 1 && self.short.is_none_or(|short| short.index != self.run()) {
            let [first, ..] = self.hashes;
            // A whole part fits after whole parts, so this cannot fail.
            let _ = self.tree.push(self.part_size().bytes(), first);
            self.bits >>= 1;
            self.hashes.rotate_left(1);
        }
    }

    /// Size and tree hash of an archive that has these parts and no others; `None` while a part before another is missing, and without any.
    #[must_use]
    pub fn archive(&self) -> Option<(u64, TreeHash)> {
        let mut tree = self.tree.clone();
        match (self.bits, self.short) {
            (0, None) => {}
            (1, Some(short)) => {
                let [hash, ..] = self.hashes;
                tree.push(short.size, hash).ok()?;
            }
            _ => return None,
        }
        Some((tree.size(), tree.finish().ok()?))
    }
}

impl fmt::Debug for AcknowledgedParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ahead = format_args!("{:b}", self.bits);
        f.debug_struct("AcknowledgedParts").field("tree", &self.tree).field("ahead", &ahead).finish_non_exhaustive()
    }
}

/// A part that cannot be one of the upload's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum UnexpectedPart {
    /// It is empty, larger than the part size, or shorter although it is not the last.
    Size {
        /// The part, counted from 0.
        index: u64,
        /// Its size in bytes.
        size: u64,
    },
    /// It is further ahead of the first missing part than the window.
    BeyondWindow {
        /// The part, counted from 0.
        index: u64,
    },
    /// It was acknowledged with another tree hash.
    OtherHash {
        /// The part, counted from 0.
        index: u64,
    },
}

impl fmt::Display for UnexpectedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { index, size } => {
                write!(f, "part {index} cannot have {size} bytes: all parts but the last have the part size of the upload")
            }
            Self::BeyondWindow { index } => {
                write!(f, "part {index} is too far ahead: send the first missing part and at most {} parts after it", WINDOW - 1)
            }
            Self::OtherHash { index } => {
                write!(
                    f,
                    "part {index} was acknowledged with another tree hash before: the source has changed, so begin a new upload"
                )
            }
        }
    }
}

impl core::error::Error for UnexpectedPart {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::by_definition::{data, tree_hash};
    use crate::values::LEAF_SIZE;
    use std::vec::Vec;

    const PART: u64 = LEAF_SIZE;
    const HASH: TreeHash = TreeHash::from_bytes([7; 32]);

    fn new() -> AcknowledgedParts {
        AcknowledgedParts::new(PartSize::MIN)
    }

    /// 3 and 7 parts: every step that is not a multiple of the number visits all of them.
    #[test]
    fn any_order_gives_the_hash_of_the_archive() {
        for len in [3 * PART, 6 * PART + 5] {
            let data = data(len as usize);
            let pieces: Vec<&[u8]> = data.chunks(PART as usize).collect();
            for step in 1..pieces.len() {
                let (mut parts, mut size) = (new(), 0);
                for turn in 0..pieces.len() {
                    assert_eq!((parts.count(), parts.size()), (turn as u64, size), "step {step}");
                    let index = turn * step % pieces.len();
                    assert!(!parts.contains(index as u64));
                    parts.acknowledge(index as u64, pieces[index].len() as u64, tree_hash(pieces[index])).unwrap();
                    assert!(parts.contains(index as u64));
                    size += pieces[index].len() as u64;
                }
                assert_eq!(parts.archive(), Some((len, tree_hash(&data))), "step {step}");
            }
        }
    }

    #[test]
    fn a_gap_is_no_archive() {
        let mut parts = new();
        assert_eq!(parts.archive(), None);
        parts.acknowledge(1, PART, HASH).unwrap();
        assert_eq!(parts.archive(), None);
        parts.acknowledge(2, 5, HASH).unwrap();
        assert_eq!((parts.archive(), parts.size(), parts.run()), (None, PART + 5, 0));
        parts.acknowledge(0, PART, HASH).unwrap();
        assert_eq!((parts.archive().map(|archive| archive.0), parts.run()), (Some(2 * PART + 5), 2));
    }

    #[test]
    fn what_cannot_be_changes_nothing() {
        let mut parts = new();
        parts.acknowledge(0, PART, HASH).unwrap();
        parts.acknowledge(2, PART, HASH).unwrap();
        parts.acknowledge(4, 9, HASH).unwrap();
        let other = TreeHash::from_bytes([8; 32]);
        let size = |index, size| Err(UnexpectedPart::Size { index, size });
        for (index, bytes, hash, expected) in [
            (0, PART, other, Ok(())),
            (0, 5, HASH, size(0, 5)),
            (1, 0, HASH, size(1, 0)),
            (1, PART + 1, HASH, size(1, PART + 1)),
            (1, 5, HASH, size(1, 5)),
            (2, PART, HASH, Ok(())),
            (2, PART, other, Err(UnexpectedPart::OtherHash { index: 2 })),
            (2, 5, HASH, size(2, 5)),
            (4, 9, HASH, Ok(())),
            (4, 8, HASH, size(4, 8)),
            (4, PART, HASH, size(4, PART)),
            (5, PART, HASH, size(5, PART)),
            (5, 3, HASH, size(5, 3)),
            (13, PART, HASH, Err(UnexpectedPart::BeyondWindow { index: 13 })),
            (u64::MAX, PART, HASH, Err(UnexpectedPart::BeyondWindow { index: u64::MAX })),
        ] {
            assert_eq!(parts.acknowledge(index, bytes, hash), expected, "{index} {bytes}");
            assert_eq!((parts.count(), parts.size(), parts.run()), (3, 2 * PART + 9, 1));
        }
    }

    #[test]
    fn the_window_moves_with_the_run() {
        let mut parts = new();
        let last = WINDOW as u64;
        assert!(parts.acknowledge(last, PART, HASH).is_err());
        parts.acknowledge(last - 1, PART, HASH).unwrap();
        parts.acknowledge(0, PART, HASH).unwrap();
        parts.acknowledge(last, PART, HASH).unwrap();
        assert!(parts.contains(last) && parts.contains(last - 1) && !parts.contains(last - 2) && !parts.contains(last + 1));
        for index in 1..last - 1 {
            parts.acknowledge(index, PART, HASH).unwrap();
        }
        assert_eq!((parts.run(), parts.count(), parts.size()), (last + 1, last + 1, (last + 1) * PART));
        assert!(size_of::<AcknowledgedParts>() < 1400, "{}", size_of::<AcknowledgedParts>());
    }
}
