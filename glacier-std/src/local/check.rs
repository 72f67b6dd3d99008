//! What the headers of a request must say, and the typed values in them.

use glacier_core::{API_VERSION, ByteRange, Description, ErrorCode, LinearHash, PartSize, TreeHash};

use super::call::Headers;
use super::refuse::Refused;

/// The largest body of one request, 4 GiB.
const MAX_BODY: u64 = 4 << 30;

/// What an upload says of its body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Announced {
    pub(super) size: u64,
    pub(super) linear: LinearHash,
    pub(super) tree: TreeHash,
}

/// Every request names the version of the API.
pub(super) fn version(headers: &Headers) -> Result<(), Refused> {
    match headers.get("x-amz-glacier-version") {
        Some(API_VERSION) => Ok(()),
        Some(other) => Err(Refused::invalid(format!("Invalid API version: {other}. This service speaks {API_VERSION}"))),
        None => Err(Refused::missing("API version")),
    }
}

/// The account in the path is the owner's number, or `-`.
pub(super) fn account(theirs: &str, ours: &str) -> Result<(), Refused> {
    if theirs == "-" || theirs == ours {
        return Ok(());
    }
    Err(Refused::new(
        ErrorCode::AccessDenied,
        format!("The access key belongs to account {ours}, not to {theirs}: use {ours} or -"),
    ))
}

/// The hash of an upload's body, which the signature covers; known before the body.
pub(super) fn content_hash(headers: &Headers) -> Result<LinearHash, Refused> {
    let text = required(headers, "x-amz-content-sha256")?;
    text.parse().map_err(|_| Refused::invalid(format!("Invalid x-amz-content-sha256: {text}")))
}

/// What an upload says of its body: a length from 1 byte to 4 GiB, and both hashes.
pub(super) fn announced(headers: &Headers, size: Option<u64>) -> Result<Announced, Refused> {
    let size = size.ok_or_else(|| Refused::missing("Content-Length"))?;
    if !(1..=MAX_BODY).contains(&size) {
        return Err(Refused::invalid(format!("Invalid Content-Length: {size}")));
    }
    Ok(Announced { size, linear: content_hash(headers)?, tree: tree_hash(headers)? })
}

/// The tree hash of a body or, to complete an upload, of the whole archive.
pub(super) fn tree_hash(headers: &Headers) -> Result<TreeHash, Refused> {
    let text = required(headers, "x-amz-sha256-tree-hash")?;
    text.parse().map_err(|_| Refused::invalid(format!("Invalid x-amz-sha256-tree-hash: {text}")))
}

/// The archive's description; empty when there is none. Spaces around it are dropped, as by HTTP itself.
pub(super) fn description(headers: &Headers) -> Result<String, Refused> {
    let text = headers.get("x-amz-archive-description").unwrap_or_default();
    let legal = Description::try_from(text);
    legal.map(|_| text.into()).map_err(|error| Refused::invalid(format!("Invalid x-amz-archive-description: {error}")))
}

/// The part size of a new upload.
pub(super) fn part_size(headers: &Headers) -> Result<PartSize, Refused> {
    let text = required(headers, "x-amz-part-size")?;
    number(text).and_then(|bytes| PartSize::from_bytes(bytes).ok()).ok_or_else(|| {
        Refused::invalid(format!(
            "Invalid part size: {text}. Part size must not be null, must be a power of two and be between {} and {} bytes.",
            PartSize::MIN.bytes(),
            PartSize::MAX.bytes()
        ))
    })
}

/// The size of the archive that an upload is completed to.
pub(super) fn archive_size(headers: &Headers) -> Result<u64, Refused> {
    let text = required(headers, "x-amz-archive-size")?;
    number(text).ok_or_else(|| Refused::invalid(format!("Invalid x-amz-archive-size: {text}")))
}

/// Which bytes of the archive a part of `size` bytes is.
pub(super) fn part_range(headers: &Headers, size: u64) -> Result<ByteRange, Refused> {
    let text = required(headers, "Content-Range")?;
    let range = text.strip_prefix("bytes ").and_then(|rest| rest.strip_suffix("/*")).and_then(ByteRange::parse);
    let range = range.ok_or_else(|| Refused::invalid(format!("Invalid Content-Range: {text}")))?;
    if range.len() != size {
        return Err(Refused::invalid(format!("Content-Range: {text} is incompatible with Content-Length: {size}")));
    }
    Ok(range)
}

fn required<'h>(headers: &'h Headers, name: &str) -> Result<&'h str, Refused> {
    headers.get(name).filter(|value| !value.is_empty()).ok_or_else(|| Refused::missing(name))
}

/// A whole number in decimal digits, without a sign.
pub(super) fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    fn headers(headers: &[(&str, &str)]) -> Headers {
        Headers::new(headers)
    }

    #[test]
    fn missing_and_wrong_headers_are_told_apart() {
        let none = headers(&[]);
        assert_eq!(version(&none).unwrap_err().code, "MissingParameterValueException");
        assert_eq!(content_hash(&none).unwrap_err().message, "Required parameter missing: x-amz-content-sha256");
        assert_eq!(part_size(&none).unwrap_err().code, "MissingParameterValueException");
        assert!(version(&headers(&[("X-Amz-Glacier-Version", "2012-06-01")])).is_ok());
        assert_eq!(version(&headers(&[("x-amz-glacier-version", "2")])).unwrap_err().code, "InvalidParameterValueException");
        for size in ["0", "-1", "+1048576", "3145728", "8589934592", "x"] {
            let error = part_size(&headers(&[("x-amz-part-size", size)])).unwrap_err();
            assert!(error.message.starts_with(&format!("Invalid part size: {size}. Part size must not be null")), "{error:?}");
        }
        assert_eq!(part_size(&headers(&[("x-amz-part-size", "4294967296")])), Ok(PartSize::MAX));
        assert_eq!(
            tree_hash(&headers(&[("x-amz-sha256-tree-hash", "ab")])).unwrap_err().message,
            "Invalid x-amz-sha256-tree-hash: ab"
        );
    }

    #[test]
    fn sizes_from_1_byte_to_4_gib() {
        let hash = LinearHash::EMPTY.to_string();
        let with_hash = headers(&[("x-amz-sha256-tree-hash", hash.as_str()), ("x-amz-content-sha256", hash.as_str())]);
        let announced = |size| announced(&with_hash, size).map(|a| a.size).map_err(|e| e.message);
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
        for text in ["bytes=0-9/*", "bytes 0-9", "bytes 9-0/*", "bytes 0-9/10", "0-9/*"] {
            assert_eq!(range(text, 10), Err(format!("Invalid Content-Range: {text}")));
        }
    }

    #[test]
    fn accounts_and_descriptions() {
        assert!(account("-", "000000000000").is_ok() && account("000000000000", "000000000000").is_ok());
        assert_eq!(account("111122223333", "000000000000").unwrap_err().status, 403);
        assert_eq!(description(&headers(&[("x-amz-archive-description", "  a b ")])), Ok("a b".into()));
        assert_eq!(description(&headers(&[])), Ok(String::new()));
        for text in ["caf\u{e9}", "a\tb", &"x".repeat(1025)] {
            assert_eq!(description(&headers(&[("x-amz-archive-description", text)])).unwrap_err().status, 400);
        }
    }
}
