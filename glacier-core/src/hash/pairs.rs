//! The tree hash at the speed of two leaves at once, though its bytes come in small pieces.
//!
//! Two leaves fill the pipeline that one leaves half empty, but they lie 1 MiB apart, and a connection gives some KiB at a time. So
//! every other leaf is only kept when it comes, in memory that the caller lends, and is hashed beside the leaf behind it. That costs a
//! copy of half of the bytes, and no pass.

use core::fmt;

use super::compress::{Backend, Block, State, initial};
use super::digest::TreeHash;
use super::subtrees::TooLarge;
use super::tree::{LEAF_BLOCKS, TreeHasher};
use crate::values::LEAF_SIZE;

/// Computes what a [`TreeHasher`] computes, up to twice as fast where the processor hashes two leaves at once, in memory lent to it.
///
/// The memory is 1 MiB: a `&mut [u8]`, an array or a `Vec`; what is in it does not matter. With less, or where the processor would gain
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
    /// It is the left one of a pair: as many blocks of it as are filled lie in memory, and none is hashed.
    Kept,
    /// It is the right one, and is hashed beside the left one: this is the state of that, which is as far.
    Beside(State),
}

impl<M: AsMut<[u8]>> LeafPairHasher<M> {
    /// A hasher that has seen nothing.
    pub fn new(memory: M) -> Self {
        LeafPairHasher::with_backend(memory, Backend::detect())
    }

    /// The same, with a backend of the caller's choice.
    pub fn with_backend(memory: M, backend: Backend) -> Self {
        LeafPairHasher { tree: TreeHasher::with_backend(backend), memory, now: Now::Alone }
    }

    /// Bytes taken so far.
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

    /// The tree hash of all that was taken, and of nothing the SHA-256 of nothing.
    ///
    /// # Errors
    /// [`TooLarge`] when that was 64 TiB or more, which no archive can hold.
    pub fn finish(mut self) -> Result<TreeHash, TooLarge> {
        self.catch_up();
        self.tree.finish()
    }

    /// As [`finish`](LeafPairHasher::finish), without ending it.
    pub(crate) fn root(&mut self) -> Result<TreeHash, TooLarge> {
        self.catch_up();
        self.tree.clone().finish()
    }

    /// Works in another memory from now on.
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
            // Where two leaves lie in one piece, they need not be kept.
            Now::Alone if beginning && blocks.len() < 2 * LEAF_BLOCKS => {
                *now = Now::Kept;
                blocks
            }
            Now::Alone => tree.take_blocks(blocks),
            Now::Kept => {
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

    /// Hashes what is kept, without waiting for what would stand beside it.
    fn catch_up(&mut self) {
        let LeafPairHasher { tree, memory, now } = self;
        // So that a device, which keeps nothing, has none of this in its flash.
        if !tree.backend.gains_from_pairs() {
            return;
        }
        let kept = memory.as_mut().as_chunks().0;
        match core::mem::replace(now, Now::Alone) {
            Now::Alone => {}
            Now::Kept => {
                let kept = kept.get(..tree.filled_blocks()).unwrap_or_default();
                tree.backend.one(&mut tree.leaf, kept);
            }
            Now::Beside(mut left) => {
                let kept = kept.get(tree.filled_blocks()..LEAF_BLOCKS).unwrap_or_default();
                tree.backend.one(&mut left, kept);
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
    fn every_length_piece_and_memory_gives_the_tree_hash() {
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

    /// What is asked for on the way is right, and so is what comes after it.
    #[test]
    fn the_root_can_be_asked_for_at_any_time() {
        let data = data(4 * LEAF + 5);
        for backend in Backend::available() {
            let mut hasher = LeafPairHasher::with_backend(vec![0; LEAF], backend);
            let mut taken = 0;
            for (turn, piece) in data.chunks(LEAF / 4 + 11).enumerate() {
                hasher.update(piece);
                taken += piece.len();
                assert_eq!(hasher.clone().root(), Ok(tree_hash(&data[..taken])), "{backend:?} {taken}");
                // In the middle of a right leaf; the next two are a pair again.
                if turn == 5 {
                    assert_eq!(hasher.root(), Ok(tree_hash(&data[..taken])), "{backend:?} {taken}");
                }
            }
            assert_eq!(hasher.finish(), Ok(tree_hash(&data)), "{backend:?}");
        }
    }

    /// Other tests would not notice if nothing were ever kept.
    #[test]
    fn leaves_are_kept_where_that_gains_something() {
        for backend in Backend::available() {
            let mut memory = vec![0; LEAF];
            let mut hasher = LeafPairHasher::with_backend(&mut memory[..], backend);
            hasher.update(&[1; 192]);
            assert_eq!(hasher.position(), 192);
            assert_eq!(memory[..192] == [1; 192], backend.gains_from_pairs(), "{backend:?}");
        }
    }
}
