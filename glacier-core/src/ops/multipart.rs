//! Multipart uploads: initiate, send parts, list them, complete, abort.

use super::archive::{BodyHashes, UploadArchiveOutput};
use crate::hash::{PayloadHashes, TreeHash};
use crate::request::{Encode, Headers, List, Method, Operation, Paginate, Payload, Upload};
use crate::response::{FromResponse, Header, Response, TreeHashMismatch};
use crate::values::{ByteRange, ContentRange, Description, PartSize, UploadId, VaultRef};
use crate::wire::json::{FromJson, Text, Value};
use crate::wire::{DecodeError, Path, Query};

/// `/{account}/vaults/{name}/multipart-uploads/{id}`, which four operations share.
fn upload_path(vault: &VaultRef<'_>, upload: &UploadId<'_>, path: &mut Path<'_>) {
    vault.path(path);
    path.segment(&"multipart-uploads").segment(upload);
}

/// Initiates a multipart upload. Each call creates one; the service drops it 24 hours after the last part.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-multipart-initiate-upload.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InitiateMultipartUpload<'a> {
    /// The vault to upload to.
    pub vault: VaultRef<'a>,
    /// The size of all parts except the last.
    pub part_size: PartSize,
    /// The description of the archive.
    pub description: Option<Description<'a>>,
}

impl Encode for InitiateMultipartUpload<'_> {
    fn method(&self) -> Method {
        Method::Post
    }
    fn path(&self, path: &mut Path<'_>) {
        self.vault.path(path);
        path.segment(&"multipart-uploads");
    }
    fn headers(&self, headers: &mut Headers<'_, '_>) {
        headers.description(self.description).put("x-amz-part-size", &self.part_size);
    }
    fn is_idempotent(&self) -> bool {
        false
    }
}

impl Operation for InitiateMultipartUpload<'_> {
    type Output<'b> = InitiateMultipartUploadOutput<'b>;
}

/// A multipart upload that was initiated.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct InitiateMultipartUploadOutput<'b> {
    upload_id: Option<UploadId<'b>>,
    /// The upload's path.
    pub location: Option<&'b str>,
}

impl<'b> InitiateMultipartUploadOutput<'b> {
    /// The upload's id.
    ///
    /// # Errors
    /// [`DecodeError::MissingHeader`] when the response has none, so that it is probably not from a Glacier endpoint.
    pub fn upload_id(&self) -> Result<UploadId<'b>, DecodeError> {
        self.upload_id.ok_or(DecodeError::MissingHeader(Header::UploadId.name()))
    }
}

impl<'b> FromResponse<'b> for InitiateMultipartUploadOutput<'b> {
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        Ok(InitiateMultipartUploadOutput {
            upload_id: response.header(Header::UploadId).and_then(|id| id.try_into().ok()),
            location: response.header(Header::Location),
        })
    }
}

/// Uploads one part. Parts may be sent in any order; a range that is sent again replaces the earlier one.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-upload-part.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UploadMultipartPart<'a> {
    vault: VaultRef<'a>,
    upload: UploadId<'a>,
    range: ByteRange,
    hashes: PayloadHashes,
}

impl<'a> UploadMultipartPart<'a> {
    /// The part whose bytes begin at `first` in the archive and have these hashes. [`Layout::part`](crate::Layout::part) returns `first`.
    ///
    /// # Errors
    /// [`InvalidBodySize`](super::InvalidBodySize) for a part without bytes or beyond 4 GiB.
    pub fn new(vault: VaultRef<'a>, upload: UploadId<'a>, first: u64, body: PayloadHashes) -> Result<Self, super::InvalidBodySize> {
        let hashes = *BodyHashes::try_from(body)?.hashes();
        let range = ByteRange::with_length(first, hashes.size).map_err(|_| super::InvalidBodySize { size: hashes.size })?;
        Ok(UploadMultipartPart { vault, upload, range, hashes })
    }

    /// The part's bytes in the archive.
    #[must_use]
    pub const fn range(&self) -> ByteRange {
        self.range
    }
}

