//! Multipart uploads: which parts fit, and when the parts make the archive.
//!
//! Completing copies nothing: the archive's bytes stay in the files of the parts, whose owner is the upload. Uploads that are over
//! are remembered as long as their vault, so completing or aborting one again gives the same response; open ones do not expire.

use glacier_core::values::MAX_PARTS;
use glacier_core::{ByteRange, PartSize, TreeHash};
use serde::{Deserialize, Serialize};

use super::api_error::ApiError;
use super::archive::{ArchiveRecord, PieceRecord};
use super::clock::Moment;
use super::serde_part_size;
use super::tree::archive_tree;

/// A multipart upload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UploadRecord {
    pub(crate) created: Moment,
    pub(crate) description: String,
    #[serde(with = "serde_part_size")]
    pub(crate) part_size: PartSize,
    pub(crate) state: UploadState,
}

/// The state of an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum UploadState {
    Open,
    Completed { archive: String },
    Aborted,
}

/// The archive that CompleteMultipartUpload announces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnnouncedArchive {
    pub(crate) size: u64,
    pub(crate) tree: TreeHash,
}

impl UploadRecord {
    pub(crate) fn is_open(&self) -> bool {
        self.state == UploadState::Open
    }

    /// Whether bytes in this range can be a part of the upload.
    pub(crate) fn check_part(&self, range: ByteRange) -> Result<(), ApiError> {
        let part_size = self.part_size.bytes();
        if !range.first().is_multiple_of(part_size) || range.len() > part_size {
            return Err(ApiError::invalid(format!(
                "Invalid Content-Range: bytes {range}/*. A part starts at a multiple of the part size and has at most {part_size} bytes"
            )));
        }
        if range.last() >= part_size * MAX_PARTS {
            return Err(ApiError::invalid(format!(
                "Invalid Content-Range: bytes {range}/*. An upload has at most {MAX_PARTS} parts, here of {part_size} bytes"
            )));
        }
        Ok(())
    }

    /// The archive that the parts make, if it is the one announced. Each part comes with its first byte, in order.
    pub(crate) fn complete(
        &self,
        id: &str,
        parts: &[(u64, PieceRecord)],
        announced: &AnnouncedArchive,
        now: Moment,
    ) -> Result<ArchiveRecord, ApiError> {
        let archive = ArchiveRecord {
            created: now,
            description: self.description.clone(),
            size: whole_size(self.part_size, parts)?,
            tree: archive_tree(self.part_size, parts)?,
            body: id.to_owned(),
            part_size: self.part_size,
        };
        announced.check(&archive)?;
        Ok(archive)
    }
}

impl AnnouncedArchive {
    /// Whether this is the archive announced.
    pub(crate) fn check(&self, archive: &ArchiveRecord) -> Result<(), ApiError> {
        if self.size != archive.size {
            let (announced, uploaded) = (self.size, archive.size);
            return Err(ApiError::invalid(format!(
                "Invalid x-amz-archive-size: {announced}. The uploaded parts have {uploaded} bytes"
            )));
        }
        if self.tree != archive.tree {
            return Err(ApiError::invalid(format!("Checksum mismatch: expected {}, computed {}", self.tree, archive.tree)));
        }
        Ok(())
    }
}

/// The size of all parts, which must follow each other without a gap, all of the part size but the last.
fn whole_size(part_size: PartSize, parts: &[(u64, PieceRecord)]) -> Result<u64, ApiError> {
    let mut end = 0;
    for (first, part) in parts {
        if *first != end {
            return Err(ApiError::invalid(format!("Missing part: bytes {end}-{} were not uploaded", first - 1)));
        }
        end += part.size;
        let is_last = parts.last().is_some_and(|(last, _)| last == first);
        if part.size != part_size.bytes() && !is_last {
            return Err(ApiError::invalid(format!(
                "Invalid part: bytes {first}-{} are shorter than the part size {} and not the last part",
                end - 1,
                part_size.bytes()
            )));
        }
    }
    if end == 0 { Err(ApiError::invalid("No part was uploaded: an archive has at least 1 byte")) } else { Ok(end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAF: u64 = PartSize::MIN.bytes();

    fn sizes(parts: &[(u64, u64)]) -> Result<u64, String> {
        let piece = |size| PieceRecord { blob: 0.into(), size, tree: TreeHash::from_bytes([0; 32]) };
        let parts: Vec<(u64, PieceRecord)> = parts.iter().map(|(first, size)| (*first, piece(*size))).collect();
        whole_size(PartSize::MIN, &parts).map_err(|error| error.message)
    }

    #[test]
    fn parts_must_make_a_whole() {
        let (one, two, last) = (LEAF, 2 * LEAF, LEAF - 1);
        assert_eq!(sizes(&[(0, one), (one, one), (two, 5)]), Ok(two + 5));
        assert_eq!(sizes(&[(0, one)]), Ok(one));
        assert!(sizes(&[]).unwrap_err().starts_with("No part"));
        assert_eq!(sizes(&[(one, one)]).unwrap_err(), format!("Missing part: bytes 0-{last} were not uploaded"));
        assert_eq!(sizes(&[(0, one), (two, 5)]).unwrap_err(), format!("Missing part: bytes {one}-{} were not uploaded", two - 1));
        let short = sizes(&[(0, 7), (one, one)]).unwrap_err();
        assert!(short.starts_with(&format!("Invalid part: bytes 0-6 are shorter than the part size {one}")), "{short}");
    }

    #[test]
    fn a_part_starts_at_a_multiple_of_the_part_size() {
        let upload =
            UploadRecord { created: Moment(0), description: String::new(), part_size: PartSize::MIN, state: UploadState::Open };
        let check = |first, length| upload.check_part(ByteRange::with_length(first, length).unwrap()).map_err(|e| e.message);
        assert_eq!(check(0, LEAF), Ok(()));
        assert_eq!(check(LEAF, 1), Ok(()));
        assert!(check(1, 5).unwrap_err().contains("starts at a multiple of the part size"));
        assert!(check(0, LEAF + 1).unwrap_err().contains(&format!("at most {LEAF} bytes")));
        assert_eq!(check(9_999 * LEAF, LEAF), Ok(()));
        assert!(check(10_000 * LEAF, 1).unwrap_err().contains("at most 10000 parts"));
    }
}
