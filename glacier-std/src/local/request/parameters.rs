//! The typed values in the headers and the query of a request.

use glacier_core::ops::BodyHashes;
use glacier_core::ops::catalogue::OperationInfo;
use glacier_core::{API_VERSION, ByteRange, Description, LinearHash, PartSize, TreeHash};

use super::headers::RequestHeaders;
use super::query::QueryParameters;
use super::text::number;
use crate::local::model::{AnnouncedArchive, ApiError, JobFilter};

/// What an upload says of its body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnnouncedBody {
    pub(crate) size: u64,
    /// Always there where signatures are verified, which cover it.
    pub(crate) linear: Option<LinearHash>,
    pub(crate) tree: TreeHash,
}

/// Every request must name the version of the API.
pub(crate) fn check_version(headers: &RequestHeaders) -> Result<(), ApiError> {
    match headers.get("x-amz-glacier-version") {
        Some(API_VERSION) => Ok(()),
        Some(other) => Err(ApiError::invalid(format!("Invalid API version: {other}. This service implements {API_VERSION}"))),
        None => Err(ApiError::missing("API version")),
    }
}

/// The hash of an upload's body, which the signature covers; known before the body.
pub(crate) fn content_hash(headers: &RequestHeaders) -> Result<LinearHash, ApiError> {
    let text = headers.required("x-amz-content-sha256")?;
    text.parse().map_err(|_| ApiError::invalid(format!("Invalid x-amz-content-sha256: {text}")))
}

/// The hash of the body, if the request has one.
pub(crate) fn announced_hash(headers: &RequestHeaders) -> Result<Option<LinearHash>, ApiError> {
    headers.get("x-amz-content-sha256").filter(|text| !text.is_empty()).map(|_| content_hash(headers)).transpose()
}

/// A body must have the hash that the request announces, if it does.
pub(crate) fn check_hash(announced: Option<LinearHash>, computed: &LinearHash) -> Result<(), ApiError> {
    match announced.filter(|announced| announced != computed) {
        None => Ok(()),
        Some(announced) => Err(ApiError::invalid(format!(
            "The value passed in as x-amz-content-sha256 does not match the computed payload hash. Computed digest: {computed} expected \
             hash: {announced}"
        ))),
    }
}

/// CreateVault has no body. Other operations without one ignore what is sent.
pub(crate) fn check_empty_body(operation: &OperationInfo, size: usize) -> Result<(), ApiError> {
    if operation.name != "CreateVault" || size == 0 {
        return Ok(());
    }
    Err(ApiError::invalid(format!("Invalid Content-Length: {size}. CreateVault has no body: send 0 bytes")))
}

/// What an upload says of its body: a length from 1 byte to 4 GiB, and both hashes.
pub(crate) fn announced_body(headers: &RequestHeaders, size: Option<u64>) -> Result<AnnouncedBody, ApiError> {
    let size = size.ok_or_else(|| ApiError::missing("Content-Length"))?;
    if !(1..=BodyHashes::MAX).contains(&size) {
        return Err(ApiError::invalid(format!("Invalid Content-Length: {size}")));
    }
    Ok(AnnouncedBody { size, linear: announced_hash(headers)?, tree: tree_hash(headers)? })
}

/// The tree hash of a body or, in CompleteMultipartUpload, of the whole archive.
fn tree_hash(headers: &RequestHeaders) -> Result<TreeHash, ApiError> {
    let text = headers.required("x-amz-sha256-tree-hash")?;
    text.parse().map_err(|_| ApiError::invalid(format!("Invalid x-amz-sha256-tree-hash: {text}")))
}

/// The archive's description; empty when there is none. Spaces around it are dropped, as by HTTP itself.
pub(crate) fn description(headers: &RequestHeaders) -> Result<String, ApiError> {
    let text = headers.get("x-amz-archive-description").unwrap_or_default();
    let legal = Description::try_from(text);
    legal.map(|_| text.into()).map_err(|error| ApiError::invalid(format!("Invalid x-amz-archive-description: {error}")))
}

