//! The tree hash at the speed of two leaves at once, although the bytes come in small pieces.
//!
//! Two leaves fill the pipeline that one leaves half empty, but they are 1 MiB apart, and a connection delivers some KiB at a time. So every
//! other leaf is only stored when it comes, in memory that the caller lends, and is hashed together with the leaf after it. This costs a
//! copy of half of the bytes, and no further pass over them.

use core::fmt;

use super::compress::{Backend, Block, State, initial};
use super::digest::TreeHash;
use super::subtrees::TooLarge;
use super::tree::{LEAF_BLOCKS, TreeHasher};
use crate::values::LEAF_SIZE;

/// Computes what a [`TreeHasher`] computes, up to twice as fast where the processor hashes two leaves at once, in memory that is lent
/// to it.
///
/// The memory is a leaf, 1 MiB: a `&mut [u8]`, an array or a `Vec`, with any content. With less, or where the processor would gain
/// nothing, this is a plain `TreeHasher`.
///
/// ```
/// use glacier_core::LEAF_SIZE;
/// use glacier_core::hash::{LeafPairHasher, TreeHasher};
///
/// let (mut pairs, mut one_by_one) = (LeafPairHasher::new(vec![0; LEAF_SIZE as usize]), TreeHasher::new());
/// for piece in vec![7; 5 << 20].chunks(16 << 10) {
///     pairs.update(piece);
///     one_by_one.update(piece);
/// }
/// assert_eq!(pairs.finish(), one_by_one.finish());
/// ```
#[derive(Clone)]
#[must_use]
pub struct LeafPairHasher<M> {
    tree: TreeHasher,
    memory: M,
    now: Now,
}

/// What is done with the leaf that is being filled.
#[derive(Clone)]
enum Now {
    /// It is hashed as it comes.
    Alone,
    /// It is the left one of a pair: its blocks so far are in the memory, and none is hashed.
    Stored,
    /// It is the right one, and is hashed together with the left one, whose state this is, after the same number of blocks.
    Beside(State),
}

impl<M: AsMut<[u8]>> LeafPairHasher<M> {
    /// A hasher of no bytes yet.
    pub fn new(memory: M) -> Self {
        LeafPairHasher::with_backend(memory, Backend::detect())
    }

    /// The same, with this backend.
    pub fn with_backend(memory: M, backend: Backend) -> Self {
        LeafPairHasher { tree: TreeHasher::with_backend(backend), memory, now: Now::Alone }
    }

    /// The bytes taken so far.
    #[must_use]
    pub fn position(&self) -> u64 {
        let left = if let Now::Beside(_) = self.now { LEAF_SIZE } else { 0 };
        self.tree.position().saturating_add(left)
    }

    /// Takes the next bytes, in pieces of any size.
    pub fn update(&mut self, bytes: &[u8]) {
        let mut tail = self.tree.take_tail();
        tail.feed(bytes, &mut |blocks| {
            let mut rest = blocks;
            while !rest.is_empty() {
                rest = self.take(rest);
            }
        });
        self.tree.tail = tail;
    }

    /// The tree hash of all bytes; of none, the SHA-256 of an empty message.
    ///
    /// # Errors
    /// [`TooLarge`] for 64 TiB or more, which no archive can have.
    pub fn finish(mut self) -> Result<TreeHash, TooLarge> {
        self.catch_up();
        self.tree.finish()
    }

    /// Like [`finish`](LeafPairHasher::finish), but the hasher can continue.
    pub(crate) fn root(&mut self) -> Result<TreeHash, TooLarge> {
        self.catch_up();
        self.tree.clone().finish()
    }

    /// Uses another memory from now on.
    pub(crate) fn work_in(&mut self, memory: M) {
        self.catch_up();
        self.memory = memory;
    }

