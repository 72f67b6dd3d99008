//! Both hashes of a body in one pass.

use super::compress::{Backend, State, initial};
use super::digest::{LinearHash, TreeHash};
use super::subtrees::TooLarge;
use super::tree::TreeHasher;
use crate::values::LEAF_SIZE;

/// The hashes and the size of a body, which the request that sends it states. Computed by a [`PayloadHasher`], or made
/// [from what is known](PayloadHashes::from_parts).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct PayloadHashes {
    /// The SHA-256 of the body.
    pub linear: LinearHash,
    /// Its tree hash.
    pub tree: TreeHash,
    /// The bytes in the body.
    pub size: u64,
}

impl PayloadHashes {
    /// The hashes of a body that were computed elsewhere: by a hash peripheral, or while the body was recorded. Up to 1 MiB both hashes
    /// are the same 32 bytes.
    #[must_use]
    pub const fn from_parts(linear: LinearHash, tree: TreeHash, size: u64) -> Self {
        PayloadHashes { linear, tree, size }
    }
}

/// Computes linear hash and tree hash of the same bytes in one pass, where the processor allows at the cost of one hash.
///
/// The first leaf begins as the linear hash does, so up to 1 MiB the two are one; after it both states take each block together.
#[derive(Clone, Debug)]
#[must_use]
pub struct PayloadHasher {
    line: State,
    tree: TreeHasher,
}

impl PayloadHasher {
    /// A hasher of no bytes yet.
    pub fn new() -> Self {
        PayloadHasher::with_backend(Backend::detect())
    }

    /// The same, with this backend.
    pub fn with_backend(backend: Backend) -> Self {
        PayloadHasher { line: initial(), tree: TreeHasher::with_backend(backend) }
    }

    /// Takes the next bytes. Pieces of 64 KiB and more are hashed at full speed.
    pub fn update(&mut self, bytes: &[u8]) {
        let PayloadHasher { line, tree } = self;
        let mut tail = tree.take_tail();
        tail.feed(bytes, &mut |blocks| {
            let mut rest = blocks;
            while !rest.is_empty() {
                let first_leaf = tree.is_in_first_leaf();
                rest = tree.leaf_blocks(rest, &mut |backend, leaf, now| {
                    if first_leaf {
                        backend.one(line, now);
                        leaf.clone_from(line);
                    } else {
                        backend.both(line, leaf, now);
                    }
                });
            }
        });
        tree.tail = tail;
    }

    /// The bytes taken so far.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.tree.position()
    }

    /// Both hashes.
    ///
    /// # Errors
    /// [`TooLarge`] for 64 TiB or more.
    pub fn finish(self) -> Result<PayloadHashes, TooLarge> {
        let size = self.tree.position();
        let linear = LinearHash::from_bytes(self.tree.backend.finish(&self.line, self.tree.tail.bytes(), size));
        let tree = if size <= LEAF_SIZE { TreeHash::from_bytes(*linear.as_bytes()) } else { self.tree.finish()? };
        Ok(PayloadHashes { linear, tree, size })
    }
}

impl Default for PayloadHasher {
    fn default() -> Self {
        PayloadHasher::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::by_definition::{data, tree_hash};
    use sha2::{Digest, Sha256};

    #[test]
    fn up_to_one_leaf_both_hashes_are_equal() {
        let mut hasher = PayloadHasher::new();
        hasher.update(b"hello, world");
        let hashes = hasher.finish().unwrap();
        // From `printf 'hello, world' | sha256sum`.
        let expected = "09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b";
        assert_eq!(hashes.linear, expected.parse().unwrap());
        assert_eq!(hashes.tree, expected.parse().unwrap());
        assert_eq!(hashes.size, 12);
    }

    #[test]
    fn both_hashes_are_the_definitions() {
        const LEAF: usize = LEAF_SIZE as usize;
        let data = data(5 * LEAF + 77);
        for len in [0, 1, 63, 64, 65, LEAF - 1, LEAF, LEAF + 1, LEAF + 64, 2 * LEAF, 3 * LEAF + 5, data.len()] {
            let data = &data[..len];
            let tree = tree_hash(data);
            for backend in Backend::available() {
                for piece in [LEAF / 256 + 1, LEAF, data.len().max(1)] {
                    let mut hasher = PayloadHasher::with_backend(backend);
                    for piece in data.chunks(piece) {
                        hasher.update(piece);
                    }
                    let hashes = hasher.finish().unwrap();
                    assert_eq!(*hashes.linear.as_bytes(), <[u8; 32]>::from(Sha256::digest(data)), "{backend:?} {len} {piece}");
                    assert_eq!((hashes.tree, hashes.size), (tree, len as u64), "{backend:?} {len} {piece}");
                }
            }
        }
    }
}
