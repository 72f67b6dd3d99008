//! One archive into the vault: in one request up to 1 MiB, in parts of 1 MiB above.

use core::fmt::Display;

use embedded_sdmmc::BlockDevice;
use glacier_core::id::{OwnedId, Upload};
use glacier_core::ops::{
    AbortMultipartUpload, CompleteMultipartUpload, InitiateMultipartUpload, UploadArchive, UploadMultipartPart,
};
use glacier_core::range::LayoutError;
use glacier_core::{Description, Error, Layout, PartSize, Source, TreeHash, TreeHasher, VaultRef, hash_source};

use crate::body::Body;
use crate::link::Link;
use crate::upload_error::UploadError;

/// Parts of 1 MiB: the smallest there are, so that what is sent again after a failure is little, and each is one leaf of the tree hash,
/// whose two hashes are one.
const PART: PartSize = PartSize::MIN;

/// Sends `body`, and says each step on the console; `file` is its name there. When it returns, the vault has the whole with our tree hash.
pub(crate) async fn upload<D: BlockDevice>(
    link: &mut Link<'_>,
    vault: VaultRef<'_>,
    file: &dyn Display,
    body: &mut Body<'_, D>,
    description: Description<'_>,
) -> Result<(), UploadError<D>> {
    let bytes = body.size();
    let layout = Layout::new(bytes, PART)?;
    link.console.line(format_args!("uploading file={file} bytes={bytes} parts={}", layout.count()));
    if layout.count() == 1 {
        in_one(link, vault, file, body, description).await
    } else {
        in_parts(link, vault, file, body, layout, description).await
    }
}

async fn in_one<D: BlockDevice>(
    link: &mut Link<'_>,
    vault: VaultRef<'_>,
    file: &dyn Display,
    body: &mut Body<'_, D>,
    description: Description<'_>,
) -> Result<(), UploadError<D>> {
    let hashes = hash_source(body, link.buf).await.map_err(Error::Source)?;
    let upload = UploadArchive { vault, description: Some(description), body: hashes.try_into()? };
    match link.client.upload_retrying(&upload, body, link.uploads, &mut link.surroundings, link.buf).await {
        Ok(receipt) => {
            let id = receipt.archive_id().map_err(|error| UploadError::MayExist(error.into()))?;
            link.console.line(format_args!("archived file={file} bytes={} archive={id} tree={}", hashes.size, hashes.tree));
            Ok(())
        }
        Err(error) => Err(UploadError::of_last_request(error)),
    }
}

async fn in_parts<D: BlockDevice>(
    link: &mut Link<'_>,
    vault: VaultRef<'_>,
    file: &dyn Display,
    body: &mut Body<'_, D>,
    layout: Layout,
    description: Description<'_>,
) -> Result<(), UploadError<D>> {
    let begin = InitiateMultipartUpload { vault, part_size: PART, description: Some(description) };
    let begun = link.client.send_retrying(&begin, link.uploads, &mut link.surroundings, link.buf).await;
    let begun = begun.map_err(Error::widen)?;
    let id: OwnedId<Upload> = begun.upload_id().map_err(Error::Decode)?.to_owned()?;
    let sent = match send_parts(link, vault, body, layout, &id).await {
        Ok(tree) => complete(link, vault, file, layout.size(), tree, &id).await,
        Err(error) => Err(error),
    };
    // Where there may be an archive there is nothing to give up.
    if sent.as_ref().is_err_and(|error| !error.may_exist()) {
        let abort = AbortMultipartUpload { vault, upload: id.as_id() };
        // One try: the service forgets an upload by itself, a day after its last part.
        link.try_once(&abort).await;
    }
    sent
}

/// Sends all parts in order, and computes the tree hash of the whole.
async fn send_parts<D: BlockDevice>(
    link: &mut Link<'_>,
    vault: VaultRef<'_>,
    body: &mut Body<'_, D>,
    layout: Layout,
    id: &OwnedId<Upload>,
) -> Result<TreeHash, UploadError<D>> {
    let mut tree = TreeHasher::new();
    let mut last = None;
    for (index, range) in layout.parts().enumerate() {
        let mut part = body.range(range)?;
        let hashes = hash_source(&mut part, link.buf).await.map_err(Error::Source)?;
        let upload = UploadMultipartPart::new(vault, id.as_id(), range.first(), hashes)?;
        link.client.upload_retrying(&upload, &mut part, link.uploads, &mut link.surroundings, link.buf).await?;
        link.console.line(format_args!("part index={index} parts={}", layout.count()));
        if range.len() == PART.bytes() {
            // Parts begin at multiples of their size, as the layout makes them.
            tree.push_part(PART, hashes.tree).map_err(|_| UploadError::Layout(LayoutError::TooLarge { size: layout.size() }))?;
        } else {
            last = Some(hashes.tree);
        }
    }
    let whole = match last {
        Some(last) => tree.finish_with_last_part(last),
        None => tree.finish(),
    };
    whole.map_err(|_| UploadError::Layout(LayoutError::TooLarge { size: layout.size() }))
}

async fn complete<D: BlockDevice>(
    link: &mut Link<'_>,
    vault: VaultRef<'_>,
    file: &dyn Display,
    archive_size: u64,
    tree_hash: TreeHash,
    id: &OwnedId<Upload>,
) -> Result<(), UploadError<D>> {
    let complete = CompleteMultipartUpload { vault, upload: id.as_id(), archive_size, tree_hash };
    let retries = link.surroundings.retries();
    let receipt = match link.client.send_retrying(&complete, link.uploads, &mut link.surroundings, link.buf).await {
        Ok(receipt) => receipt,
        // Refused after a try without a good answer: that one may have made the archive.
        Err(error) if link.surroundings.retries() > retries => return Err(UploadError::MayExist(error.widen())),
        Err(error) => return Err(UploadError::of_last_request(error.widen())),
    };
    let archive = receipt.archive_id().map_err(|error| UploadError::MayExist(error.into()))?;
    // Some answers have no tree hash; the service has compared the one of the request.
    if receipt.tree_hash.is_some_and(|theirs| theirs != tree_hash) {
        return Err(UploadError::OtherTreeHash);
    }
    link.console.line(format_args!("archived file={file} bytes={archive_size} archive={archive} tree={tree_hash}"));
    Ok(())
}
