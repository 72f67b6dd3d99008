//! One archive into the vault: in one request up to 1 MiB, in parts of 1 MiB above.

use core::fmt::Display;
use core::pin::pin;

use embedded_sdmmc::BlockDevice;
use glacier_core::hash::PartTree;
use glacier_core::ops::{
    AbortMultipartUpload, BodyHashes, CompleteMultipartUpload, InitiateMultipartUpload, UploadArchive, UploadMultipartPart,
};
use glacier_core::retry::RetryPolicy;
use glacier_core::values::ids::{OwnedId, Upload};
use glacier_core::{DecodeError, Description, Layout, PartSize, PayloadHashes, Source, TreeHash, VaultRef, hash_source};

use crate::apart::apart;
use crate::body::Body;
use crate::link::Link;
use crate::why::Failed;

/// Parts of 1 MiB: the smallest there are, so that what is sent again after a failure is little, and each is one leaf of the tree hash,
/// whose two hashes are one.
const PART: PartSize = PartSize::MIN;

/// Where an archive goes, and what it is called on the console.
#[derive(Clone, Copy)]
pub(crate) struct Archive<'a> {
    pub(crate) vault: VaultRef<'a>,
    pub(crate) file: &'a dyn Display,
    pub(crate) description: Description<'a>,
}

/// Sends `body`, and says each step on the console. When it returns, the vault has the whole with our tree hash.
pub(crate) async fn upload<D: BlockDevice>(
    link: &mut Link<'_>,
    archive: Archive<'_>,
    body: &mut Body<'_, D>,
) -> Result<(), Failed> {
    let bytes = body.size();
    let layout = Layout::new(bytes, PART).map_err(|error| link.why.this(&error))?;
    link.console.line(format_args!("uploading file={} bytes={bytes} parts={}", archive.file, layout.count()));
    if layout.count() == 1 {
        apart(pin!(in_one(link, archive, body))).await
    } else {
        apart(pin!(in_parts(link, archive, body, layout))).await
    }
}

async fn in_one<D: BlockDevice>(link: &mut Link<'_>, archive: Archive<'_>, body: &mut Body<'_, D>) -> Result<(), Failed> {
    let Archive { vault, file, description } = archive;
    let hashes = hash(link, body).await?;
    let size = BodyHashes::try_from(hashes).map_err(|error| link.why.this(&error))?;
    let upload = UploadArchive { vault, description: Some(description), body: size };
    let console = link.console;
    // An answer without an id or with another tree hash is an error.
    let receipt = link.upload(&upload, body, true).await?;
    if let Ok(id) = receipt.archive_id() {
        console.line(format_args!("archived file={file} bytes={} archive={id} tree={}", hashes.size, hashes.tree));
    }
    Ok(())
}

async fn in_parts<D: BlockDevice>(
    link: &mut Link<'_>,
    archive: Archive<'_>,
    body: &mut Body<'_, D>,
    layout: Layout,
) -> Result<(), Failed> {
    let begin = InitiateMultipartUpload { vault: archive.vault, part_size: PART, description: Some(archive.description) };
    let id = link.call(&begin, link.uploads).await?.upload_id().map(|id| id.to_owned());
    let id: OwnedId<Upload> = match id {
        Ok(Ok(id)) => id,
        Ok(Err(error)) => return Err(link.why.all(&error)),
        Err(error) => return Err(link.why.all(&error)),
    };
    let tree = apart(pin!(send_parts(link, archive.vault, body, layout, &id))).await;
    let sent = match tree {
        Ok(tree) => apart(pin!(complete(link, archive, layout.size(), tree, &id))).await,
        Err(failed) => Err(failed),
    };
    // Where there may be an archive there is nothing to give up.
    if let Err(Failed::This | Failed::All) = sent {
        let abort = AbortMultipartUpload { vault: archive.vault, upload: id.as_id() };
        let once = RetryPolicy { max_attempts: 1, ..link.control };
        // Without looking at how it goes: the service forgets an upload by itself, a day after its last part.
        let Link { client, surroundings, buf, .. } = link;
        let _ = apart(pin!(async { client.send_retrying(&abort, once, surroundings, buf).await.is_ok() })).await;
    }
    sent
}

/// Sends all parts in order, and computes the tree hash of the whole.
async fn send_parts<D: BlockDevice>(
    link: &mut Link<'_>,
    vault: VaultRef<'_>,
    body: &Body<'_, D>,
    layout: Layout,
    id: &OwnedId<Upload>,
) -> Result<TreeHash, Failed> {
    let mut tree = PartTree::new(PART);
    for (index, range) in layout.parts().enumerate() {
        let mut part = body.range(range).map_err(|error| link.why.this(&error))?;
        let hashes = hash(link, &mut part).await?;
        let upload = UploadMultipartPart::new(vault, id.as_id(), range.first(), hashes).map_err(|error| link.why.this(&error))?;
        link.upload(&upload, &mut part, false).await?;
        link.console.line(format_args!("part index={index} parts={}", layout.count()));
        tree.push(hashes.size, hashes.tree).map_err(|error| link.why.this(&error))?;
    }
    tree.finish().map_err(|error| link.why.this(&error))
}

async fn complete(
    link: &mut Link<'_>,
    archive: Archive<'_>,
    archive_size: u64,
    tree_hash: TreeHash,
    id: &OwnedId<Upload>,
) -> Result<(), Failed> {
    let complete = CompleteMultipartUpload { vault: archive.vault, upload: id.as_id(), archive_size, tree_hash };
    let Link { client, surroundings, buf, why, uploads, console, .. } = link;
    let retries = surroundings.retries();
    let receipt = match client.send_retrying(&complete, *uploads, surroundings, buf).await {
        Ok(receipt) => receipt,
        // Refused after a try without a good answer: that one may have made the archive.
        Err(error) if surroundings.retries() > retries && !error.is_ambiguous() => {
            why.this(&format_args!("{error}; a try before that may have made the archive, so it is not sent again now"));
            return Err(Failed::MayExist);
        }
        Err(error) => return Err(why.last_call(&error)),
    };
    let Ok(id) = receipt.archive_id() else {
        why.this(&"the answer has no archive id; the archive may exist all the same");
        return Err(Failed::MayExist);
    };
    // Some answers have no tree hash; the service has compared the one of the request.
    if receipt.tree_hash.is_some_and(|theirs| theirs != tree_hash) {
        why.this(&DecodeError::TreeHashMismatch);
        return Err(Failed::MayExist);
    }
    console.line(format_args!("archived file={} bytes={archive_size} archive={id} tree={tree_hash}", archive.file));
    Ok(())
}

/// Both hashes of a body, in one pass over it.
async fn hash<D: BlockDevice>(link: &mut Link<'_>, body: &mut Body<'_, D>) -> Result<PayloadHashes, Failed> {
    let Link { buf, why, .. } = link;
    apart(pin!(hash_source(body, buf))).await.map_err(|error| why.this(&error))
}
