//! The tree hash of an archive, from the hashes of the parts that it was uploaded in.

use core::fmt;

use super::compress::Backend;
use super::digest::TreeHash;
use super::subtrees::{Subtrees, TooLarge};
use crate::values::PartSize;

/// Computes the [`TreeHash`] of an archive from those of its parts, in less than 1 KiB. All parts have one size, but the last may be
/// shorter.
///
/// A part is a subtree of the archive's tree only if its size is 1 MiB times a power of two, which a [`PartSize`] always is.
///
/// ```
/// use glacier_core::hash::{PartTree, TreeHasher};
/// use glacier_core::PartSize;
///
/// let archive = vec![7; 2 * PartSize::MIN.bytes() as usize + 5];
/// let (mut parts, mut whole) = (PartTree::new(PartSize::MIN), TreeHasher::new());
/// for part in archive.chunks(PartSize::MIN.bytes() as usize) {
///     let mut hasher = TreeHasher::new();
///     hasher.update(part);
///     parts.push(part.len() as u64, hasher.finish()?)?;
/// }
/// whole.update(&archive);
/// assert_eq!(parts.finish()?, whole.finish()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PartTree {
    part_size: PartSize,
    whole: Subtrees,
    /// The last part, when it is shorter than the others.
    last: Option<Last>,
    backend: Backend,
}

#[derive(Clone, Copy)]
struct Last {
    size: u64,
    root: [u8; 32],
}

impl PartTree {
    /// The tree of an archive without parts yet.
    #[must_use]
    pub fn new(part_size: PartSize) -> Self {
        PartTree { part_size, whole: Subtrees::new(), last: None, backend: Backend::detect() }
    }

    /// Adds the next part of the archive: `size` bytes, with this tree hash.
    ///
    /// # Errors
    /// [`PushError`] for a part that is empty or larger than the part size, and for one after a part that was shorter. The tree is
    /// unchanged then.
    pub fn push(&mut self, size: u64, hash: TreeHash) -> Result<(), PushError> {
        let part_size = self.part_size;
        if let Some(last) = self.last {
            return Err(PushError::AfterShortPart { size: last.size, part_size });
        }
        if size == part_size.bytes() {
            self.whole.push(self.backend, part_size.tree_level(), *hash.as_bytes());
        } else if size > 0 && size < part_size.bytes() {
            self.last = Some(Last { size, root: *hash.as_bytes() });
        } else {
            return Err(PushError::Size { size, part_size });
        }
        Ok(())
    }

    /// Bytes in all parts so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        let whole = self.whole.leaves().saturating_mul(PartSize::MIN.bytes());
        whole.saturating_add(self.last.map_or(0, |last| last.size))
    }

    /// The size of all parts but the last.
    #[must_use]
    pub const fn part_size(&self) -> PartSize {
        self.part_size
    }

    /// The number of whole parts so far.
    #[must_use]
    pub fn whole_parts(&self) -> u64 {
        self.whole.leaves() >> self.part_size.tree_level()
    }

    /// What has to be kept of the whole parts to go on later: the roots of their complete subtrees, one for each bit of
    /// [`whole_parts`](Self::whole_parts) that is set, the smallest subtree first.
    pub fn roots(&self) -> impl Iterator<Item = TreeHash> {
        self.whole.roots().map(|(_, root)| TreeHash::from_bytes(*root))
    }

    /// The tree after this many whole parts, from the [`roots`](Self::roots) that were kept; `None` if there are too few of them, or if
    /// so many parts have 64 TiB or more.
    ///
    /// ```
    /// use glacier_core::hash::{PartTree, TreeHash};
    /// use glacier_core::PartSize;
    ///
    /// let mut tree = PartTree::new(PartSize::MIN);
    /// for part in 0..5 {
    ///     tree.push(PartSize::MIN.bytes(), TreeHash::from_bytes([part; 32]))?;
    /// }
    /// let roots: Vec<TreeHash> = tree.roots().collect();
    /// let again = PartTree::from_roots(PartSize::MIN, tree.whole_parts(), roots).ok_or("too few")?;
    /// assert_eq!(again.finish()?, tree.finish()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn from_roots(part_size: PartSize, whole_parts: u64, roots: impl IntoIterator<Item = TreeHash>) -> Option<Self> {
        let leaves = whole_parts.checked_mul(1 << part_size.tree_level())?;
        let whole = Subtrees::from_roots(leaves, roots.into_iter().map(|root| *root.as_bytes()))?;
        Some(PartTree { whole, ..PartTree::new(part_size) })
    }

    /// The archive's tree hash.
    ///
    /// # Errors
    /// [`PartTreeError::Empty`] without a part, and [`PartTreeError::TooLarge`] for 64 TiB or more.
    pub fn finish(&self) -> Result<TreeHash, PartTreeError> {
        let root = self.whole.root(self.backend, self.last.map(|last| last.root));
        root.map_err(|TooLarge| PartTreeError::TooLarge)?.map(TreeHash::from_bytes).ok_or(PartTreeError::Empty)
    }
}