    /// Takes blocks of one leaf, or of two, and returns the rest.
    fn take<'d>(&mut self, blocks: &'d [Block]) -> &'d [Block] {
        let LeafPairHasher { tree, memory, now } = self;
        let room = memory.as_mut().as_chunks_mut().0.get_mut(..LEAF_BLOCKS).filter(|_| tree.backend.gains_from_pairs());
        let Some(room) = room else { return tree.take_blocks(blocks) };
        let (filled, beginning) = (tree.filled_blocks(), tree.filled_blocks() == 0);
        // A leaf is never filled beyond its end, so there is a place for each of its blocks.
        let place = room.get_mut(filled..).unwrap_or_default();
        let (due, rest) = blocks.split_at_checked(place.len()).unwrap_or((blocks, &[]));
        match now {
            // Two leaves in one piece need not be stored.
            Now::Alone if beginning && blocks.len() < 2 * LEAF_BLOCKS => {
                *now = Now::Stored;
                blocks
            }
            Now::Alone => tree.take_blocks(blocks),
            Now::Stored => {
                for (to, from) in place.iter_mut().zip(due) {
                    *to = *from;
                }
                if tree.fill(due.len()) {
                    *now = Now::Beside(initial());
                }
                rest
            }
            Now::Beside(left) => {
                tree.backend.pair(left, &mut tree.leaf, place, due);
                if tree.fill(due.len()) {
                    let right = core::mem::replace(&mut tree.leaf, initial());
                    tree.push_leaf(left);
                    tree.push_leaf(&right);
                    *now = Now::Alone;
                }
                rest
            }
        }
    }

    /// Hashes what is stored, without waiting for the leaf after it.
    fn catch_up(&mut self) {
        let LeafPairHasher { tree, memory, now } = self;
        // So that a device, which stores nothing, has none of this in its flash.
        if !tree.backend.gains_from_pairs() {
            return;
        }
        let stored = memory.as_mut().as_chunks().0;
        match core::mem::replace(now, Now::Alone) {
            Now::Alone => {}
            Now::Stored => {
                let stored = stored.get(..tree.filled_blocks()).unwrap_or_default();
                tree.backend.one(&mut tree.leaf, stored);
            }
            Now::Beside(mut left) => {
                let stored = stored.get(tree.filled_blocks()..LEAF_BLOCKS).unwrap_or_default();
                tree.backend.one(&mut left, stored);
                tree.push_leaf(&left);
            }
        }
    }
}

impl<M: AsMut<[u8]>> fmt::Debug for LeafPairHasher<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeafPairHasher").field("position", &self.position()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::by_definition::{data, tree_hash};
    use std::vec;

    const LEAF: usize = LEAF_SIZE as usize;

    #[test]
    fn the_tree_hash_for_any_length_piece_and_memory() {
        let data = data(5 * LEAF + 99);
        for len in [0, 1, 64, LEAF - 1, LEAF, LEAF + 1, LEAF + 64, 2 * LEAF - 1, 2 * LEAF, 2 * LEAF + 65, 3 * LEAF, data.len()] {
            let data = &data[..len];
            let expected = tree_hash(data);
            for backend in Backend::available() {
                for memory in [0, LEAF - 1, LEAF, LEAF + 1000] {
                    for piece in [LEAF / 256 + 3, LEAF / 16, 2 * LEAF + 7, 10 * LEAF] {
                        let mut hasher = LeafPairHasher::with_backend(vec![0xa5; memory], backend);
                        for piece in data.chunks(piece) {
                            hasher.update(piece);
                        }
                        assert_eq!(hasher.position(), len as u64, "{backend:?} {len} {memory} {piece}");
                        assert_eq!(hasher.finish(), Ok(expected), "{backend:?} {len} {memory} {piece}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_root_is_right_at_any_time_and_the_hasher_goes_on() {
        let data = data(4 * LEAF + 5);
        for backend in Backend::available() {
            let mut hasher = LeafPairHasher::with_backend(vec![0; LEAF], backend);
            let mut taken = 0;
            for (turn, piece) in data.chunks(LEAF / 4 + 11).enumerate() {
                hasher.update(piece);
                taken += piece.len();
                assert_eq!(hasher.clone().root(), Ok(tree_hash(&data[..taken])), "{backend:?} {taken}");
                // In the middle of a right leaf; the two after it are a pair again.
                if turn == 5 {
                    assert_eq!(hasher.root(), Ok(tree_hash(&data[..taken])), "{backend:?} {taken}");
                }
            }
            assert_eq!(hasher.finish(), Ok(tree_hash(&data)), "{backend:?}");
        }
    }

    /// The other tests would not notice if nothing were ever stored.
    #[test]
    fn leaves_are_stored_where_pairs_are_faster() {
        for backend in Backend::available() {
            let mut memory = vec![0; LEAF];
            let mut hasher = LeafPairHasher::with_backend(&mut memory[..], backend);
            hasher.update(&[1; 192]);
            assert_eq!(hasher.position(), 192);
            assert_eq!(memory[..192] == [1; 192], backend.gains_from_pairs(), "{backend:?}");
        }
    }
}
