//! Sizes and ranges: what is accepted follows the rules, and aligned ranges are nodes of the tree.
#![no_main]
use glacier_core::{ByteRange, LEAF_SIZE, Layout, PartSize};
use glacier_fuzz::second;

libfuzzer_sys::fuzz_target!(|input: (u64, u64, u64, u8, &str)| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    let (size, first, last, leaves, text) = input;
    if let Ok(range) = text.parse::<ByteRange>() {
        assert_eq!(range.to_string().parse(), Ok(range));
    }
    if let (Ok(part_size), Ok(range)) = (PartSize::smallest_for(size), ByteRange::new(first, last)) {
        let covered = Layout::new(size, part_size).map(|layout| layout.parts().map(|part| part.len()).sum::<u64>());
        assert_eq!(covered.unwrap_or(0), size);
        assert!(range.is_mib_aligned(size) || !range.is_tree_hash_aligned(size));
    }
    let leaves = u64::from(leaves % 40) + 1;
    let (from, to) = (first % leaves, first % leaves + 1 + last % (leaves - first % leaves));
    let range = ByteRange::new(from * LEAF_SIZE, to * LEAF_SIZE - 1).unwrap();
    assert_eq!(range.is_tree_hash_aligned(leaves * LEAF_SIZE), second::nodes(leaves).contains(&(from, to)));
});
