//! The alignment of byte ranges, also in archives far too large to hash.

use glacier_core::ByteRange;
use serde_json::Value;

use super::{NotPassed, Outcome, number, same, treehash};

pub(super) fn replay(case: &Value) -> Outcome {
    compare(case, number(case, "archive_size")?)?;
    Ok(vec![])
}

/// Compares both alignments of a case's range in an archive of `size` bytes.
pub(super) fn compare(case: &Value, size: u64) -> Result<ByteRange, NotPassed> {
    let range = treehash::byte_range(case)?;
    same("MiB-aligned", Some(range.is_mib_aligned(size)), case["mib_aligned"].as_bool())?;
    same("tree-hash aligned", Some(range.is_tree_hash_aligned(size)), case["tree_hash_aligned"].as_bool())?;
    Ok(range)
}
