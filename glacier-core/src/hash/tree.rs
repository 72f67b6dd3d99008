//! The tree hash, incrementally: a binary counter of subtrees, one slot a level.
//!
//! After n whole leaves the slots hold the roots of the complete subtrees that n is the sum of, as the bits of n say. A new leaf
//! is merged upwards while the slot of its level is taken. At the end the slots are folded from the smallest up, which is what
//! "a left-over digest moves up unchanged" comes to.

use core::fmt;

use super::blocks::Tail;
use super::compress::{Backend, Block, INITIAL, State};
use super::digest::{LinearHash, TreeHash};
use crate::values::{LEAF_SIZE, PartSize};

/// Levels of the counter: 2^26 leaves of 1 MiB are 64 TiB, and the largest archive has 40,960,000 leaves.
const LEVELS: usize = 26;

/// Computes a [`TreeHash`] of any bytes, in any pieces, in less than 1 KiB.
///
/// Whole parts whose hashes are known already can be [pushed](TreeHasher::push_part) instead of being read again.
#[derive(Clone)]
pub struct TreeHasher {
    /// The leaf that is being filled.
    pub(super) leaf: State,
    /// Whole blocks in it, always less than 1 MiB.
    filled: u32,
    pub(super) tail: Tail,
    counter: Counter,
    pub(super) backend: Backend,
}

/// Blocks in a whole leaf.
pub(super) const LEAF_BLOCKS: usize = LEAF_SIZE as usize / size_of::<Block>();

impl TreeHasher {
    /// A hasher that has seen nothing.
    pub fn new() -> Self {
        TreeHasher::with_backend(Backend::detect())
    }

    /// The same, with a backend of the caller's choice.
    pub fn with_backend(backend: Backend) -> Self {
        TreeHasher { leaf: INITIAL, filled: 0, tail: Tail::new(), counter: Counter::new(), backend }
    }

    /// Bytes taken so far.
    pub fn position(&self) -> u64 {
        let in_leaf = u64::from(self.filled) * size_of::<Block>() as u64 + self.tail.bytes().len() as u64;
        self.counter.leaves.saturating_mul(LEAF_SIZE).saturating_add(in_leaf)
    }

    /// Takes the next bytes. Where pieces hold two whole leaves, these are hashed at once, at twice the speed.
    pub fn update(&mut self, bytes: &[u8]) {
        let mut tail = self.take_tail();
        tail.feed(bytes, &mut |blocks| {
            let mut rest = blocks;
            while !rest.is_empty() {
                rest = self.take_blocks(rest);
            }
        });
        self.tail = tail;
    }

    /// The tail, to be put back when it has been fed.
    pub(super) fn take_tail(&mut self) -> Tail {
        core::mem::replace(&mut self.tail, Tail::new())
    }

