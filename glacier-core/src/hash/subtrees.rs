//! The tree under construction: the roots of its complete subtrees, as a binary counter with a slot for each level.
//!
//! After n whole leaves, each bit of n that is set has a complete subtree of that many leaves, whose root is in the slot. A new subtree is
//! merged upwards while the slot of its level is in use, as a carry moves through a counter. At the end the roots are folded, the smallest
//! first, which is the same as moving a digest without a neighbor up unchanged.

use core::fmt;

use super::compress::Backend;

/// Levels of the counter: 2^26 leaves of 1 MiB are 64 TiB, and the largest archive has 40,960,000 leaves.
const LEVELS: usize = 26;

#[derive(Clone)]
pub(super) struct Subtrees {
    /// The number of whole leaves. `roots[k]` is in use if bit k is set.
    leaves: u64,
    roots: [[u8; 32]; LEVELS],
    overflowed: bool,
}

impl Subtrees {
    pub(super) const fn new() -> Self {
        Subtrees { leaves: 0, roots: [[0; 32]; LEVELS], overflowed: false }
    }

    /// The number of whole leaves.
    pub(super) const fn leaves(&self) -> u64 {
        self.leaves
    }

    /// The roots of the subtrees with their levels, the smallest first.
    pub(super) fn roots(&self) -> impl DoubleEndedIterator<Item = (u32, &[u8; 32])> {
        let roots = self.roots.iter().enumerate();
        roots.map(|(level, root)| (level as u32, root)).filter(|(level, _)| self.leaves >> level & 1 == 1)
    }

    /// The counter with this number of leaves, whose roots come with the smallest first. `None` for more leaves than it counts, and for
    /// too few roots.
    pub(super) fn from_roots(leaves: u64, mut roots: impl Iterator<Item = [u8; 32]>) -> Option<Self> {
        let mut subtrees = Subtrees { leaves, ..Subtrees::new() };
        if leaves >> LEVELS > 0 {
            return None;
        }
        for (level, slot) in subtrees.roots.iter_mut().enumerate() {
            if leaves >> level & 1 == 1 {
                *slot = roots.next()?;
            }
        }
        Some(subtrees)
    }

    /// Adds a subtree of `2^level` leaves, no more than any before it.
    pub(super) fn push(&mut self, backend: Backend, level: u32, root: [u8; 32]) {
        let mut node = root;
        let taken = self.leaves >> level;
        for slot in self.roots.iter().skip(level as usize).take(taken.trailing_ones() as usize) {
            node = backend.parent(slot, &node);
        }
        let free = level + taken.trailing_ones();
        match self.roots.get_mut(free as usize) {
            Some(slot) => *slot = node,
            None => self.overflowed = true,
        }
        self.leaves = self.leaves.saturating_add(1 << level);
    }

    /// The root over all subtrees and, after them, `last`: a subtree that is smaller than the others, or not complete. Its level does not
    /// matter, since it has no neighbor there and is folded first. `None` without any.
    pub(super) fn root(&self, backend: Backend, last: Option<[u8; 32]>) -> Result<Option<[u8; 32]>, TooLarge> {
        if self.overflowed {
            return Err(TooLarge);
        }
        let mut right = last;
        for (level, slot) in self.roots.iter().enumerate() {
            if self.leaves >> level & 1 == 1 {
                right = Some(right.map_or(*slot, |right| backend.parent(slot, &right)));
            }
        }
        Ok(right)
    }
}

/// More bytes were hashed than an archive can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tree hashes end at 64 TiB, and archives at 10,000 parts of 4 GiB: split the data into several archives")
    }
}

impl core::error::Error for TooLarge {}
