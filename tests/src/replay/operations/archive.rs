//! Archives and multipart uploads.

use glacier_core::ops::{
    AbortMultipartUpload, BodyHashes, CompleteMultipartUpload, DeleteArchive, InitiateMultipartUpload, ListMultipartUploads,
    ListParts, UploadArchive, UploadMultipartPart,
};
use glacier_core::{ByteRange, PartSize};

use super::super::outputs::Shape;
use super::super::params::{Built, NotBuilt, Params, byte_range, missing, tree_hash, typed};
use super::row::Row;
use super::{Rule, Visit, inexpressible, rule};

/// The operations of this file.
pub(super) const OPERATIONS: &[Row] = &[
    ("AbortMultipartUpload", &["accountId", "vaultName", "uploadId"], r#"{}"#),
    (
        "CompleteMultipartUpload",
        &["accountId", "vaultName", "uploadId", "archiveSize", "checksum"],
        r#"{"archiveSize": "1", "checksum": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"}"#,
    ),
    ("DeleteArchive", &["accountId", "vaultName", "archiveId"], r#"{}"#),
    ("InitiateMultipartUpload", &["accountId", "vaultName", "archiveDescription", "partSize"], r#"{"partSize": "1048576"}"#),
    ("ListMultipartUploads", &["accountId", "vaultName", "limit", "marker"], r#"{}"#),
    ("ListParts", &["accountId", "vaultName", "uploadId", "limit", "marker"], r#"{}"#),
    ("UploadArchive", &["accountId", "vaultName", "archiveDescription", "checksum", "body"], r#"{"body": {"$text": "a"}}"#),
    (
        "UploadMultipartPart",
        &["accountId", "vaultName", "uploadId", "checksum", "range", "body"],
        r#"{"range": "bytes 0-0/*", "body": {"$text": "a"}}"#,
    ),
];

pub(super) fn with<V: Visit>(operation: &str, p: &Params<'_>, visit: V) -> Built<V::Out> {
    match operation {
        "UploadArchive" => {
            let (vault, description) = (p.vault()?, p.description("archiveDescription")?);
            let content = p.body()?;
            let hashes = p.hashes(&content)?;
            let body = typed("body", BodyHashes::try_from(hashes), rule::body_size(content.len() as u64))?;
            p.finish_operation(operation)?;
            Ok(visit.upload(&UploadArchive { vault, description, body }, &content))
        }
        "DeleteArchive" => {
            let built = DeleteArchive { vault: p.vault()?, archive: p.id("archiveId")? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "InitiateMultipartUpload" => {
            let (vault, description) = (p.vault()?, p.description("archiveDescription")?);
            let bytes = p.number("partSize")?.ok_or_else(|| missing("partSize"))?;
            let part_size = typed("partSize", PartSize::from_bytes(bytes), rule::part_size(bytes))?;
            p.finish_operation(operation)?;
            Ok(visit.operation(&InitiateMultipartUpload { vault, part_size, description }))
        }
        "UploadMultipartPart" => {
            let (vault, upload) = (p.vault()?, p.id("uploadId")?);
            let content = p.body()?;
            let range = content_range(p.required("range")?)?;
            let hashes = p.hashes(&content)?;
            let size = content.len() as u64;
            let built =
                typed("part", UploadMultipartPart::new(vault, upload, range.first(), hashes), rule::part(range.first(), size))?;
            p.finish_operation(operation)?;
            if range.last() - range.first() + 1 != size {
                // The part's bytes say how long its range is, so another length cannot be given.
                return Err(NotBuilt::Rejected(Rule::Rule, format!("{size} bytes do not fill {range}")));
            }
            Ok(visit.upload(&built, &content))
        }
        "CompleteMultipartUpload" => {
            let (vault, upload) = (p.vault()?, p.id("uploadId")?);
            let archive_size = p.number("archiveSize")?.ok_or_else(|| missing("archiveSize"))?;
            let text = p.required("checksum")?;
            let tree_hash = tree_hash(text)?;
            p.finish_operation(operation)?;
            Ok(visit.operation(&CompleteMultipartUpload { vault, upload, archive_size, tree_hash }))
        }
        "AbortMultipartUpload" => {
            let built = AbortMultipartUpload { vault: p.vault()?, upload: p.id("uploadId")? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "ListMultipartUploads" => {
            let built = ListMultipartUploads { vault: p.vault()?, limit: p.number("limit")?, marker: p.text("marker")? };
            p.finish_operation(operation)?;
            Ok(visit.pages(&built, Shape::PAGE))
        }
        "ListParts" => {
            let (vault, upload) = (p.vault()?, p.id("uploadId")?);
            let built = ListParts { vault, upload, limit: p.number("limit")?, marker: p.text("marker")? };
            p.finish_operation(operation)?;
            Ok(visit.pages(&built, Shape::PARTS))
        }
        _ => Err(NotBuilt::Unknown(operation.to_string())),
    }
}

/// `bytes A-B/*`
fn content_range(text: &str) -> Built<ByteRange> {
    let range = text.strip_prefix("bytes ").and_then(|rest| rest.strip_suffix("/*")).and_then(byte_range);
    range.ok_or_else(|| inexpressible("range", text))
}