impl fmt::Debug for PartTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartTree").field("part_size", &self.part_size).field("size", &self.size()).finish_non_exhaustive()
    }
}

/// Why a part cannot come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PushError {
    /// The part is empty, or larger than the part size.
    Size {
        /// Bytes in the part.
        size: u64,
        /// The most that it may have.
        part_size: PartSize,
    },
    /// The part before it was shorter than the part size, as only the last one may be.
    AfterShortPart {
        /// Bytes in the part before.
        size: u64,
        /// The bytes that it should have had.
        part_size: PartSize,
    },
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { size, part_size } => {
                write!(
                    f,
                    "a part of this upload has 1 to {} bytes, not {size}: divide the archive at multiples of the part size",
                    part_size.bytes()
                )
            }
            Self::AfterShortPart { size, part_size } => write!(
                f,
                "a part of {size} bytes is shorter than the part size, {}, so it is the last: push whole parts in order",
                part_size.bytes()
            ),
        }
    }
}

impl core::error::Error for PushError {}

/// Why an archive has no tree hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PartTreeError {
    /// It has no parts.
    Empty,
    /// It has 64 TiB or more.
    TooLarge,
}

impl fmt::Display for PartTreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an archive has at least one part, and no part was pushed"),
            Self::TooLarge => TooLarge.fmt(f),
        }
    }
}

impl core::error::Error for PartTreeError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::by_definition::{data, tree_hash};
    use crate::values::LEAF_SIZE;

    const LEAF: usize = LEAF_SIZE as usize;
    const HASH: TreeHash = TreeHash::from_bytes([1; 32]);

    #[test]
    fn parts_combine_to_the_whole() {
        for (leaves, len) in [(1, 5 * LEAF + 7), (1, LEAF), (2, 6 * LEAF + 9), (4, 16 * LEAF), (8, 3 * LEAF), (8, 17 * LEAF)] {
            let data = data(len);
            let size = PartSize::from_bytes(leaves * LEAF_SIZE).unwrap();
            let mut tree = PartTree::new(size);
            let mut pushed = 0;
            for part in data.chunks(size.bytes() as usize) {
                tree.push(part.len() as u64, tree_hash(part)).unwrap();
                pushed += part.len();
                assert_eq!((tree.size(), tree.finish()), (pushed as u64, Ok(tree_hash(&data[..pushed]))), "{size} {len}");
            }
        }
    }

    #[test]
    fn a_tree_goes_on_from_its_roots() {
        let size = PartSize::from_bytes(4 * LEAF_SIZE).unwrap();
        let hash = |n: u64| TreeHash::from_bytes([n as u8; 32]);
        let mut tree = PartTree::new(size);
        for n in 0..70u64 {
            let roots: std::vec::Vec<_> = tree.roots().collect();
            assert_eq!((tree.whole_parts(), roots.len() as u32), (n, n.count_ones()));
            let mut again = PartTree::from_roots(size, n, roots.iter().copied()).unwrap();
            assert_eq!((again.size(), again.finish()), (tree.size(), tree.finish()));
            again.push(size.bytes(), hash(n)).unwrap();
            tree.push(size.bytes(), hash(n)).unwrap();
            assert_eq!(again.finish(), tree.finish());
            if let Some((_, few)) = roots.split_last() {
                assert!(PartTree::from_roots(size, n, few.iter().copied()).is_none(), "too few roots for {n}");
            }
        }
        assert!(PartTree::from_roots(PartSize::MAX, 16_384, [HASH]).is_none(), "64 TiB");
        assert!(PartTree::from_roots(PartSize::MAX, u64::MAX, [HASH; 64]).is_none());
    }

    #[test]
    fn only_the_last_part_may_be_short() {
        let mut tree = PartTree::new(PartSize::MIN);
        assert_eq!(tree.finish(), Err(PartTreeError::Empty));
        for size in [0, LEAF_SIZE + 1, 2 * LEAF_SIZE, u64::MAX] {
            assert_eq!(tree.push(size, HASH), Err(PushError::Size { size, part_size: PartSize::MIN }));
        }
        tree.push(LEAF_SIZE, HASH).unwrap();
        tree.push(5, HASH).unwrap();
        let before = tree.finish();
        for size in [1, 5, LEAF_SIZE] {
            assert_eq!(tree.push(size, HASH), Err(PushError::AfterShortPart { size: 5, part_size: PartSize::MIN }));
        }
        assert_eq!((tree.size(), tree.finish()), (LEAF_SIZE + 5, before));
    }

    #[test]
    fn the_largest_archive_fits_and_64_tib_does_not() {
        let mut tree = PartTree::new(PartSize::MAX);
        for _ in 0..16_383 {
            tree.push(PartSize::MAX.bytes(), HASH).unwrap();
        }
        assert!(tree.finish().is_ok());
        tree.push(PartSize::MAX.bytes(), HASH).unwrap();
        assert_eq!(tree.finish(), Err(PartTreeError::TooLarge));
        assert!(size_of::<PartTree>() <= 1024, "{}", size_of::<PartTree>());
    }
}
