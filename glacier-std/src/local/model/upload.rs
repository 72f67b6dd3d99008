//! Multipart uploads: which parts fit, and when the parts make the archive.
//!
//! Completing copies nothing: the archive takes over the body, whose pieces are the parts. An upload without activity for a day is
//! dropped. One that is over is remembered for a day, so that completing or aborting it again gives the same response.

use glacier_core::values::MAX_PARTS;
use glacier_core::{ByteRange, PartSize, TreeHash};
use serde::{Deserialize, Serialize};

use super::api_error::ApiError;
use super::archive::{ArchiveRecord, BodyId, PieceRecord};
use super::clock::Moment;
use super::schedule::DAY;
use super::tree::archive_tree;
use super::{serde_part_size, serde_text};

/// An open multipart upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UploadRecord {
    /// Its place among all uploads.
    pub(crate) sequence: u64,
    pub(crate) created: Moment,
    /// When it began or last got a part.
    pub(crate) touched: Moment,
    pub(crate) description: String,
    #[serde(with = "serde_part_size")]
    pub(crate) part_size: PartSize,
    pub(crate) body: BodyId,
}

/// An upload that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EndedUpload {
    Completed(CompletedUpload),
    Aborted,
}

/// What an upload was completed to, also after the archive was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CompletedUpload {
    pub(crate) archive: String,
    pub(crate) size: u64,
    #[serde(with = "serde_text")]
    pub(crate) tree: TreeHash,
}

/// The archive that CompleteMultipartUpload announces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnnouncedArchive {
    pub(crate) size: u64,
    pub(crate) tree: TreeHash,
}

impl UploadRecord {
    /// When it is dropped unless it gets another part.
    pub(crate) fn idle_until(&self) -> Moment {
        self.touched.after(DAY)
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
        parts: &[(u64, PieceRecord)],
        announced: &AnnouncedArchive,
        sequence: u64,
        now: Moment,
    ) -> Result<ArchiveRecord, ApiError> {
        let archive = ArchiveRecord {
            sequence,
            created: now,
            description: self.description.clone(),
            size: whole_size(self.part_size, parts)?,
            tree: archive_tree(self.part_size, parts)?,
            body: self.body,
            part_size: self.part_size,
        };
        announced.check(archive.size, archive.tree)?;
        Ok(archive)
    }
}

impl AnnouncedArchive {
    /// Whether this is the archive announced.
    pub(crate) fn check(&self, size: u64, tree: TreeHash) -> Result<(), ApiError> {
        if self.size != size {
            let announced = self.size;
            return Err(ApiError::invalid(format!(
                "Invalid x-amz-archive-size: {announced}. The uploaded parts have {size} bytes"
            )));
        }
        if self.tree != tree {
            return Err(ApiError::invalid(format!("Checksum mismatch: expected {}, computed {tree}", self.tree)));
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
        let (created, description, part_size) = (Moment(0), String::new(), PartSize::MIN);
        let upload = UploadRecord { sequence: 1, created, touched: created, description, part_size, body: BodyId(1) };
        let check = |first, length| upload.check_part(ByteRange::with_length(first, length).unwrap()).map_err(|e| e.message);
        assert_eq!(check(0, LEAF), Ok(()));
        assert_eq!(check(LEAF, 1), Ok(()));
        assert!(check(1, 5).unwrap_err().contains("starts at a multiple of the part size"));
        assert!(check(0, LEAF + 1).unwrap_err().contains(&format!("at most {LEAF} bytes")));
        assert_eq!(check(9_999 * LEAF, LEAF), Ok(()));
        assert!(check(10_000 * LEAF, 1).unwrap_err().contains("at most 10000 parts"));
    }
}
