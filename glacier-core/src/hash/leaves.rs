//! The linear hash and the leaves of the tree hash in one pass, for a service, which keeps the leaves of what it receives.

use core::fmt;

use super::blocks::Tail;
use super::compress::{Backend, State, initial};
use super::digest::{LinearHash, TreeHash};
use super::tree::LEAF_BLOCKS;
use crate::values::LEAF_SIZE;

/// Computes the linear hash of bytes and the hash of each of their leaves, of 1 MiB, in one pass, at the cost of a
/// [`PayloadHasher`](super::PayloadHasher).
///
/// Who has the leaves has the tree hash, of the whole and of every aligned range: a [`PartTree`](super::PartTree) combines them.
///
/// ```
/// use glacier_core::hash::{LeavesHasher, PartTree, PayloadHasher};
/// use glacier_core::{LEAF_SIZE, PartSize};
///
/// let archive = vec![7; 2 * LEAF_SIZE as usize + 5];
/// let (mut hasher, mut both, mut leaves) = (LeavesHasher::new(), PayloadHasher::new(), Vec::new());
/// hasher.update(&archive, &mut |leaf| leaves.push(leaf));
/// let linear = hasher.finish(&mut |leaf| leaves.push(leaf));
///
/// let mut tree = PartTree::new(PartSize::MIN);
/// for (leaf, bytes) in leaves.iter().zip(archive.chunks(LEAF_SIZE as usize)) {
///     tree.push(bytes.len() as u64, *leaf)?;
/// }
/// both.update(&archive);
/// let both = both.finish()?;
/// assert_eq!((linear, tree.finish()?), (both.linear, both.tree));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct LeavesHasher {
    line: State,
    /// The leaf that is being filled, from the second on: the first begins as the linear hash does.
    leaf: State,
    /// The whole blocks taken so far.
    blocks: u64,
    tail: Tail,
    backend: Backend,
}

impl LeavesHasher {
    /// A hasher of no bytes yet.
    pub fn new() -> Self {
        LeavesHasher::with_backend(Backend::detect())
    }

    /// The same, with this backend.
    pub fn with_backend(backend: Backend) -> Self {
        LeavesHasher { line: initial(), leaf: initial(), blocks: 0, tail: Tail::new(), backend }
    }

    /// Takes the next bytes, in pieces of any size, and calls `each` with the hash of every leaf that they complete.
    pub fn update(&mut self, bytes: &[u8], each: &mut dyn FnMut(TreeHash)) {
        let LeavesHasher { line, leaf, blocks, tail, backend } = self;
        tail.feed(bytes, &mut |all| {
            let mut rest = all;
            while !rest.is_empty() {
                let is_first = *blocks < LEAF_BLOCKS as u64;
                // Less than the blocks in a leaf.
                let room = LEAF_BLOCKS.saturating_sub((*blocks % LEAF_BLOCKS as u64) as usize);
                let (now, after) = rest.split_at_checked(room).unwrap_or((rest, &[]));
                if is_first {
                    backend.one(line, now);
                } else {
                    backend.both(line, leaf, now);
                }
                *blocks = blocks.saturating_add(now.len() as u64);
                if now.len() == room {
                    let whole = if is_first { &*line } else { &*leaf };
                    each(TreeHash::from_bytes(backend.finish(whole, &[], LEAF_SIZE)));
                    *leaf = initial();
                }
                rest = after;
            }
        });
    }

    /// The bytes taken so far.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.blocks.saturating_mul(64).saturating_add(self.tail.bytes().len() as u64)
    }

    /// The linear hash; calls `each` with the hash of the last leaf, if it is shorter than the others. Of no bytes there is one leaf, which
    /// is empty.
    #[must_use]
    pub fn finish(self, each: &mut dyn FnMut(TreeHash)) -> LinearHash {
        let length = self.position();
        let linear = self.backend.finish(&self.line, self.tail.bytes(), length);
        let in_leaf = length % LEAF_SIZE;
        if length < LEAF_SIZE {
            each(TreeHash::from_bytes(linear));
        } else if in_leaf > 0 {
            each(TreeHash::from_bytes(self.backend.finish(&self.leaf, self.tail.bytes(), in_leaf)));
        }
        LinearHash::from_bytes(linear)
    }
}

impl Default for LeavesHasher {
    fn default() -> Self {
        LeavesHasher::new()
    }
}

impl fmt::Debug for LeavesHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeavesHasher").field("position", &self.position()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::by_definition::data;
    use sha2::{Digest, Sha256};
    use std::vec::Vec;

    #[test]
    fn the_linear_hash_and_every_leaf_for_any_length_and_piece() {
        const LEAF: usize = LEAF_SIZE as usize;
        let data = data(4 * LEAF + 77);
        for len in [0, 1, 63, 64, 65, LEAF - 1, LEAF, LEAF + 1, LEAF + 64, 2 * LEAF, 3 * LEAF + 5, 4 * LEAF, data.len()] {
            let data = &data[..len];
            let linear = LinearHash::from_bytes(Sha256::digest(data).into());
            // Of an empty body there is one leaf.
            let chunks = data.chunks(LEAF).chain(data.is_empty().then_some(data));
            let expected: Vec<TreeHash> = chunks.map(|leaf| TreeHash::from_bytes(Sha256::digest(leaf).into())).collect();
            for backend in Backend::available() {
                for piece in [LEAF / 256 + 1, LEAF / 16, LEAF, data.len().max(1)] {
                    let (mut hasher, mut leaves) = (LeavesHasher::with_backend(backend), Vec::new());
                    for piece in data.chunks(piece) {
                        hasher.update(piece, &mut |leaf| leaves.push(leaf));
                    }
                    assert_eq!((hasher.position(), leaves.len()), (len as u64, len / LEAF), "{backend:?} {len} {piece}");
                    assert_eq!(hasher.finish(&mut |leaf| leaves.push(leaf)), linear, "{backend:?} {len} {piece}");
                    assert_eq!(leaves, expected, "{backend:?} {len} {piece}");
                }
            }
        }
    }
}
