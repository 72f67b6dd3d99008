//! Archives and multipart uploads.

use std::error::Error;

use aws_sdk_glacier::primitives::ByteStream;
use glacier_core::ops::{
    AbortMultipartUpload, BodyHashes, CompleteMultipartUpload, DeleteArchive, InitiateMultipartUpload, ListMultipartUploads,
    ListParts, UploadArchive, UploadMultipartPart,
};
use glacier_core::{ArchiveId, Description, PartSize, PayloadHasher, PayloadHashes, UploadId};

use crate::pair::Pair;
use crate::{ID, VAULT, vault};

/// Two spaces, and characters that mean something elsewhere.
const DESCRIPTION: &str = "holiday  2012, \"the best\" = 100% (a/b)";
const MIB: usize = 1 << 20;
const TREE: &str = "9628195fcdbcbbe76cdde932d4646fa7de5f219fb39823836d81f0cc0e18aa67";

pub(crate) async fn all(pair: &mut Pair) -> Result<(), Box<dyn Error>> {
    let (sdk, vault, upload) = (pair.sdk.clone(), vault()?, UploadId::try_from(ID)?);

    // Three leaves and an odd one: both sides compute the tree hash.
    let data: Vec<u8> = (0..=250).cycle().take(3 * MIB + 1).collect();
    let description = Some(Description::try_from(DESCRIPTION)?);
    let body = ByteStream::from(data.clone());
    let theirs = sdk.upload_archive().vault_name(VAULT).archive_description(DESCRIPTION).body(body).send();
    let ours = UploadArchive { vault, description, body: BodyHashes::try_from(hashes(&data)?)? };
    pair.upload("UploadArchive", theirs, &ours, &data).await;

    let theirs = sdk.delete_archive().vault_name(VAULT).archive_id(ID).send();
    pair.operation("DeleteArchive", theirs, &DeleteArchive { vault, archive: ArchiveId::try_from(ID)? }).await;

    let theirs = sdk.initiate_multipart_upload().vault_name(VAULT).archive_description(DESCRIPTION).part_size("4194304").send();
    let ours = InitiateMultipartUpload { vault, part_size: PartSize::from_mib(4)?, description };
    pair.operation("InitiateMultipartUpload", theirs, &ours).await;

    // Beyond 4 GiB.
    let range = format!("bytes 4294967296-{}/*", 4_294_967_295 + data.len());
    let body = ByteStream::from(data.clone());
    let theirs = sdk.upload_multipart_part().vault_name(VAULT).upload_id(ID).range(range).body(body).send();
    let ours = UploadMultipartPart::new(vault, upload, 1 << 32, hashes(&data)?)?;
    pair.upload("UploadMultipartPart", theirs, &ours, &data).await;

    let theirs =
        sdk.complete_multipart_upload().vault_name(VAULT).upload_id(ID).archive_size("5497558138880").checksum(TREE).send();
    let ours = CompleteMultipartUpload { vault, upload, archive_size: 5_497_558_138_880, tree_hash: TREE.parse()? };
    pair.operation("CompleteMultipartUpload", theirs, &ours).await;

    let theirs = sdk.abort_multipart_upload().vault_name(VAULT).upload_id(ID).send();
    pair.operation("AbortMultipartUpload", theirs, &AbortMultipartUpload { vault, upload }).await;

    let theirs = sdk.list_multipart_uploads().vault_name(VAULT).limit(1).marker(ID).send();
    let ours = ListMultipartUploads { vault, limit: Some(1), marker: Some(ID) };
    pair.list("ListMultipartUploads", theirs, &ours).await;

    // Nothing says what a marker may hold.
    let marker = "1048576 /+=&?\u{e9}~";
    let theirs = sdk.list_parts().vault_name(VAULT).upload_id(ID).limit(1000).marker(marker).send();
    let ours = ListParts { vault, upload, limit: Some(1000), marker: Some(marker) };
    pair.list("ListParts", theirs, &ours).await;
    Ok(())
}

fn hashes(data: &[u8]) -> Result<PayloadHashes, Box<dyn Error>> {
    let mut hasher = PayloadHasher::new();
    hasher.update(data);
    Ok(hasher.finish()?)
}
