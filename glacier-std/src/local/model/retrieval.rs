//! Which ranges of an archive a retrieval job accepts.

use glacier_core::{ByteRange, LEAF_SIZE, PartSize};

use super::api_error::ApiError;

/// The range that a retrieval asks for, of an archive of `size` bytes; without a `text`, the whole archive.
pub(crate) fn retrieval_range(text: Option<&str>, size: u64) -> Result<ByteRange, ApiError> {
    let Some(text) = text else {
        return ByteRange::with_length(0, size)
            .map_err(|error| ApiError::unavailable(format!("A record of the store is damaged: {error}")));
    };
    let range =
        text.parse::<ByteRange>().map_err(|_| ApiError::invalid(format!("Invalid RetrievalByteRange: {text}. The form is A-B")))?;
    let last = size.saturating_sub(1);
    if range.last() >= size {
        return Err(ApiError::invalid(format!("Invalid RetrievalByteRange: {text}. The archive ends at byte {last}")));
    }
    if !range.is_mib_aligned(size) {
        return Err(ApiError::invalid(format!(
            "Invalid RetrievalByteRange: {text}. A range starts at a multiple of {} ({LEAF_SIZE}) and ends one byte before such a \
             multiple, or with the archive at byte {last}",
            PartSize::MIN
        )));
    }
    Ok(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_aligned_to_leaves() {
        let size = 3 * LEAF_SIZE + 5;
        let range = |text: &str| retrieval_range(Some(text), size).map_err(|error| error.message);
        let aligned = format!("{LEAF_SIZE}-{}", 2 * LEAF_SIZE - 1);
        assert_eq!(range(&aligned), Ok(ByteRange::with_length(LEAF_SIZE, LEAF_SIZE).unwrap()));
        assert_eq!(retrieval_range(None, size), Ok(ByteRange::with_length(0, size).unwrap()));
        assert_eq!(range(&format!("0-{}", size - 1)), Ok(ByteRange::with_length(0, size).unwrap()));
        for (text, words) in [
            ("0-5".to_owned(), format!("({LEAF_SIZE}) and ends")),
            (format!("1-{}", LEAF_SIZE - 1), format!("({LEAF_SIZE}) and ends")),
            (format!("0-{size}"), format!("ends at byte {}", size - 1)),
            ("9-0".to_owned(), "The form is A-B".to_owned()),
            ("bytes=0-9".to_owned(), "The form is A-B".to_owned()),
        ] {
            let error = range(&text).unwrap_err();
            assert!(error.starts_with(&format!("Invalid RetrievalByteRange: {text}.")) && error.contains(&words), "{error}");
        }
    }
}
