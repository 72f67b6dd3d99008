//! Both hashes, in any pieces, against second implementations; bodies reach over several leaves.
#![no_main]
use glacier_core::PayloadHasher;
use glacier_fuzz::second;
use sha2::{Digest, Sha256};

libfuzzer_sys::fuzz_target!(|input: (u16, Vec<u16>, &[u8])| {
    let (times, sizes, block) = input;
    // Few bodies reach over a leaf, as those take their time.
    let largest = if times % 64 == 33 { (1 << 20) + 4096 } else { 8192 };
    let data = block.repeat((usize::from(times) * 64 + 1).min(largest / block.len().max(1) + 1));
    let (mut hasher, mut rest) = (PayloadHasher::new(), &data[..]);
    for size in sizes.iter().map(|size| usize::from(*size) * 16 + 1).chain([data.len()]) {
        let (piece, tail) = rest.split_at(size.min(rest.len()));
        hasher.update(piece);
        rest = tail;
    }
    let hashes = hasher.finish().unwrap();
    assert_eq!((hashes.linear.as_bytes(), hashes.tree.as_bytes()), (&Sha256::digest(&data).into(), &second::tree_hash(&data)));
});