/// The part size of a new upload.
pub(crate) fn part_size(headers: &RequestHeaders) -> Result<PartSize, ApiError> {
    let text = headers.required("x-amz-part-size")?;
    number(text).and_then(|bytes| PartSize::from_bytes(bytes).ok()).ok_or_else(|| {
        ApiError::invalid(format!(
            "Invalid part size: {text}. Part size must not be null, must be a power of two and be between {} and {} bytes.",
            PartSize::MIN.bytes(),
            PartSize::MAX.bytes()
        ))
    })
}

/// The archive that an upload is completed to.
pub(crate) fn announced_archive(headers: &RequestHeaders) -> Result<AnnouncedArchive, ApiError> {
    let text = headers.required("x-amz-archive-size")?;
    let size = number(text).ok_or_else(|| ApiError::invalid(format!("Invalid x-amz-archive-size: {text}")))?;
    Ok(AnnouncedArchive { size, tree: tree_hash(headers)? })
}

/// Which bytes of the archive a part of `size` bytes is.
pub(crate) fn part_range(headers: &RequestHeaders, size: u64) -> Result<ByteRange, ApiError> {
    let text = headers.required("Content-Range")?;
    let range =
        text.strip_prefix("bytes ").and_then(|rest| rest.strip_suffix("/*")).and_then(|range| range.parse::<ByteRange>().ok());
    let range = range.ok_or_else(|| ApiError::invalid(format!("Invalid Content-Range: {text}")))?;
    if range.len() != size {
        return Err(ApiError::invalid(format!("Content-Range: {text} is incompatible with Content-Length: {size}")));
    }
    Ok(range)
}

