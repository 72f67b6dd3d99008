//! The part size of an upload when the caller chooses none.

use glacier_core::values::LayoutError;
use glacier_core::{LEAF_SIZE, Layout, PartSize};

/// The default size of parts, and of the largest archive that is uploaded in one request: 64 MiB.
pub const DEFAULT_PART_SIZE: PartSize = match PartSize::from_bytes(64 * LEAF_SIZE) {
    Ok(size) => size,
    Err(_) => panic!("64 leaves are a part size"),
};

/// The part size for an archive of `size` bytes: `wanted`, or else the default, raised to the smallest that fits 10,000 parts.
///
/// # Errors
/// [`LayoutError`] when `wanted` does not fit the archive, or no size does.
pub fn part_size_for(size: u64, wanted: Option<PartSize>) -> Result<PartSize, LayoutError> {
    match wanted {
        Some(wanted) => Layout::new(size, wanted).map(|layout| layout.part_size()),
        None => PartSize::smallest_for(size).map(|least| least.max(DEFAULT_PART_SIZE)),
    }
}

/// The part size for a stream, of which only an expected maximum size is known, or nothing.
///
/// # Errors
/// [`LayoutError`] when the expected size does not fit 10,000 parts.
pub fn stream_part_size(expected: Option<u64>, wanted: Option<PartSize>) -> Result<PartSize, LayoutError> {
    match (expected, wanted) {
        (Some(expected), wanted) => part_size_for(expected, wanted),
        (None, wanted) => Ok(wanted.unwrap_or(DEFAULT_PART_SIZE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::MIB;

    #[test]
    fn the_part_size_grows_with_the_archive() {
        let mib = |size, wanted| part_size_for(size, wanted).map(|part| part.bytes() / MIB);
        assert_eq!(mib(1, None), Ok(64));
        assert_eq!(mib(10_000 << 26, None), Ok(64));
        assert_eq!(mib((10_000 << 26) + 1, None), Ok(128));
        assert_eq!(mib(5, Some(PartSize::MIN)), Ok(1));
        let error = mib((10_000 << 20) + 1, Some(PartSize::MIN)).unwrap_err();
        assert!(error.to_string().contains("use parts of 2 MiB or more"), "{error}");
    }

    #[test]
    fn a_stream_has_64_mib_parts_unless_its_size_is_expected() {
        let mib = |expected, wanted| stream_part_size(expected, wanted).map(|part| part.bytes() / MIB);
        assert_eq!(mib(None, None), Ok(64));
        assert_eq!(mib(Some(1 << 40), None), Ok(128));
        assert_eq!(mib(Some(5), Some(PartSize::MIN)), Ok(1));
        assert!(mib(Some(1 << 40), Some(PartSize::MIN)).is_err());
    }
}
