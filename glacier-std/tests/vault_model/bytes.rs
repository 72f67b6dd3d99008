//! Bodies, their hashes and which ranges have a tree hash, by the definitions of section 5 of the API reference.

use glacier_core::{LinearHash, TreeHash};
use sha2::{Digest, Sha256};

/// 1 MiB; 256 bytes in a build with `--cfg glacier_sim`.
pub(crate) const LEAF: usize = glacier_core::LEAF_SIZE as usize;

/// Texts of descriptions, among them what a CSV inventory has to quote.
pub(crate) const TEXTS: [&str; 9] =
    ["", "a", "my archive description", "one,two", "say \"x\"", "a,b\\", "1\\\"2,", "back\\slash", "\"\""];

/// Sizes of archives: around one leaf, and of several.
pub(crate) const SIZES: [usize; 10] = [1, 77, 300, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF, 3 * LEAF + 5, 5 * LEAF, 6 * LEAF + LEAF / 2];

/// Bytes that are others for every `salt`.
pub(crate) fn data(length: usize, salt: u32) -> Vec<u8> {
    let salt = salt.to_le_bytes();
    // 251 divides no leaf, so no two leaves are alike.
    let block: Vec<u8> = salt.into_iter().chain((4..251u8).map(|n| n ^ salt[0].rotate_left(3))).collect();
    let mut bytes = block.repeat(length.div_ceil(block.len()));
    bytes.truncate(length);
    bytes
}

pub(crate) fn tree(data: &[u8]) -> String {
    let mut row: Vec<[u8; 32]> = data.chunks(LEAF).map(|leaf| Sha256::digest(leaf).into()).collect();
    while row.len() > 1 {
        let parent = |a: &[u8; 32], b: &[u8; 32]| Sha256::new().chain_update(a).chain_update(b).finalize().into();
        row = row.chunks(2).map(|pair| if let [a, b] = pair { parent(a, b) } else { pair[0] }).collect();
    }
    TreeHash::from_bytes(row.first().copied().unwrap_or_else(|| Sha256::digest([]).into())).to_string()
}

pub(crate) fn linear(data: &[u8]) -> String {
    LinearHash::from_bytes(Sha256::digest(data).into()).to_string()
}

/// Whether the bytes from `first` to `last` are those of a node of the tree over `size` bytes.
pub(crate) fn is_node(first: usize, last: usize, size: usize) -> bool {
    let mut row: Vec<(usize, usize)> =
        (0..size.div_ceil(LEAF)).map(|leaf| (leaf * LEAF, ((leaf + 1) * LEAF).min(size) - 1)).collect();
    loop {
        if row.contains(&(first, last)) {
            return true;
        }
        if row.len() <= 1 {
            return false;
        }
        row = row.chunks(2).map(|pair| (pair[0].0, pair[pair.len() - 1].1)).collect();
    }
}

/// A field of a CSV inventory: in quotation marks if it has a comma or one of those, which is then written `\"`.
pub(crate) fn quoted(field: &str) -> String {
    if field.contains([',', '"']) { format!("\"{}\"", field.replace('"', "\\\"")) } else { field.to_owned() }
}

/// The nodes of an archive of 6.5 leaves, as section 5.3 of the API reference lists them.
#[test]
fn nodes_are_those_of_the_reference() {
    let size = 6 * LEAF + LEAF / 2;
    let is_node = |from: usize, to: usize| is_node(from * LEAF, (to * LEAF).min(size) - 1, size);
    for (from, to) in [(0, 1), (0, 2), (0, 4), (0, 7), (2, 4), (4, 6), (4, 7), (6, 7)] {
        assert!(is_node(from, to), "{from} {to}");
    }
    for (from, to) in [(1, 3), (0, 3), (2, 6), (3, 5), (5, 7)] {
        assert!(!is_node(from, to), "{from} {to}");
    }
}