/// Which jobs ListJobs lists.
pub(crate) fn job_filter(query: &QueryParameters) -> Result<JobFilter<'_>, ApiError> {
    let status = query.get("statuscode");
    if let Some(status) = status.filter(|status| !matches!(*status, "InProgress" | "Succeeded" | "Failed")) {
        return Err(ApiError::invalid(format!("Invalid statuscode: {status}. The status is InProgress, Succeeded or Failed")));
    }
    let completed = match query.get("completed") {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(other) => return Err(ApiError::invalid(format!("Invalid completed: {other}. It is true or false"))),
    };
    Ok(JobFilter { status, completed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::ErrorCode;

    fn headers(headers: &[(&str, &str)]) -> RequestHeaders {
        RequestHeaders::new(headers)
    }

    #[test]
    fn missing_and_wrong_headers_are_told_apart() {
        let none = headers(&[]);
        assert_eq!(check_version(&none).unwrap_err().code, ErrorCode::MissingParameterValue);
        assert_eq!(content_hash(&none).unwrap_err().message, "Required parameter missing: x-amz-content-sha256");
        assert_eq!(part_size(&none).unwrap_err().code, ErrorCode::MissingParameterValue);
        assert!(check_version(&headers(&[("X-Amz-Glacier-Version", "2012-06-01")])).is_ok());
        assert_eq!(check_version(&headers(&[("x-amz-glacier-version", "2")])).unwrap_err().code, ErrorCode::InvalidParameterValue);
        for size in ["0", "-1", "+1048576", "3145728", "8589934592", "x"] {
            let error = part_size(&headers(&[("x-amz-part-size", size)])).unwrap_err();
            assert!(error.message.starts_with(&format!("Invalid part size: {size}. Part size must not be null")), "{error:?}");
        }
        let largest = PartSize::MAX.bytes().to_string();
        assert_eq!(part_size(&headers(&[("x-amz-part-size", &largest)])), Ok(PartSize::MAX));
        assert_eq!(
            tree_hash(&headers(&[("x-amz-sha256-tree-hash", "ab")])).unwrap_err().message,
            "Invalid x-amz-sha256-tree-hash: ab"
        );
    }

    #[test]
    fn hashes_and_bodies_that_should_not_be() {
        let announced = |text: &str| announced_hash(&headers(&[("x-amz-content-sha256", text)]));
        assert_eq!(announced_hash(&headers(&[])), Ok(None));
        assert_eq!(announced(&LinearHash::EMPTY.to_string()), Ok(Some(LinearHash::EMPTY)));
        assert_eq!(announced(""), Ok(None));
        assert_eq!(announced("UNSIGNED-PAYLOAD").unwrap_err().code, ErrorCode::InvalidParameterValue);
        let other = LinearHash::from_bytes([7; 32]);
        assert!(check_hash(None, &other).is_ok() && check_hash(Some(other), &other).is_ok());
        let message = check_hash(Some(LinearHash::EMPTY), &other).unwrap_err().message;
        assert!(message.contains(&format!("Computed digest: {other} expected hash: {}", LinearHash::EMPTY)), "{message}");

        let operation = |name| OperationInfo::of(name).unwrap();
        assert!(check_empty_body(operation("CreateVault"), 0).is_ok() && check_empty_body(operation("DeleteVault"), 2).is_ok());
        assert_eq!(check_empty_body(operation("CreateVault"), 2).unwrap_err().code, ErrorCode::InvalidParameterValue);
    }

    #[test]
    fn sizes_from_1_byte_to_4_gib() {
        let hash = LinearHash::EMPTY.to_string();
        let with_hash = headers(&[("x-amz-sha256-tree-hash", hash.as_str()), ("x-amz-content-sha256", hash.as_str())]);
        let announced = |size| announced_body(&with_hash, size).map(|a| a.size).map_err(|e| e.message);
        assert_eq!(announced(None), Err("Required parameter missing: Content-Length".into()));
        assert_eq!(announced(Some(0)), Err("Invalid Content-Length: 0".into()));
        assert_eq!(announced(Some(1)), Ok(1));
        assert_eq!(announced(Some(4_294_967_296)), Ok(4_294_967_296));
        assert_eq!(announced(Some(4_294_967_297)), Err("Invalid Content-Length: 4294967297".into()));
    }

    #[test]
    fn part_ranges() {
        let range = |text, size| part_range(&headers(&[("content-range", text)]), size).map_err(|e| e.message);
        assert_eq!(range("bytes 0-9/*", 10), Ok(ByteRange::new(0, 9).unwrap()));
        assert_eq!(range("bytes 0-9/*", 9), Err("Content-Range: bytes 0-9/* is incompatible with Content-Length: 9".into()));
        for text in [
            "bytes=0-9/*",
            "bytes 0-9",
            "bytes 9-0/*",
            "bytes 0-9/10",
            "0-9/*",
            "Bytes 0-9/*",
            "bytes  0-9/*",
            "bytes\t0-9/*",
            "bytes 0 -9/*",
            "bytes +0-9/*",
            "bytes 0-+9/*",
            "bytes 0-9/",
            "bytes 0-9/**",
            "bytes */10",
            "bytes -9/*",
            "bytes 0-/*",
            "octets 0-9/*",
            "bytes 0-9,10-19/*",
            "bytes 0-18446744073709551616/*",
        ] {
            assert_eq!(range(text, 10), Err(format!("Invalid Content-Range: {text}")));
        }
    }

    #[test]
    fn descriptions() {
        assert_eq!(description(&headers(&[("x-amz-archive-description", "  a b ")])), Ok("a b".into()));
        assert_eq!(description(&headers(&[])), Ok(String::new()));
        for text in ["caf\u{e9}", "a\tb", &"x".repeat(1025)] {
            assert_eq!(
                description(&headers(&[("x-amz-archive-description", text)])).unwrap_err().code,
                ErrorCode::InvalidParameterValue
            );
        }
    }
}
