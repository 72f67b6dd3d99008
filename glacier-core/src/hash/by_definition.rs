//! For tests: the tree hash as the developer guide defines it, word for word, on the sha2 crate.

use sha2::{Digest, Sha256};
use std::vec::Vec;

use super::digest::TreeHash;
use crate::values::LEAF_SIZE;

/// Hash the leaves, then pair the neighbors until one is left; without a neighbor a digest moves up unchanged.
pub(crate) fn tree_hash(data: &[u8]) -> TreeHash {
    let mut row: Vec<[u8; 32]> = data.chunks(LEAF_SIZE as usize).map(|leaf| Sha256::digest(leaf).into()).collect();
    while row.len() > 1 {
        let parent = |a: &[u8; 32], b: &[u8; 32]| Sha256::new().chain_update(a).chain_update(b).finalize().into();
        row = row.chunks(2).map(|pair| if let [a, b] = pair { parent(a, b) } else { pair[0] }).collect();
    }
    TreeHash::from_bytes(row.first().copied().unwrap_or_else(|| Sha256::digest([]).into()))
}

/// Bytes of which no two leaves are alike.
pub(crate) fn data(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i % 251) as u8).collect()
}
