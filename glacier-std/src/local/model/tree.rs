//! Tree hashes of archives and of ranges of them, from what is stored: the hashes of the pieces and the leaves of each piece.

use std::fmt;

use glacier_core::hash::{PartTree, PartTreeError};
use glacier_core::{ByteRange, LEAF_SIZE, PartSize, TreeHash};

use super::api_error::ApiError;
use super::archive::PieceRecord;

/// The tree hash of `size` bytes over their leaves.
pub(super) fn leaves_tree(leaves: &[[u8; 32]], size: u64) -> Result<TreeHash, PartTreeError> {
    let mut tree = PartTree::new(PartSize::MIN);
    for leaf in leaves {
        let left = size.saturating_sub(tree.size());
        let fits = tree.push(left.min(LEAF_SIZE), TreeHash::from_bytes(*leaf));
        debug_assert!(fits.is_ok(), "{} leaves of {size} bytes", leaves.len());
    }
    tree.finish()
}

/// The tree hash of an archive from all its pieces, each with its first byte, in order.
pub(super) fn archive_tree(part_size: PartSize, pieces: &[(u64, PieceRecord)]) -> Result<TreeHash, ApiError> {
    let mut tree = PartTree::new(part_size);
    for (_, piece) in pieces {
        tree.push(piece.size, piece.tree).map_err(|error| ApiError::invalid(error.to_string()))?;
    }
    tree.finish().map_err(|error| ApiError::invalid(error.to_string()))
}

/// The tree hash of a range of an archive that is aligned to its tree.
///
/// Such a range is a node of the tree, as every whole piece is. So it either holds whole pieces only, whose hashes are known,
/// or lies within one, whose leaves are asked for.
pub(crate) fn range_tree<E: From<ApiError>>(
    range: ByteRange,
    part_size: PartSize,
    pieces: &[(u64, PieceRecord)],
    leaves: impl Fn(&PieceRecord) -> Result<Vec<u8>, E>,
) -> Result<TreeHash, E> {
    let damaged = |error: &dyn fmt::Display| ApiError::unavailable(error.to_string());
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
        return Ok(leaves_tree(wanted, range.len()).map_err(|error| damaged(&error))?);
    }
    Ok(whole_pieces.finish().map_err(|error| damaged(&error))?)
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

    #[test]
    fn every_aligned_range_of_archives_in_one_piece_and_in_parts() {
        let data: Vec<u8> = (0..7 * LEAF - 5).map(|i| (i * 7 % 253) as u8).collect();
        let size = data.len() as u64;
        for leaves in [1, 2, 4, 8] {
            let part_size = PartSize::from_bytes(leaves * LEAF_SIZE).unwrap();
            let parts: Vec<&[u8]> = data.chunks(part_size.bytes() as usize).collect();
            let pieces: Vec<(u64, PieceRecord)> = parts
                .iter()
                .enumerate()
                .map(|(n, part)| {
                    let piece = PieceRecord { blob: (n as u128).into(), size: part.len() as u64, tree: by_definition(part) };
                    (n as u64 * part_size.bytes(), piece)
                })
                .collect();
            assert_eq!(archive_tree(part_size, &pieces), Ok(by_definition(&data)));
            let mut aligned = 0;
            for first in 0..7 {
                for last in first..7 {
                    let end = ((last + 1) * LEAF_SIZE).min(size);
                    let range = ByteRange::new(first * LEAF_SIZE, end - 1).unwrap();
                    if range.is_tree_hash_aligned(size) {
                        aligned += 1;
                        let ours = range_tree::<ApiError>(range, part_size, &pieces, |piece| {
                            let part = parts[usize::try_from(piece.blob.number()).unwrap()];
                            Ok(part.chunks(LEAF).flat_map(Sha256::digest).collect())
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
