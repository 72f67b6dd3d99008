//! Uploads one archive: in one request up to 1 MiB, in parts of 1 MiB if it is larger.

use core::fmt::Display;
use core::pin::pin;

use embedded_sdmmc::BlockDevice;
use glacier_core::hash::PartTree;
use glacier_core::ops::{
    AbortMultipartUpload, BodyHashes, CompleteMultipartUpload, InitiateMultipartUpload, UploadArchive, UploadMultipartPart,
};
use glacier_core::values::ids::{OwnedId, Upload};
use glacier_core::{Description, Layout, PartSize, PayloadHashes, Source, TreeHash, VaultRef, hash_source};

use super::body::Body;
use super::failure::Failed;
use super::link::Link;
use crate::own_frame::in_own_frame;

/// The smallest part size, 1 MiB: little is sent again after a failure, and a part is a single leaf of the tree hash, so that its linear
/// hash and its tree hash are the same and computed once.
const PART: PartSize = PartSize::MIN;

/// Vault, console name and description of an archive.
#[derive(Clone, Copy)]
pub(crate) struct Archive<'a> {
    pub(crate) vault: VaultRef<'a>,
    pub(crate) file: &'a dyn Display,
    pub(crate) description: Description<'a>,
}

/// Uploads `body`, with a console line for each step. When it succeeds, the vault has the whole archive with the tree hash computed here.
pub(crate) async fn upload<D: BlockDevice>(
    link: &mut Link<'_>,
    archive: Archive<'_>,
    body: &mut Body<'_, D>,
) -> Result<(), Failed> {
    let bytes = body.size();
    let layout = Layout::new(bytes, PART).map_err(|error| link.reason.this(&error))?;
    link.console.line(format_args!("uploading file={} bytes={bytes} parts={}", archive.file, layout.count()));
    if layout.count() == 1 {
        in_own_frame(pin!(in_one_request(link, archive, body))).await
    } else {
        in_own_frame(pin!(in_parts(link, archive, body, layout))).await
    }
}

async fn in_one_request<D: BlockDevice>(link: &mut Link<'_>, archive: Archive<'_>, body: &mut Body<'_, D>) -> Result<(), Failed> {
    let Archive { vault, file, description } = archive;
    let hashes = hash(link, body).await?;
    let body_hashes = BodyHashes::try_from(hashes).map_err(|error| link.reason.this(&error))?;
    let upload = UploadArchive { vault, description: Some(description), body: body_hashes };
    let console = link.console;
    // A response without an id or with a different tree hash is an error.
    let output = link.upload(&upload, body, true).await?;
    if let Ok(id) = output.archive_id() {
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
    let initiate = InitiateMultipartUpload { vault: archive.vault, part_size: PART, description: Some(archive.description) };
    let id = link.call(&initiate, link.uploads).await?.upload_id().map(|id| id.to_owned());
    let id: OwnedId<Upload> = match id {
        Ok(Ok(id)) => id,
        Ok(Err(error)) => return Err(link.reason.all(&error)),
        Err(error) => return Err(link.reason.all(&error)),
    };
    let tree = in_own_frame(pin!(upload_parts(link, archive.vault, body, layout, &id))).await;
    let uploaded = match tree {
        Ok(tree) => in_own_frame(pin!(complete(link, archive, layout.size(), tree, &id))).await,
        Err(failed) => Err(failed),
    };
    // If the archive may exist, there may be no upload left to abort.
    if let Err(Failed::This | Failed::All) = uploaded {
        let abort = AbortMultipartUpload { vault: archive.vault, upload: id.as_id() };
        let once = link.control.with_max_attempts(1);
        // The result does not matter: the service discards an upload by itself, a day after its last part.
        let Link { client, environment, buf, .. } = link;
        let _ = in_own_frame(pin!(async { client.send_retrying(&abort, once, environment, buf).await.is_ok() })).await;
    }
    uploaded
}

/// Uploads all parts in order, and computes the tree hash of the archive.
async fn upload_parts<D: BlockDevice>(
    link: &mut Link<'_>,
    vault: VaultRef<'_>,
    body: &Body<'_, D>,
    layout: Layout,
    id: &OwnedId<Upload>,
) -> Result<TreeHash, Failed> {
    let mut tree = PartTree::new(PART);
    for (index, range) in layout.parts().enumerate() {
        let mut part = body.range(range).map_err(|error| link.reason.this(&error))?;
        let hashes = hash(link, &mut part).await?;
        let upload =
            UploadMultipartPart::new(vault, id.as_id(), range.first(), hashes).map_err(|error| link.reason.this(&error))?;
        link.upload(&upload, &mut part, false).await?;
        link.console.line(format_args!("part index={index} parts={}", layout.count()));
        tree.push(hashes.size, hashes.tree).map_err(|error| link.reason.this(&error))?;
    }
    tree.finish().map_err(|error| link.reason.this(&error))
}

async fn complete(
    link: &mut Link<'_>,
    archive: Archive<'_>,
    archive_size: u64,
    tree_hash: TreeHash,
    id: &OwnedId<Upload>,
) -> Result<(), Failed> {
    let complete = CompleteMultipartUpload { vault: archive.vault, upload: id.as_id(), archive_size, tree_hash };
    let Link { client, environment, buf, reason, uploads, console, .. } = link;
    let output = match client.send_retrying(&complete, *uploads, environment, buf).await {
        Ok(output) => output,
        Err(error) => return Err(reason.archive_call(&error)),
    };
    let Ok(id) = output.archive_id() else {
        reason.this(&"the response has no archive id; the archive may exist");
        return Err(Failed::MayExist);
    };
    console.line(format_args!("archived file={} bytes={archive_size} archive={id} tree={tree_hash}", archive.file));
    Ok(())
}

/// Both hashes of a body, in one pass over it.
async fn hash<D: BlockDevice>(link: &mut Link<'_>, body: &mut Body<'_, D>) -> Result<PayloadHashes, Failed> {
    let Link { buf, reason, .. } = link;
    in_own_frame(pin!(hash_source(body, buf))).await.map_err(|error| reason.this(&error))
}
