//! The tree hash, incrementally: a binary counter of subtrees, one slot a level.
//!
//! After n whole leaves the slots hold the roots of the complete subtrees that n is the sum of, as the bits of n say. A new leaf
//! is merged upwards while the slot of its level is taken. At the end the slots are folded from the smallest up, which is what
//! "a left-over digest moves up unchanged" comes to.

use core::fmt;

use sha2::{Digest, Sha256};

use super::{LinearHash, MIB, TreeHash};
use crate::range::PartSize;

/// Levels of the counter: 2^26 leaves of 1 MiB are 64 TiB, and the largest archive has 40,960,000 leaves.
const LEVELS: usize = 26;

/// Computes a [`TreeHash`] of any bytes, in any pieces, in less than 1 KiB.
///
/// Whole parts whose hashes are known already can be [pushed](TreeHasher::push_part) instead of being read again.
#[derive(Clone)]
pub struct TreeHasher {
    leaf: Sha256,
    /// Bytes in the leaf that is being filled, always less than 1 MiB.
    filled: u32,
    counter: Counter,
}

impl TreeHasher {
    /// A hasher that has seen nothing.
    pub fn new() -> Self {
        TreeHasher { leaf: Sha256::new(), filled: 0, counter: Counter::new() }
    }

    /// Bytes taken so far.
    pub fn position(&self) -> u64 {
        self.counter.leaves * MIB + u64::from(self.filled)
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = MIB as usize - self.filled as usize;
            let (piece, tail) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.leaf.update(piece);
            self.filled += piece.len() as u32;
            if u64::from(self.filled) == MIB {
                self.counter.push(0, self.leaf.finalize_reset().into());
                self.filled = 0;
            }
            rest = tail;
        }
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
        self.counter.push(size.tree_level(), *hash.as_bytes());
        Ok(())
    }

    /// The tree hash of all that was taken, and of nothing the SHA-256 of nothing.
    ///
    /// # Errors
    /// [`TooLarge`] when that was 64 TiB or more, which no archive can hold.
    pub fn finish(mut self) -> Result<TreeHash, TooLarge> {
        if self.filled > 0 {
            self.counter.push(0, self.leaf.finalize().into());
        }
        if self.counter.overflowed {
            return Err(TooLarge);
        }
        Ok(self.counter.root().map_or(TreeHash::from_bytes(*LinearHash::EMPTY.as_bytes()), TreeHash))
    }

    /// As [`finish`](TreeHasher::finish), when the last part is shorter than the others and its hash is known too.
    ///
    /// # Errors
    /// [`TooLarge`], as there.
    pub fn finish_with_last_part(mut self, hash: TreeHash) -> Result<TreeHash, TooLarge> {
        // The last subtree stands alone on its level whatever its size, so the level does not matter: it is folded first.
        if self.counter.overflowed {
            return Err(TooLarge);
        }
        let last = *hash.as_bytes();
        Ok(TreeHash(self.counter.fold_onto(Some(last)).unwrap_or(last)))
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
    fn push(&mut self, level: u32, root: [u8; 32]) {
        let mut node = root;
        let taken = self.leaves >> level;
        // Every slot from `level` up to the first free one is merged in, as a carry runs through a counter.
        for slot in self.roots.iter().skip(level as usize).take(taken.trailing_ones() as usize) {
            node = parent(slot, &node);
        }
        let free = level + taken.trailing_ones();
        match self.roots.get_mut(free as usize) {
            Some(slot) => *slot = node,
            None => self.overflowed = true,
        }
        self.leaves = self.leaves.saturating_add(1 << level);
    }

    fn root(&mut self) -> Option<[u8; 32]> {
        self.fold_onto(None)
    }

    /// Folds all subtrees, the smallest first, onto what stands at their right.
    fn fold_onto(&mut self, right: Option<[u8; 32]>) -> Option<[u8; 32]> {
        let mut right = right;
        for (level, slot) in self.roots.iter().enumerate() {
            if self.leaves >> level & 1 == 1 {
                right = Some(right.map_or(*slot, |right| parent(slot, &right)));
            }
        }
        right
    }
}

fn parent(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(left).chain_update(right).finalize().into()
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
    use std::vec::Vec;

    const LEAF: usize = MIB as usize;

    /// The definition, word for word: pair the neighbours until one is left.
    fn by_definition(data: &[u8]) -> [u8; 32] {
        let mut row: Vec<[u8; 32]> = data.chunks(LEAF).map(|leaf| Sha256::digest(leaf).into()).collect();
        if row.is_empty() {
            return Sha256::digest([]).into();
        }
        while row.len() > 1 {
            row = row.chunks(2).map(|pair| if let [a, b] = pair { parent(a, b) } else { pair[0] }).collect();
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
            let mut hasher = TreeHasher::new();
            for piece in data.chunks(99_991) {
                hasher.update(piece);
            }
            assert_eq!(hasher.position(), len as u64);
            assert_eq!(hasher.finish(), Ok(TreeHash(by_definition(&data))), "{len}");
        }
    }

    #[test]
    fn parts_combine_to_the_whole() {
        for (mib, len) in [(1, 5 * LEAF + 7), (2, 6 * LEAF + 9), (4, 16 * LEAF), (8, 3 * LEAF)] {
            let data = data(len);
            let size = PartSize::from_mib(mib).unwrap();
            let mut hasher = TreeHasher::new();
            let mut parts = data.chunks_exact(size.bytes() as usize);
            for part in &mut parts {
                hasher.push_part(size, TreeHash(by_definition(part))).unwrap();
            }
            let last = parts.remainder();
            let mut other = hasher.clone();
            other.update(last);
            assert_eq!(other.finish(), Ok(TreeHash(by_definition(&data))));
            if !last.is_empty() {
                assert_eq!(hasher.finish_with_last_part(TreeHash(by_definition(last))), Ok(TreeHash(by_definition(&data))));
            }
        }
    }

    #[test]
    fn a_part_that_cannot_begin_here_is_refused() {
        let mut hasher = TreeHasher::new();
        hasher.update(&[0; 5]);
        let size = PartSize::from_mib(1).unwrap();
        assert_eq!(hasher.push_part(size, TreeHash([0; 32])), Err(PushError { position: 5, part_size: size }));
        assert_eq!(hasher.position(), 5);
    }

    #[test]
    fn the_largest_archive_fits_and_64_tib_does_not() {
        let size = PartSize::from_mib(4096).unwrap();
        let mut hasher = TreeHasher::new();
        for _ in 0..16_383 {
            hasher.push_part(size, TreeHash([1; 32])).unwrap();
        }
        assert!(hasher.clone().finish().is_ok());
        hasher.push_part(size, TreeHash([1; 32])).unwrap();
        assert_eq!(hasher.finish(), Err(TooLarge));
        assert!(size_of::<TreeHasher>() <= 1024, "{}", size_of::<TreeHasher>());
    }
}
