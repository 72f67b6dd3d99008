//! The tree hash of bytes that come in pieces.

use core::fmt;

use super::blocks::Tail;
use super::compress::{Backend, Block, State, initial};
use super::digest::{LinearHash, TreeHash};
use super::subtrees::{Subtrees, TooLarge};
use crate::values::LEAF_SIZE;

/// Computes the [`TreeHash`] of bytes that come in pieces of any size, in about 1 KiB of state.
///
/// Where the hashes of an archive's parts are known, a [`PartTree`](super::PartTree) combines them into the archive's.
#[derive(Clone)]
#[must_use]
pub struct TreeHasher {
    /// The leaf that is being filled.
    pub(super) leaf: State,
    /// The whole blocks in it, fewer than a leaf has.
    filled: u32,
    pub(super) tail: Tail,
    whole: Subtrees,
    pub(super) backend: Backend,
}

/// The blocks in a whole leaf.
pub(super) const LEAF_BLOCKS: usize = LEAF_SIZE as usize / size_of::<Block>();

impl TreeHasher {
    /// A hasher of no bytes yet.
    pub fn new() -> Self {
        TreeHasher::with_backend(Backend::detect())
    }

    /// The same, with this backend.
    pub fn with_backend(backend: Backend) -> Self {
        TreeHasher { leaf: initial(), filled: 0, tail: Tail::new(), whole: Subtrees::new(), backend }
    }

    /// The bytes taken so far.
    #[must_use]
    pub fn position(&self) -> u64 {
        let in_leaf = u64::from(self.filled) * size_of::<Block>() as u64 + self.tail.bytes().len() as u64;
        self.whole.leaves().saturating_mul(LEAF_SIZE).saturating_add(in_leaf)
    }

    /// Takes the next bytes. Two whole leaves in one piece are hashed at once, where the processor allows at twice the speed.
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

    /// Takes the tail out, to be fed and put back.
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

    /// Hashes two whole leaves at the front of `blocks` and returns the rest; `None` when they are not there.
    fn two_leaves<'d>(&mut self, blocks: &'d [Block]) -> Option<&'d [Block]> {
        if self.filled > 0 {
            return None;
        }
        let (left, rest) = blocks.split_at_checked(LEAF_BLOCKS)?;
        let (right, rest) = rest.split_at_checked(LEAF_BLOCKS)?;
        let (mut first, mut second) = (initial(), initial());
        self.backend.pair(&mut first, &mut second, left, right);
        self.push_leaf(&first);
        self.push_leaf(&second);
        Some(rest)
    }

    /// Hashes with `take`, which works on the leaf's state, as many blocks as the leaf has room for; ends a full leaf, and returns the
    /// rest.
    pub(super) fn leaf_blocks<'d>(
        &mut self,
        blocks: &'d [Block],
        take: &mut dyn FnMut(Backend, &mut State, &[Block]),
    ) -> &'d [Block] {
        let room = LEAF_BLOCKS.saturating_sub(self.filled as usize);
        let (now, rest) = blocks.split_at_checked(room).unwrap_or((blocks, &[]));
        take(self.backend, &mut self.leaf, now);
        if self.fill(now.len()) {
            let leaf = core::mem::replace(&mut self.leaf, initial());
            self.push_leaf(&leaf);
        }
        rest
    }

    /// Counts blocks of the leaf that is being filled, no more than it has room for, and returns whether it is full; the next leaf then
    /// begins.
    pub(super) fn fill(&mut self, blocks: usize) -> bool {
        self.filled += blocks as u32;
        let full = self.filled as usize == LEAF_BLOCKS;
        if full {
            self.filled = 0;
        }
        full
    }

    /// The whole blocks in the leaf that is being filled.
    pub(super) fn filled_blocks(&self) -> usize {
        self.filled as usize
    }

    /// Adds a whole leaf to the tree.
    pub(super) fn push_leaf(&mut self, leaf: &State) {
        self.whole.push(self.backend, 0, self.backend.finish(leaf, &[], LEAF_SIZE));
    }

    /// Whether the first leaf is being filled.
    pub(super) fn is_in_first_leaf(&self) -> bool {
        self.whole.leaves() == 0
    }

    /// The tree hash of all bytes; of none, the SHA-256 of an empty message.
    ///
    /// # Errors
    /// [`TooLarge`] for 64 TiB or more, which no archive can have.
    pub fn finish(self) -> Result<TreeHash, TooLarge> {
        let in_leaf = self.position() % LEAF_SIZE;
        let last = (in_leaf > 0).then(|| self.backend.finish(&self.leaf, self.tail.bytes(), in_leaf));
        let root = self.whole.root(self.backend, last)?;
        Ok(TreeHash::from_bytes(root.unwrap_or(*LinearHash::EMPTY.as_bytes())))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::by_definition::{data, tree_hash};

    const LEAF: usize = LEAF_SIZE as usize;

    #[test]
    fn equals_the_definition() {
        for len in [0, 1, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF, 3 * LEAF, 7 * LEAF + 5, 8 * LEAF, 11 * LEAF + 1] {
            let data = data(len);
            let expected = tree_hash(&data);
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
    fn the_state_is_small() {
        // sha2's state has a block in it.
        let limit = if cfg!(feature = "rustcrypto") { 1024 + 80 } else { 1024 };
        assert!(size_of::<TreeHasher>() <= limit, "{}", size_of::<TreeHasher>());
    }
}