    /// Hashes two leaves, or blocks of one, and returns the rest.
    pub(super) fn take_blocks<'d>(&mut self, blocks: &'d [Block]) -> &'d [Block] {
        match self.two_leaves(blocks) {
            Some(rest) => rest,
            None => self.leaf_blocks(blocks, &mut |backend, leaf, now| backend.one(leaf, now)),
        }
    }

    /// Hashes two whole leaves that lie at the front of `blocks`, and returns the rest.
    fn two_leaves<'d>(&mut self, blocks: &'d [Block]) -> Option<&'d [Block]> {
        if self.filled > 0 {
            return None;
        }
        let (left, rest) = blocks.split_at_checked(LEAF_BLOCKS)?;
        let (right, rest) = rest.split_at_checked(LEAF_BLOCKS)?;
        let mut leaves = [INITIAL; 2];
        self.backend.pair(&mut leaves, left, right);
        for leaf in leaves {
            self.push_leaf(leaf);
        }
        Some(rest)
    }

    /// Takes as many blocks as the leaf has room for with `take`, which works on the leaf's state; ends a full leaf, and returns the rest.
    pub(super) fn leaf_blocks<'d>(
        &mut self,
        blocks: &'d [Block],
        take: &mut dyn FnMut(Backend, &mut State, &[Block]),
    ) -> &'d [Block] {
        let room = LEAF_BLOCKS.saturating_sub(self.filled as usize);
        let (now, rest) = blocks.split_at_checked(room).unwrap_or((blocks, &[]));
        take(self.backend, &mut self.leaf, now);
        if self.fill(now.len()) {
            self.push_leaf(self.leaf);
            self.leaf = INITIAL;
        }
        rest
    }

    /// Counts blocks of the leaf that is being filled, no more than it has room for, and says whether it is full: then the next one begins.
    pub(super) fn fill(&mut self, blocks: usize) -> bool {
        self.filled += blocks as u32;
        let full = self.filled as usize == LEAF_BLOCKS;
        if full {
            self.filled = 0;
        }
        full
    }

    /// Blocks of the leaf that is being filled.
    pub(super) fn filled_blocks(&self) -> usize {
        self.filled as usize
    }

    /// Counts a whole leaf.
    pub(super) fn push_leaf(&mut self, leaf: State) {
        self.counter.push(self.backend, 0, self.backend.finish(leaf, &[], LEAF_SIZE));
    }

    /// Whether the first leaf is not yet whole.
    pub(super) fn is_in_first_leaf(&self) -> bool {
        self.counter.leaves == 0
    }

    /// Takes a whole part whose hash is known, as if its bytes had been taken.
    ///
    /// # Errors
    /// [`PushError`] when the bytes taken so far do not end where such a part could begin. Nothing is taken then.
    pub fn push_part(&mut self, size: PartSize, hash: TreeHash) -> Result<(), PushError> {
        let position = self.position();
        if !position.is_multiple_of(size.bytes()) {
            return Err(PushError { position, part_size: size });
        }
        self.counter.push(self.backend, size.tree_level(), *hash.as_bytes());
        Ok(())
    }

    /// The tree hash of all that was taken, and of nothing the SHA-256 of nothing.
    ///
    /// # Errors
    /// [`TooLarge`] when that was 64 TiB or more, which no archive can hold.
    pub fn finish(mut self) -> Result<TreeHash, TooLarge> {
        if self.filled > 0 || !self.tail.is_empty() {
            let in_leaf = self.position() % LEAF_SIZE;
            self.counter.push(self.backend, 0, self.backend.finish(self.leaf, self.tail.bytes(), in_leaf));
        }
        if self.counter.overflowed {
            return Err(TooLarge);
        }
        let root = self.counter.fold_onto(self.backend, None);
        Ok(root.map_or(TreeHash::from_bytes(*LinearHash::EMPTY.as_bytes()), TreeHash::from_bytes))
    }

    /// As [`finish`](TreeHasher::finish), when the last part is shorter than the others and its hash is known too.
    ///
    /// # Errors
    /// [`TooLarge`], as there.
    pub fn finish_with_last_part(self, hash: TreeHash) -> Result<TreeHash, TooLarge> {
        // The last subtree stands alone on its level whatever its size, so the level does not matter: it is folded first.
        if self.counter.overflowed {
            return Err(TooLarge);
        }
        let last = *hash.as_bytes();
        Ok(TreeHash::from_bytes(self.counter.fold_onto(self.backend, Some(last)).unwrap_or(last)))
    }
}

impl Default for TreeHasher {
    fn default() -> Self {
        TreeHasher::new()
    }
}

impl fmt::Debug for TreeHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TreeHasher").field("position", &self.position()).finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Counter {
    /// Whole leaves counted; bit k says whether `roots[k]` is taken.
    leaves: u64,
    roots: [[u8; 32]; LEVELS],
    overflowed: bool,
}

impl Counter {
    fn new() -> Self {
        Counter { leaves: 0, roots: [[0; 32]; LEVELS], overflowed: false }
    }

    /// Adds a subtree of `2^level` leaves. The bits below `level` are zero.
    fn push(&mut self, backend: Backend, level: u32, root: [u8; 32]) {
        let mut node = root;
        let taken = self.leaves >> level;
        // Every slot from `level` up to the first free one is merged in, as a carry runs through a counter.
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

    /// Folds all subtrees, the smallest first, onto what stands at their right.
    fn fold_onto(&self, backend: Backend, right: Option<[u8; 32]>) -> Option<[u8; 32]> {
        let mut right = right;
        for (level, slot) in self.roots.iter().enumerate() {
            if self.leaves >> level & 1 == 1 {
                right = Some(right.map_or(*slot, |right| backend.parent(slot, &right)));
            }
        }
        right
    }
}

/// A part's hash was pushed where no such part can begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PushError {
    /// Bytes taken so far.
    pub position: u64,
    /// The size of the part.
    pub part_size: PartSize,
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.part_size.bytes();
        write!(
            f,
            "a part of {size} bytes begins at a multiple of its size, not at byte {}: push whole parts in order",
            self.position
        )
    }
}

