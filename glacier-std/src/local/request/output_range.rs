//! The `Range` header of a download.

use glacier_core::ByteRange;

use super::headers::RequestHeaders;
use super::text::number;
use crate::local::model::ApiError;

/// Which bytes of an output are asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OutputRange {
    pub(crate) range: ByteRange,
    /// The size of the whole output.
    pub(crate) size: u64,
    pub(crate) is_partial: bool,
}

impl OutputRange {
    /// Reads the `Range` header. As the service does, it ignores one that is malformed: the whole output is sent, with status 200.
    pub(crate) fn parse(headers: &RequestHeaders, size: u64) -> Result<Self, ApiError> {
        let whole = ByteRange::with_length(0, size).map_err(|error| ApiError::unavailable(error.to_string()))?;
        let whole = OutputRange { range: whole, size, is_partial: false };
        let header = headers.get("range").unwrap_or_default();
        let Some((first, last)) = header.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else { return Ok(whole) };
        let range = match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => Some((first, last.min(size - 1))),
            (Some(first), None) if last.is_empty() => Some((first, size - 1)),
            (None, Some(count)) if first.is_empty() && count > 0 => Some((size.saturating_sub(count), size - 1)),
            _ => None,
        };
        let Some((first, last)) = range else { return Ok(whole) };
        let range = ByteRange::new(first, last)
            .map_err(|_| ApiError::invalid(format!("The start of the range is larger than size of retrieved data: {header}")))?;
        Ok(OutputRange { range, size, is_partial: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::ErrorCode;

    fn parse(range: &str) -> Result<(u64, u64, bool), ErrorCode> {
        let parsed = OutputRange::parse(&RequestHeaders::new(&[("Range", range)]), 100).map_err(|error| error.code)?;
        Ok((parsed.range.first(), parsed.range.last(), parsed.is_partial))
    }

    #[test]
    fn ranges_of_an_output() {
        for (range, expected) in [
            ("bytes=0-9", Ok((0, 9, true))),
            ("bytes=0-99", Ok((0, 99, true))),
            ("bytes=90-1000", Ok((90, 99, true))),
            ("bytes=99-", Ok((99, 99, true))),
            ("bytes=-1", Ok((99, 99, true))),
            ("bytes=-1000", Ok((0, 99, true))),
            ("bytes=100-", Err(ErrorCode::InvalidParameterValue)),
            ("bytes=100-200", Err(ErrorCode::InvalidParameterValue)),
        ] {
            assert_eq!(parse(range), expected, "{range}");
        }
        for malformed in
            ["", "bytes 0-9/100", "bytes=9-0", "bytes=-", "bytes=-0", "bytes=0-1,3-4", "bytes=+1-2", "0-9", "bytes=a-b"]
        {
            assert_eq!(parse(malformed), Ok((0, 99, false)), "{malformed}");
        }
    }
}
