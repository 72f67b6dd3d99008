//! The parts of a multipart upload that the service has acknowledged, and the hash of the archive they make.

use std::collections::BTreeMap;

use glacier_core::hash::{PartTree, PartTreeError};
use glacier_core::values::LayoutError;
use glacier_core::{PartSize, PayloadHashes, TreeHash};

/// The acknowledged parts, in whatever order they arrived.
pub(super) struct AcknowledgedParts {
    /// Bytes in all of them.
    size: u64,
    /// The parts in their order, up to the first that is still being uploaded.
    tree: PartTree,
    /// Those after it, by their first byte.
    early: BTreeMap<u64, PayloadHashes>,
}

impl AcknowledgedParts {
    pub(super) fn new(part_size: PartSize) -> Self {
        AcknowledgedParts { size: 0, tree: PartTree::new(part_size), early: BTreeMap::new() }
    }

    pub(super) fn part_size(&self) -> PartSize {
        self.tree.part_size()
    }

    /// Bytes in all acknowledged parts.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Adds the part that begins at byte `first`.
    pub(super) fn add(&mut self, first: u64, hashes: PayloadHashes) {
        self.size += hashes.size;
        self.early.insert(first, hashes);
        while let Some(PayloadHashes { tree, size, .. }) = self.early.remove(&self.tree.size()) {
            // Parts are cut at the part size, so each fits after the one before.
            let fits = self.tree.push(size, tree);
            debug_assert!(fits.is_ok());
        }
    }

    /// The archive's tree hash, from those of its parts.
    pub(super) fn tree_hash(&self) -> Result<TreeHash, LayoutError> {
        self.tree.finish().map_err(|error| match error {
            PartTreeError::Empty => LayoutError::Empty,
            _ => LayoutError::TooLarge { size: self.size },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::test_support::tree_hash;
    use glacier_core::PayloadHasher;

    #[test]
    fn the_archives_hash_does_not_depend_on_the_order_in_which_parts_arrive() {
        let part = PartSize::MIN.bytes();
        let data: Vec<u8> = (0..4 * part + 77).map(|at| (at % 251) as u8).collect();
        let pieces: Vec<&[u8]> = data.chunks(part as usize).collect();
        for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3], [1, 4, 0, 3, 2]] {
            let mut parts = AcknowledgedParts::new(PartSize::MIN);
            for index in order {
                let mut hasher = PayloadHasher::new();
                hasher.update(pieces[index]);
                parts.add(index as u64 * part, hasher.finish().unwrap());
            }
            assert_eq!((parts.size(), parts.tree_hash()), (data.len() as u64, Ok(tree_hash(&data))), "{order:?}");
            assert!(parts.early.is_empty());
        }
    }
}