impl core::error::Error for PushError {}

/// More bytes than any archive can have were hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tree hashes end at 64 TiB, and archives at 10,000 parts of 4 GiB: split the data into several archives")
    }
}

impl core::error::Error for TooLarge {}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};
    use std::vec::Vec;

    const LEAF: usize = LEAF_SIZE as usize;

    /// The definition, word for word: pair the neighbours until one is left.
    fn by_definition(data: &[u8]) -> [u8; 32] {
        let mut row: Vec<[u8; 32]> = data.chunks(LEAF).map(|leaf| Sha256::digest(leaf).into()).collect();
        if row.is_empty() {
            return Sha256::digest([]).into();
        }
        while row.len() > 1 {
            row = row
                .chunks(2)
                .map(
                    |pair| {
                        if let [a, b] = pair { Sha256::new().chain_update(a).chain_update(b).finalize().into() } else { pair[0] }
                    },
                )
                .collect();
        }
        row[0]
    }

    fn data(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i % 251) as u8).collect()
    }

    #[test]
    fn equals_the_definition() {
        for len in [0, 1, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF, 3 * LEAF, 7 * LEAF + 5, 8 * LEAF, 11 * LEAF + 1] {
            let data = data(len);
            let expected = TreeHash::from_bytes(by_definition(&data));
            for backend in Backend::available() {
                for piece in [LEAF / 11 + 8, 2 * LEAF, 3 * LEAF + 1, 20 * LEAF] {
                    let mut hasher = TreeHasher::with_backend(backend);
                    for piece in data.chunks(piece) {
                        hasher.update(piece);
                    }
                    assert_eq!(hasher.position(), len as u64);
                    assert_eq!(hasher.finish(), Ok(expected), "{backend:?} {len} {piece}");
                }
            }
        }
    }

    #[test]
    fn parts_combine_to_the_whole() {
        for (leaves, len) in [(1, 5 * LEAF + 7), (2, 6 * LEAF + 9), (4, 16 * LEAF), (8, 3 * LEAF)] {
            let data = data(len);
            let size = PartSize::from_bytes(leaves * LEAF_SIZE).unwrap();
            let mut hasher = TreeHasher::new();
            let mut parts = data.chunks_exact(size.bytes() as usize);
            for part in &mut parts {
                hasher.push_part(size, TreeHash::from_bytes(by_definition(part))).unwrap();
            }
            let last = parts.remainder();
            let mut other = hasher.clone();
            other.update(last);
            assert_eq!(other.finish(), Ok(TreeHash::from_bytes(by_definition(&data))));
            if !last.is_empty() {
                assert_eq!(
                    hasher.finish_with_last_part(TreeHash::from_bytes(by_definition(last))),
                    Ok(TreeHash::from_bytes(by_definition(&data)))
                );
            }
        }
    }

    #[test]
    fn a_part_that_cannot_begin_here_is_refused() {
        let mut hasher = TreeHasher::new();
        hasher.update(&[0; 5]);
        let size = PartSize::MIN;
        assert_eq!(hasher.push_part(size, TreeHash::from_bytes([0; 32])), Err(PushError { position: 5, part_size: size }));
        assert_eq!(hasher.position(), 5);
    }

    #[test]
    fn the_largest_archive_fits_and_64_tib_does_not() {
        let size = PartSize::MAX;
        let mut hasher = TreeHasher::new();
        for _ in 0..16_383 {
            hasher.push_part(size, TreeHash::from_bytes([1; 32])).unwrap();
        }
        assert!(hasher.clone().finish().is_ok());
        hasher.push_part(size, TreeHash::from_bytes([1; 32])).unwrap();
        assert_eq!(hasher.finish(), Err(TooLarge));
        assert!(size_of::<TreeHasher>() <= 1024, "{}", size_of::<TreeHasher>());
    }
}