impl Encode for UploadMultipartPart<'_> {
    fn method(&self) -> Method {
        Method::Put
    }
    fn path(&self, path: &mut Path<'_>) {
        upload_path(&self.vault, &self.upload, path);
    }
    fn headers(&self, headers: &mut Headers<'_, '_>) {
        headers.put("content-range", &ContentRange(self.range)).payload(&self.hashes);
    }
    fn payload(&self) -> Payload {
        Payload::Stream(self.hashes.linear)
    }
}

impl Upload for UploadMultipartPart<'_> {
    type Output<'b> = UploadMultipartPartOutput;

    fn verify(&self, output: &UploadMultipartPartOutput) -> Result<(), TreeHashMismatch> {
        TreeHashMismatch::check(self.hashes.tree, output.tree_hash, None)
    }
}

/// A part that the service has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct UploadMultipartPartOutput {
    /// The tree hash that the service computed.
    pub tree_hash: Option<TreeHash>,
}

impl FromResponse<'_> for UploadMultipartPartOutput {
    fn from_response(response: &Response<'_>) -> Result<Self, DecodeError> {
        Ok(UploadMultipartPartOutput { tree_hash: response.tree_hash()? })
    }
}

/// Assembles the archive from its parts. Repeated within a short time, it returns the same archive id.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-multipart-complete-upload.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CompleteMultipartUpload<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The upload.
    pub upload: UploadId<'a>,
    /// Bytes in the whole archive.
    pub archive_size: u64,
    /// The tree hash of the whole archive.
    pub tree_hash: TreeHash,
}

impl Encode for CompleteMultipartUpload<'_> {
    fn method(&self) -> Method {
        Method::Post
    }
    fn path(&self, path: &mut Path<'_>) {
        upload_path(&self.vault, &self.upload, path);
    }
    fn headers(&self, headers: &mut Headers<'_, '_>) {
        headers.put("x-amz-archive-size", &self.archive_size).put("x-amz-sha256-tree-hash", &self.tree_hash);
    }
}

impl Operation for CompleteMultipartUpload<'_> {
    type Output<'b> = UploadArchiveOutput<'b>;

    // Unlike the other uploads, the request carries the tree hash, and the service compares it itself: a response may omit it.
    fn verify(&self, output: &UploadArchiveOutput<'_>) -> Result<(), TreeHashMismatch> {
        TreeHashMismatch::check(self.tree_hash, output.tree_hash.or(Some(self.tree_hash)), output.archive_id)
    }
}

/// Aborts a multipart upload. Idempotent.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-multipart-abort-upload.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AbortMultipartUpload<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The upload.
    pub upload: UploadId<'a>,
}

impl Encode for AbortMultipartUpload<'_> {
    fn method(&self) -> Method {
        Method::Delete
    }
    fn path(&self, path: &mut Path<'_>) {
        upload_path(&self.vault, &self.upload, path);
    }
}

impl Operation for AbortMultipartUpload<'_> {
    type Output<'b> = ();
}

/// Lists the parts that the service has, in the order of their ranges. Besides the parts a page has the members `MultipartUploadId`, `VaultARN`,
/// `ArchiveDescription`, `PartSizeInBytes` and `CreationDate`, which [`Listing::next_entry`](crate::Listing::next_entry) returns.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-multipart-list-parts.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ListParts<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The upload.
    pub upload: UploadId<'a>,
    /// The maximum number of parts in a page; 50 by default and at most.
    pub limit: Option<u64>,
    /// Where to continue: the marker of the previous page.
    pub marker: Option<&'a str>,
}

impl Encode for ListParts<'_> {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, path: &mut Path<'_>) {
        upload_path(&self.vault, &self.upload, path);
    }
    fn query(&self, query: &mut Query<'_>) {
        self.page_query(self.limit, self.marker, query);
    }
}

impl List for ListParts<'_> {
    const NAME: &'static str = "Parts";
    type Item<'b> = Part<'b>;
    fn item<'b>(_: &'b str, value: Value<'b>) -> Result<Part<'b>, DecodeError> {
        Ok(value.object()?.unwrap_or_default())
    }
}

