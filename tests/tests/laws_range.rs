//! Laws of sizes and ranges: the parts of a layout cover the archive, and aligned ranges are nodes of its tree.

use glacier_core::values::{LayoutError, MAX_PARTS};
use glacier_core::{ByteRange, LEAF_SIZE, Layout, PartSize};
use glacier_tests::{property_cases, second};
use proptest::prelude::*;

const LARGEST: u64 = MAX_PARTS * 4096 * LEAF_SIZE;

fn size() -> impl Strategy<Value = u64> {
    let beside = |unit: u64| (0u64..12_000, -2i64..=2).prop_map(move |(n, off)| (n * unit).saturating_add_signed(off));
    prop_oneof![0u64..10, beside(LEAF_SIZE), beside(4096 * LEAF_SIZE), 0..LARGEST, any::<u64>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(property_cases(512)))]

    #[test]
    fn part_sizes_are_leaves_times_powers_of_two(bytes in prop_oneof![any::<u64>(), (0u32..64).prop_map(|log| 1 << log), size()]) {
        let legal = (0..=12).map(|log| LEAF_SIZE << log).any(|size| size == bytes);
        prop_assert_eq!(PartSize::from_bytes(bytes).is_ok(), legal);
    }

    #[test]
    fn parts_cover_the_archive_without_overlap(size in size(), log in 0u32..=12) {
        let part_size = PartSize::from_bytes(LEAF_SIZE << log).unwrap();
        match Layout::new(size, part_size) {
            Ok(layout) => {
                prop_assert!(size > 0 && layout.count() <= MAX_PARTS);
                let mut next = 0;
                let mut count = 0;
                for part in layout.parts() {
                    prop_assert_eq!(part.first(), next);
                    next = part.last() + 1;
                    count += 1;
                    let fits = if next < size { part.len() == part_size.bytes() } else { part.len() <= part_size.bytes() };
                    prop_assert!(fits);
                }
                prop_assert_eq!((next, count), (size, layout.count()));
                prop_assert_eq!(layout.part(count), None);
                prop_assert_eq!(layout.part(u64::MAX), None);
            }
            Err(LayoutError::Empty) => prop_assert_eq!(size, 0),
            Err(LayoutError::TooManyParts { needed, .. }) => {
                prop_assert!(u128::from(size) > u128::from(MAX_PARTS) * u128::from(part_size.bytes()));
                prop_assert!(Layout::new(size, needed).is_ok() && needed > part_size);
            }
            Err(_) => prop_assert!(size > LARGEST),
        }
    }

    #[test]
    fn the_smallest_part_size_is_just_large_enough(size in size()) {
        match PartSize::smallest_for(size) {
            Ok(part_size) => {
                prop_assert!(u128::from(size) <= u128::from(MAX_PARTS) * u128::from(part_size.bytes()));
                let half = part_size.bytes() / 2;
                prop_assert!(half < LEAF_SIZE || u128::from(size) > u128::from(MAX_PARTS) * u128::from(half));
            }
            Err(_) => prop_assert!(size > LARGEST),
        }
    }

    #[test]
    fn ranges_are_written_and_read(first in size(), last in size()) {
        match ByteRange::new(first, last) {
            Ok(range) => {
                prop_assert_eq!(range.to_string().parse(), Ok(range));
                prop_assert_eq!(ByteRange::with_length(first, range.len()), Ok(range));
            }
            Err(_) => prop_assert!(last < first || (first == 0 && last == u64::MAX)),
        }
    }

    /// Of any text: what is read is written in the same way, except for leading zeros.
    #[test]
    fn only_ranges_are_read(text in prop_oneof!["[-+0-9 a]{0,24}", "[+ 0]?[0-9]{1,3}-[+ 0]?[0-9]{1,20}"]) {
        if let Ok(range) = text.parse::<ByteRange>() {
            let (first, last) = text.split_once('-').unwrap();
            prop_assert_eq!((first.parse(), last.parse()), (Ok(range.first()), Ok(range.last())));
            prop_assert!(text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()));
        }
    }

    /// Ends next to a boundary are not aligned.
    #[test]
    fn only_boundaries_are_aligned(size in 1u64..40 * LEAF_SIZE, first in 0u64..40 * LEAF_SIZE, last in 0u64..40 * LEAF_SIZE) {
        if let Ok(range) = ByteRange::new(first, last) {
            let whole = last < size && first % LEAF_SIZE == 0 && ((last + 1) % LEAF_SIZE == 0 || last + 1 == size);
            prop_assert_eq!(range.is_mib_aligned(size), whole);
            prop_assert!(whole || !range.is_tree_hash_aligned(size));
        }
    }
}

/// Every aligned range of every archive of up to 64 leaves.
#[test]
fn aligned_ranges_are_the_nodes_of_the_tree() {
    for leaves in 1..=64 {
        let nodes = second::nodes(leaves);
        for size in [leaves * LEAF_SIZE, leaves * LEAF_SIZE - 1, (leaves - 1) * LEAF_SIZE + 1] {
            for first in 0..leaves {
                for end in first + 1..=leaves {
                    let range = ByteRange::new(first * LEAF_SIZE, (end * LEAF_SIZE).min(size) - 1).unwrap();
                    assert!(range.is_mib_aligned(size));
                    assert_eq!(range.is_tree_hash_aligned(size), nodes.contains(&(first, end)), "{range} of {size}");
                }
            }
        }
    }
}
