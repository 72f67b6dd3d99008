//! Both hashes, of a body split in any way, against second implementations.
#![no_main]
use glacier_fuzz::prefix::Prefix;

libfuzzer_sys::fuzz_target!(|input: (u8, u16, Vec<u16>, &[u8])| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    let (prefix, times, sizes, block) = input;
    let prefix = Prefix::any(prefix);
    let data = block.repeat((usize::from(times) + 1).min(8192 / block.len().max(1) + 1));
    let (mut hasher, mut rest) = (prefix.ours.clone(), &data[..]);
    for size in sizes.iter().map(|size| usize::from(*size % 2048) + 1).chain([data.len()]) {
        let (piece, tail) = rest.split_at(size.min(rest.len()));
        hasher.update(piece);
        rest = tail;
    }
    let hashes = hasher.finish().unwrap();
    assert_eq!((*hashes.linear.as_bytes(), *hashes.tree.as_bytes()), prefix.expected(&data));
});
