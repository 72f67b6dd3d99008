//! The hashes of a body while it is received: the linear hash, the tree hash, and the tree's leaves. The leaves are stored, so that
//! the tree hash of any aligned range is known later without reading the data again.

use glacier_core::hash::{LeavesHasher, PartTreeError};
use glacier_core::{LEAF_SIZE, LinearHash, TreeHash};

use super::tree::leaves_tree;

/// Hashes a body, both hashes in one pass. The state grows by 32 bytes a leaf, to 128 KiB for the largest body.
#[derive(Default)]
pub(crate) struct BodyHasher {
    hasher: LeavesHasher,
    leaves: Vec<u8>,
}

/// The hashes of a whole body.
pub(crate) struct HashedBody {
    pub(crate) size: u64,
    pub(crate) linear: LinearHash,
    pub(crate) tree: TreeHash,
    /// 32 bytes for each leaf; empty for a body of at most one leaf, which is the tree hash itself.
    pub(crate) leaves: Vec<u8>,
}

impl BodyHasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        let BodyHasher { hasher, leaves } = self;
        hasher.update(bytes, &mut |leaf| leaves.extend_from_slice(leaf.as_bytes()));
    }

    pub(crate) fn finish(self) -> Result<HashedBody, PartTreeError> {
        let BodyHasher { hasher, mut leaves } = self;
        let size = hasher.position();
        let linear = hasher.finish(&mut |leaf| leaves.extend_from_slice(leaf.as_bytes()));
        if size <= LEAF_SIZE {
            return Ok(HashedBody { size, linear, tree: TreeHash::from_bytes(*linear.as_bytes()), leaves: Vec::new() });
        }
        let tree = leaves_tree(leaves.as_chunks().0, size)?;
        Ok(HashedBody { size, linear, tree, leaves })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    const LEAF: usize = LEAF_SIZE as usize;

    #[test]
    fn both_hashes_and_the_leaves() {
        for length in [1, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF, 5 * LEAF + 3] {
            let data: Vec<u8> = (0..length).map(|i| (i * 7 % 253) as u8).collect();
            let mut hasher = BodyHasher::default();
            data.chunks(LEAF / 3 + 7).for_each(|piece| hasher.update(piece));
            let hashed = hasher.finish().unwrap();
            assert_eq!(hashed.size, length as u64);
            assert_eq!(hashed.linear.as_bytes(), &<[u8; 32]>::from(Sha256::digest(&data)));
            let leaves: Vec<[u8; 32]> = data.chunks(LEAF).map(|leaf| Sha256::digest(leaf).into()).collect();
            // The definition, word for word.
            let mut row = leaves.clone();
            while row.len() > 1 {
                let parent = |a: &[u8; 32], b: &[u8; 32]| Sha256::new().chain_update(a).chain_update(b).finalize().into();
                row = row.chunks(2).map(|pair| if let [a, b] = pair { parent(a, b) } else { pair[0] }).collect();
            }
            assert_eq!(hashed.tree, TreeHash::from_bytes(row[0]), "{length}");
            assert_eq!(hashed.leaves, if length <= LEAF { Vec::new() } else { leaves.concat() });
        }
    }
}
