//! Laws of the hashers: however the bytes are cut into pieces, the result is that of the definition.

use glacier_core::hash::{Backend, LeafPairHasher, LinearHasher, PartTree};
use glacier_core::{LEAF_SIZE, LinearHash, PartSize, PayloadHasher, TreeHash, TreeHasher};
use glacier_tests::{property_cases, second};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const LEAF: usize = LEAF_SIZE as usize;

/// Bytes of which no two leaves are alike, of a length that may be at a boundary or next to one.
fn data() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![
        0usize..5,
        (0usize..6, -2i64..=2).prop_map(|(leaves, off)| (leaves * LEAF).saturating_add_signed(off as isize)),
        0usize..6 * LEAF,
    ];
    (length, any::<u8>()).prop_map(|(length, salt)| {
        let block: Vec<u8> = (0..=250).map(|byte: u8| byte ^ salt).collect();
        let mut bytes = block.repeat(length / 251 + 1);
        bytes.truncate(length);
        bytes
    })
}

/// Lengths at and around the ends of blocks, of the padding and of leaves, with the cut at and around the end of the first block, for each
/// backend against sha2.
#[test]
fn every_backend_at_every_boundary() {
    let data: Vec<u8> = (0..3 * LEAF + 200).map(|at| (at % 251) as u8).collect();
    let near = |end: usize| [0, 1, 2, 56, 57, 63, 64, 65, 66, 119, 120, 121, 128, 129, 130].map(|off| end + off - 65);
    let lengths = (0..260).chain([LEAF, 2 * LEAF, 3 * LEAF].into_iter().flat_map(near));
    for length in lengths {
        let data = &data[..length];
        let tree = TreeHash::from_bytes(second::tree_hash(data));
        let linear = LinearHash::from_bytes(Sha256::digest(data).into());
        let cuts: &[usize] = if length < LEAF / 2 { &[0, 1, 63, 64, 65] } else { &[0, 63] };
        for backend in Backend::available() {
            for cut in cuts.iter().filter(|cut| **cut <= length) {
                let (first, rest) = data.split_at(*cut);
                let (mut both, mut pairs) =
                    (PayloadHasher::with_backend(backend), LeafPairHasher::with_backend(vec![0; LEAF], backend));
                for piece in [first, rest] {
                    both.update(piece);
                    pairs.update(piece);
                }
                let hashes = both.finish().unwrap();
                assert_eq!((hashes.linear, hashes.tree), (linear, tree), "{backend:?} {length} {cut}");
                assert_eq!(pairs.finish(), Ok(tree), "{backend:?} {length} {cut}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(property_cases(96)))]

    /// Each backend of this processor, against sha2 and the definition of the tree.
    #[test]
    fn any_split_gives_the_definition(data in data(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12)) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(data.len() + 1)).collect();
        cuts.extend([0, data.len()]);
        cuts.sort_unstable();
        let tree = TreeHash::from_bytes(second::tree_hash(&data));
        let linear = LinearHash::from_bytes(Sha256::digest(&data).into());
        for backend in Backend::available() {
            let mut both = PayloadHasher::with_backend(backend);
            let mut alone = TreeHasher::with_backend(backend);
            let mut pairs = LeafPairHasher::with_backend(vec![0; LEAF], backend);
            let mut line = LinearHasher::with_backend(backend);
            for piece in cuts.windows(2) {
                let piece = &data[piece[0]..piece[1]];
                both.update(piece);
                alone.update(piece);
                pairs.update(piece);
                line.update(piece);
            }
            let hashes = both.finish().unwrap();
            prop_assert_eq!((hashes.tree, hashes.linear, hashes.size), (tree, linear, data.len() as u64), "{:?}", backend);
            prop_assert_eq!(alone.finish(), Ok(tree), "{:?}", backend);
            prop_assert_eq!(pairs.finish(), Ok(tree), "{:?}", backend);
            prop_assert_eq!(line.finish(), linear, "{:?}", backend);
        }
    }

    /// The tree hash of every part is a subtree, for any part size, and the last part may be shorter.
    #[test]
    fn parts_are_subtrees(data in data().prop_filter("an archive is not empty", |data| !data.is_empty()), log in 0u32..4) {
        let size = PartSize::from_bytes(LEAF_SIZE << log).unwrap();
        let expected = TreeHash::from_bytes(second::tree_hash(&data));
        let mut tree = PartTree::new(size);
        for part in data.chunks(size.bytes() as usize) {
            tree.push(part.len() as u64, TreeHash::from_bytes(second::tree_hash(part))).unwrap();
        }
        prop_assert_eq!((tree.size(), tree.finish()), (data.len() as u64, Ok(expected)));
    }

    /// Without the bytes, the trees are as large as those of real archives.
    #[test]
    fn any_number_of_parts_gives_the_definition(parts in 1usize..3000, log in 0u32..=12, short in any::<bool>()) {
        let size = PartSize::from_bytes(LEAF_SIZE << log).unwrap();
        let digests: Vec<[u8; 32]> = (0..parts).map(|part| Sha256::digest(part.to_le_bytes()).into()).collect();
        let mut tree = PartTree::new(size);
        for (part, digest) in digests.iter().enumerate() {
            let size = if short && part + 1 == parts { 1 } else { size.bytes() };
            tree.push(size, TreeHash::from_bytes(*digest)).unwrap();
        }
        prop_assert_eq!(tree.finish(), Ok(TreeHash::from_bytes(second::root(digests).unwrap())));
    }

    /// A hash is written and read as hexadecimal digits, and no other text is one.
    #[test]
    fn hashes_are_64_hexadecimal_digits(bytes in any::<[u8; 32]>(), other in "[0-9a-fA-F]{0,70}") {
        let hash = TreeHash::from_bytes(bytes);
        prop_assert_eq!(hash.to_string(), glacier_tests::vectors::to_hex(&bytes));
        prop_assert_eq!(hash.to_string().to_uppercase().parse(), Ok(hash));
        prop_assert_eq!(other.parse::<TreeHash>().is_ok(), other.len() == 64);
    }
}
