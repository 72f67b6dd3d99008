//! The hashes of a body while it is received: the linear hash, the tree hash, and the tree's leaves. The leaves are stored, so that
//! the tree hash of any aligned range is known later without reading the data again.

use glacier_core::hash::{LinearHasher, PartTreeError};
use glacier_core::{LEAF_SIZE, LinearHash, TreeHash};

use super::tree::leaves_tree;

/// Hashes a body. The state grows by 32 bytes a leaf, to 128 KiB for the largest body.
#[derive(Default)]
pub(crate) struct BodyHasher {
    size: u64,
    whole: LinearHasher,
    leaf: LinearHasher,
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
        self.whole.update(bytes);
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.size > 0 && self.size.is_multiple_of(LEAF_SIZE) {
                self.end_leaf();
            }
            let room = LEAF_SIZE - self.size % LEAF_SIZE;
            let length = usize::try_from(room).unwrap_or(usize::MAX).min(rest.len());
            let (piece, tail) = rest.split_at(length);
            self.leaf.update(piece);
            self.size += length as u64;
            rest = tail;
        }
    }

    fn end_leaf(&mut self) {
        let leaf = std::mem::take(&mut self.leaf).finish();
        self.leaves.extend_from_slice(leaf.as_bytes());
    }

    pub(crate) fn finish(mut self) -> Result<HashedBody, PartTreeError> {
        // The last leaf may be short.
        self.end_leaf();
        let linear = self.whole.finish();
        if self.size <= LEAF_SIZE {
            return Ok(HashedBody { size: self.size, linear, tree: TreeHash::from_bytes(*linear.as_bytes()), leaves: Vec::new() });
        }
        let tree = leaves_tree(self.leaves.as_chunks().0, self.size)?;
        Ok(HashedBody { size: self.size, linear, tree, leaves: self.leaves })
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