impl Paginate for ListParts<'_> {
    fn page_query(&self, limit: Option<u64>, marker: Option<&str>, query: &mut Query<'_>) {
        query.page(limit, marker);
    }
    fn limit(&self) -> Option<u64> {
        self.limit
    }
    fn marker(&self) -> Option<&str> {
        self.marker
    }
}

/// A part that the service has.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct Part<'b> {
    /// Its bytes in the archive, `A-B`, both included; [`Part::range`] reads it.
    pub range_in_bytes: Option<Text<'b>>,
    /// Its tree hash; [`Part::tree_hash`] reads it.
    #[cfg_attr(feature = "serde", serde(rename = "SHA256TreeHash"))]
    pub sha256_tree_hash: Option<Text<'b>>,
}

impl<'b> FromJson<'b> for Part<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        match name {
            "RangeInBytes" => self.range_in_bytes = value.text()?,
            "SHA256TreeHash" => self.sha256_tree_hash = value.text()?,
            _ => {}
        }
        Ok(())
    }
}

impl Part<'_> {
    /// The part's bytes in the archive; `None` when the service's text is not a range.
    #[must_use]
    pub fn range(&self) -> Option<ByteRange> {
        self.range_in_bytes?.as_plain()?.parse().ok()
    }

    /// The part's tree hash; `None` when the service's text is not a hash.
    #[must_use]
    pub fn tree_hash(&self) -> Option<TreeHash> {
        self.sha256_tree_hash?.as_plain()?.parse().ok()
    }
}

/// Lists the multipart uploads of a vault that are neither completed nor aborted, in no guaranteed order.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-multipart-list-uploads.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ListMultipartUploads<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The maximum number of uploads in a page; 50 by default and at most.
    pub limit: Option<u64>,
    /// Where to continue: the marker of the previous page.
    pub marker: Option<&'a str>,
}

impl Encode for ListMultipartUploads<'_> {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, path: &mut Path<'_>) {
        self.vault.path(path);
        path.segment(&"multipart-uploads");
    }
    fn query(&self, query: &mut Query<'_>) {
        self.page_query(self.limit, self.marker, query);
    }
}

impl List for ListMultipartUploads<'_> {
    const NAME: &'static str = "UploadsList";
    type Item<'b> = MultipartUpload<'b>;
    fn item<'b>(_: &'b str, value: Value<'b>) -> Result<MultipartUpload<'b>, DecodeError> {
        Ok(value.object()?.unwrap_or_default())
    }
}

impl Paginate for ListMultipartUploads<'_> {
    fn page_query(&self, limit: Option<u64>, marker: Option<&str>, query: &mut Query<'_>) {
        query.page(limit, marker);
    }
    fn limit(&self) -> Option<u64> {
        self.limit
    }
    fn marker(&self) -> Option<&str> {
        self.marker
    }
}

/// A multipart upload in progress.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct MultipartUpload<'b> {
    /// The upload's id.
    pub multipart_upload_id: Option<Text<'b>>,
    /// The vault's ARN.
    #[cfg_attr(feature = "serde", serde(rename = "VaultARN"))]
    pub vault_arn: Option<Text<'b>>,
    /// The description that the archive will have.
    pub archive_description: Option<Text<'b>>,
    /// The size of all parts except the last.
    pub part_size_in_bytes: Option<u64>,
    /// When it was initiated.
    pub creation_date: Option<Text<'b>>,
}

impl<'b> FromJson<'b> for MultipartUpload<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        match name {
            "MultipartUploadId" => self.multipart_upload_id = value.text()?,
            "VaultARN" => self.vault_arn = value.text()?,
            "ArchiveDescription" => self.archive_description = value.text()?,
            "PartSizeInBytes" => self.part_size_in_bytes = value.number()?,
            "CreationDate" => self.creation_date = value.text()?,
            _ => {}
        }
        Ok(())
    }
}
