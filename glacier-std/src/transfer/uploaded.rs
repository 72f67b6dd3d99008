//! The result of an upload.

use glacier_core::ops::UploadArchiveOutput;
use glacier_core::{DecodeError, TreeHash};

/// An archive that was uploaded. The service has the tree hash that was computed here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadedArchive {
    /// The archive's id. Nothing else names it.
    pub archive_id: String,
    /// Its tree hash.
    pub checksum: TreeHash,
    /// Its path at the service.
    pub location: Option<String>,
    /// Its size in bytes.
    pub size: u64,
}

impl UploadedArchive {
    pub(super) fn new(output: &UploadArchiveOutput<'_>, checksum: TreeHash, size: u64) -> Result<Self, DecodeError> {
        let archive_id = output.archive_id()?.as_str().into();
        Ok(UploadedArchive { archive_id, checksum, location: output.location.map(Into::into), size })
    }
}
