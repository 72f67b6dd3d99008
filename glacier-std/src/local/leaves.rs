//! The hashes of a body while it arrives: the linear one, the tree's, and the tree's leaves, which are kept so that the tree hash of
//! any aligned range is known later without reading the data again.

use std::fmt;

use glacier_core::hash::{LinearHasher, PartTree, PartTreeError};
use glacier_core::{ByteRange, LEAF_SIZE, LinearHash, PartSize, TreeHash};

use super::records::Piece;
use super::refuse::Refused;

/// Hashes a body. The state grows by 32 bytes a leaf, to 128 KiB for the largest body.
#[derive(Default)]
pub(super) struct BodyHasher {
    size: u64,
    whole: LinearHasher,
    leaf: LinearHasher,
    leaves: Vec<u8>,
}

/// What is known of a body once it is whole.
pub(super) struct BodyHashes {
    pub(super) size: u64,
    pub(super) linear: LinearHash,
    pub(super) tree: TreeHash,
    /// 32 bytes for each leaf; empty for a body of at most one, which is the tree hash itself.
    pub(super) leaves: Vec<u8>,
}

impl BodyHasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
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

    pub(super) fn finish(mut self) -> Result<BodyHashes, PartTreeError> {
        // The leaf in hand, the last one, may be whole or not.
        self.end_leaf();
        let linear = self.whole.finish();
        if self.size <= LEAF_SIZE {
            return Ok(BodyHashes { size: self.size, linear, tree: TreeHash::from_bytes(*linear.as_bytes()), leaves: Vec::new() });
        }
        let tree = tree_of(self.leaves.as_chunks().0, self.size)?;
        Ok(BodyHashes { size: self.size, linear, tree, leaves: self.leaves })
    }
}

/// The tree hash of `size` bytes over their leaves.
fn tree_of(leaves: &[[u8; 32]], size: u64) -> Result<TreeHash, PartTreeError> {
    let mut tree = PartTree::new(PartSize::MIN);
    for leaf in leaves {
        let left = size.saturating_sub(tree.size());
        let fits = tree.push(left.min(LEAF_SIZE), TreeHash::from_bytes(*leaf));
        debug_assert!(fits.is_ok(), "{} leaves of {size} bytes", leaves.len());
    }
    tree.finish()
}

/// The tree hash of an archive from the pieces that it was uploaded in, which begin one after the other from byte 0.
pub(super) fn archive_tree<'p>(part_size: PartSize, pieces: impl Iterator<Item = &'p Piece>) -> Result<TreeHash, Refused> {
    let mut tree = PartTree::new(part_size);
    for piece in pieces {
        tree.push(piece.size, piece.tree).map_err(|error| Refused::invalid(error.to_string()))?;
    }
    tree.finish().map_err(|error| Refused::invalid(error.to_string()))
}

/// The tree hash of a range of an archive that is aligned to its tree.
///
/// Such a range is a node of the tree, as every whole piece is. So it either holds whole pieces only, whose hashes are known,
/// or lies within one, whose leaves are asked for.
pub(super) fn range_tree(
    range: ByteRange,
    part_size: PartSize,
    pieces: &[(u64, Piece)],
    leaves: impl Fn(&Piece) -> Result<Vec<u8>, Refused>,
) -> Result<TreeHash, Refused> {
    let damaged = |error: &dyn fmt::Display| Refused::unavailable(error.to_string());
    let mut whole_pieces = PartTree::new(part_size);
    for (first, piece) in pieces {
        let end = first + piece.size;
        if end <= range.first() || *first > range.last() {
            continue;
        }
        if range.first() <= *first && end - 1 <= range.last() {
            whole_pieces.push(piece.size, piece.tree).map_err(|error| damaged(&error))?;
            continue;
        }
        let leaves = leaves(piece)?;
        let from = (range.first() - first) / LEAF_SIZE;
        let until = (range.last() - first) / LEAF_SIZE + 1;
        let wanted = leaves.as_chunks().0.get(index(from)..index(until)).unwrap_or_default();
        return tree_of(wanted, range.len()).map_err(|error| damaged(&error));
    }
    whole_pieces.finish().map_err(|error| damaged(&error))
}

fn index(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    const LEAF: usize = LEAF_SIZE as usize;

    /// The definition, word for word.
    fn by_definition(data: &[u8]) -> TreeHash {
        let mut row: Vec<[u8; 32]> = data.chunks(LEAF).map(|leaf| Sha256::digest(leaf).into()).collect();
        while row.len() > 1 {
            let parent = |a: &[u8; 32], b: &[u8; 32]| Sha256::new().chain_update(a).chain_update(b).finalize().into();
            row = row.chunks(2).map(|pair| if let [a, b] = pair { parent(a, b) } else { pair[0] }).collect();
        }
        TreeHash::from_bytes(row[0])
    }

    fn data(length: usize) -> Vec<u8> {
        (0..length).map(|i| (i * 7 % 253) as u8).collect()
    }

    fn hashes(data: &[u8]) -> BodyHashes {
        let mut hasher = BodyHasher::default();
        data.chunks(LEAF / 3 + 7).for_each(|piece| hasher.update(piece));
        hasher.finish().unwrap()
    }

    #[test]
    fn both_hashes_and_the_leaves() {
        for length in [1, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF, 5 * LEAF + 3] {
            let data = data(length);
            let hashes = hashes(&data);
            assert_eq!(hashes.size, length as u64);
            assert_eq!(hashes.linear.as_bytes(), &<[u8; 32]>::from(Sha256::digest(&data)));
            assert_eq!(hashes.tree, by_definition(&data), "{length}");
            let leaves: Vec<u8> = data.chunks(LEAF).flat_map(Sha256::digest).collect();
            assert_eq!(hashes.leaves, if length <= LEAF { Vec::new() } else { leaves });
        }
    }

    #[test]
    fn every_aligned_range_of_archives_in_one_piece_and_in_parts() {
        let data = data(7 * LEAF - 5);
        let size = data.len() as u64;
        for leaves in [1, 2, 4, 8] {
            let part_size = PartSize::from_bytes(leaves * LEAF_SIZE).unwrap();
            let cut: Vec<&[u8]> = data.chunks(part_size.bytes() as usize).collect();
            let all: Vec<BodyHashes> = cut.iter().map(|part| hashes(part)).collect();
            let pieces: Vec<(u64, Piece)> = all
                .iter()
                .enumerate()
                .map(|(n, h)| (n as u64 * part_size.bytes(), Piece { blob: (n as u128).into(), size: h.size, tree: h.tree }))
                .collect();
            assert_eq!(archive_tree(part_size, pieces.iter().map(|(_, piece)| piece)), Ok(by_definition(&data)));
            let mut aligned = 0;
            for first in 0..7 {
                for last in first..7 {
                    let end = ((last + 1) * LEAF_SIZE).min(size);
                    let range = ByteRange::new(first * LEAF_SIZE, end - 1).unwrap();
                    if range.is_tree_hash_aligned(size) {
                        aligned += 1;
                        let ours = range_tree(range, part_size, &pieces, |piece| {
                            Ok(all[usize::try_from(piece.blob.number()).unwrap()].leaves.clone())
                        });
                        let bytes = &data[range.first() as usize..=range.last() as usize];
                        assert_eq!(ours, Ok(by_definition(bytes)), "{range} in parts of {part_size}");
                    }
                }
            }
            // Seven leaves, [0,2) [2,4) [4,6) [0,4) [4,7) and the whole.
            assert_eq!(aligned, 13);
        }
    }
}
