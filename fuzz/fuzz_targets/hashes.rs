//! Both hashes, in any pieces, against second implementations. A body begins with leaves that are hashed once for all runs, so that the few
//! bytes that are new reach over the end of one.
#![no_main]
use std::sync::LazyLock;

use glacier_core::PayloadHasher;
use glacier_fuzz::second;
use sha2::{Digest, Sha256};

/// Hashers that have seen all but the last `ROOM` bytes of so many leaves, or nothing.
struct Begun {
    ours: PayloadHasher,
    linear: Sha256,
    leaves: Vec<[u8; 32]>,
    leaf: Sha256,
    room: usize,
}

const ROOM: usize = 4096 - 37;

static BEGUN: LazyLock<Vec<Begun>> = LazyLock::new(|| {
    let begin = |count: usize| {
        let mut data: Vec<u8> = (0..count << 20).map(|i| (i * 31 + (i >> 11)) as u8).collect();
        data.truncate(data.len().saturating_sub(ROOM));
        let (whole, rest) = data.as_chunks::<{ 1 << 20 }>();
        let mut ours = PayloadHasher::new();
        ours.update(&data);
        let leaves = whole.iter().map(|leaf| Sha256::digest(leaf).into()).collect();
        let room = if count == 0 { 1 << 20 } else { ROOM };
        Begun { ours, linear: Sha256::new_with_prefix(&data), leaves, leaf: Sha256::new_with_prefix(rest), room }
    };
    (0..4).map(begin).collect()
});

libfuzzer_sys::fuzz_target!(|input: (u8, u16, Vec<u16>, &[u8])| {
    let (begun, times, sizes, block) = input;
    let begun = &BEGUN[usize::from(begun) % BEGUN.len()];
    let data = block.repeat((usize::from(times) + 1).min(8192 / block.len().max(1) + 1));

    let (mut ours, mut rest) = (begun.ours.clone(), &data[..]);
    for size in sizes.iter().map(|size| usize::from(*size % 2048) + 1).chain([data.len()]) {
        let (piece, tail) = rest.split_at(size.min(rest.len()));
        ours.update(piece);
        rest = tail;
    }
    let hashes = ours.finish().unwrap();

    let (old, new) = data.split_at(begun.room.min(data.len()));
    let mut leaves = begun.leaves.clone();
    leaves.push(begun.leaf.clone().chain_update(old).finalize().into());
    leaves.extend(new.chunks(1 << 20).map(|leaf| <[u8; 32]>::from(Sha256::digest(leaf))));
    let linear: [u8; 32] = begun.linear.clone().chain_update(&data).finalize().into();
    assert_eq!((hashes.linear.as_bytes(), Some(*hashes.tree.as_bytes())), (&linear, second::root(leaves)));
});
