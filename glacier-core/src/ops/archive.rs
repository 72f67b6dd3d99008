//! Archives: upload in one request, delete.

use core::fmt;

use crate::hash::{PayloadHashes, TreeHash};
use crate::request::{Encode, Headers, Method, Operation, Payload, Upload};
use crate::response::{FromResponse, Header, Response, TreeHashMismatch};
use crate::values::{ArchiveId, Description, VaultRef};
use crate::wire::{DecodeError, Path};

/// The hashes of a body that one request may carry: 1 byte to 4 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BodyHashes(PayloadHashes);

impl BodyHashes {
    /// The largest body of one request, 4 GiB.
    pub const MAX: u64 = 4 << 30;
}

impl BodyHashes {
    /// The hashes.
    #[must_use]
    pub const fn hashes(&self) -> &PayloadHashes {
        &self.0
    }
}

impl TryFrom<PayloadHashes> for BodyHashes {
    type Error = InvalidBodySize;

    fn try_from(hashes: PayloadHashes) -> Result<Self, InvalidBodySize> {
        if (1..=BodyHashes::MAX).contains(&hashes.size) {
            Ok(BodyHashes(hashes))
        } else {
            Err(InvalidBodySize { size: hashes.size })
        }
    }
}

/// The body is empty or too large for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidBodySize {
    /// Bytes in the body.
    pub size: u64,
}

impl fmt::Display for InvalidBodySize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.size {
            0 => f.write_str("an archive has at least 1 byte, and this is empty: the service rejects it"),
            size => write!(f, "one request carries at most 4294967296 bytes (4 GiB); this has {size}: upload it in parts"),
        }
    }
}

impl core::error::Error for InvalidBodySize {}

/// Uploads an archive in one request. Each success creates an archive, so after a lost response one may exist whose id nobody knows.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-archive-post.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UploadArchive<'a> {
    /// The vault to put it into.
    pub vault: VaultRef<'a>,
    /// Its description.
    pub description: Option<Description<'a>>,
    /// The body's hashes.
    pub body: BodyHashes,
}

impl Encode for UploadArchive<'_> {
    fn method(&self) -> Method {
        Method::Post
    }
    fn path(&self, path: &mut Path<'_>) {
        self.vault.path(path);
        path.segment(&"archives");
    }
    fn headers(&self, headers: &mut Headers<'_, '_>) {
        headers.description(self.description).payload(self.body.hashes());
    }
    fn payload(&self) -> Payload {
        Payload::Stream(self.body.hashes().linear)
    }
    fn is_idempotent(&self) -> bool {
        false
    }
}

impl Upload for UploadArchive<'_> {
    type Output<'b> = UploadArchiveOutput<'b>;

    fn verify(&self, output: &UploadArchiveOutput<'_>) -> Result<(), TreeHashMismatch> {
        TreeHashMismatch::check(self.body.hashes().tree, output.tree_hash, output.archive_id)
    }
}

/// A new archive. Keep the id: the archive has no other name.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct UploadArchiveOutput<'b> {
    pub(super) archive_id: Option<ArchiveId<'b>>,
    /// The tree hash that the service computed; absent from some responses to CompleteMultipartUpload.
    pub tree_hash: Option<TreeHash>,
    /// The archive's path.
    pub location: Option<&'b str>,
}

impl<'b> UploadArchiveOutput<'b> {
    /// The archive's id.
    ///
    /// # Errors
    /// [`DecodeError::MissingHeader`] when the response has none, so that it is probably not from a Glacier endpoint.
    pub fn archive_id(&self) -> Result<ArchiveId<'b>, DecodeError> {
        self.archive_id.ok_or(DecodeError::MissingHeader(Header::ArchiveId.name()))
    }
}

impl<'b> FromResponse<'b> for UploadArchiveOutput<'b> {
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        Ok(UploadArchiveOutput {
            archive_id: response.header(Header::ArchiveId).and_then(|id| id.try_into().ok()),
            // A hash that cannot be read confirms nothing, and the error that says so tells the archive's id.
            tree_hash: response.tree_hash().unwrap_or_default(),
            location: response.header(Header::Location),
        })
    }
}

/// Deletes an archive. Idempotent.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-archive-delete.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DeleteArchive<'a> {
    /// The vault it is in.
    pub vault: VaultRef<'a>,
    /// The archive.
    pub archive: ArchiveId<'a>,
}

impl Encode for DeleteArchive<'_> {
    fn method(&self) -> Method {
        Method::Delete
    }
    fn path(&self, path: &mut Path<'_>) {
        self.vault.path(path);
        path.segment(&"archives").segment(&self.archive);
    }
}

impl Operation for DeleteArchive<'_> {
    type Output<'b> = ();
}
