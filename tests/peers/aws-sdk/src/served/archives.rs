//! Archives and uploads in parts.

use aws_sdk_glacier::Client;
use aws_sdk_glacier::primitives::ByteStream;
use glacier_core::PayloadHasher;

use super::check::{ABSENT, Failure, INVALID, MISSING, Outcome, equal, fails, some};
use super::jobs::retrieve;
use super::server::ACCOUNT;

pub(super) const MIB: usize = 1 << 20;

/// Bytes that differ from leaf to leaf.
pub(super) fn data(size: usize) -> Vec<u8> {
    (0..=250).cycle().take(size).collect()
}

pub(super) fn tree(bytes: &[u8]) -> Result<String, Failure> {
    let mut hasher = PayloadHasher::new();
    hasher.update(bytes);
    Ok(hasher.finish()?.tree.to_string())
}

pub(super) async fn archive(sdk: Client) -> Outcome {
    let (vault, content) = ("archives", data(3 * MIB + 7));
    sdk.create_vault().vault_name(vault).send().await?;
    let upload = |content: &[u8]| sdk.upload_archive().vault_name(vault).body(ByteStream::from(content.to_vec()));
    let up = upload(&content).archive_description("a description").send().await?;
    let id = some(up.archive_id(), "archive id")?;
    equal(up.checksum(), Some(tree(&content)?.as_str()), "checksum of the upload")?;
    equal(up.location(), Some(format!("/{ACCOUNT}/vaults/{vault}/archives/{id}").as_str()), "location")?;

    let (body, output, job) = retrieve(&sdk, vault, id, None, None).await?;
    equal(body == content, true, "the archive equals the data")?;
    equal((output.status, output.archive_description()), (200, Some("a description")), "status and description")?;
    equal([output.checksum(), job.sha256_tree_hash(), job.archive_sha256_tree_hash()], [up.checksum(); 3], "checksums")?;
    let range = format!("{}-{}", 2 * MIB, content.len() - 1);
    let (body, output, _) = retrieve(&sdk, vault, id, Some(&range), None).await?;
    equal(body == content[2 * MIB..], true, "a range of the archive")?;
    equal(output.checksum(), Some(tree(&content[2 * MIB..])?.as_str()), "its checksum")?;
    let (body, output, _) = retrieve(&sdk, vault, id, None, Some("bytes=100-299")).await?;
    equal(body == content[100..300], true, "a piece of the output")?;
    let wanted = format!("bytes 100-299/{}", content.len());
    equal((output.status, output.content_range()), (206, Some(wanted.as_str())), "status and range of a piece")?;

    fails(upload(b"").send().await, INVALID)?;
    fails(upload(b"x").checksum("0".repeat(64)).send().await, INVALID)?;
    fails(upload(b"x").vault_name("nosuch").send().await, ABSENT)?;
    fails(sdk.delete_vault().vault_name(vault).send().await, INVALID)?;
    for _ in 0..2 {
        sdk.delete_archive().vault_name(vault).archive_id(id).send().await?;
    }
    Ok(())
}

pub(super) async fn parts(sdk: Client) -> Outcome {
    let (vault, content) = ("parts", data(2 * MIB + 99));
    sdk.create_vault().vault_name(vault).send().await?;
    let initiate = || sdk.initiate_multipart_upload().vault_name(vault);
    let mut uploads = Vec::new();
    for number in 0..3 {
        let made = initiate().part_size(MIB.to_string()).archive_description(format!("no. {number}")).send().await?;
        uploads.push(some(made.upload_id, "upload id")?);
    }
    let pages = sdk.list_multipart_uploads().vault_name(vault).into_paginator().page_size(2).send().try_collect().await?;
    equal(pages.iter().map(|page| page.uploads_list().len()).collect(), vec![2, 1], "uploads on each page")?;
    let mut listed: Vec<_> =
        pages.iter().flat_map(|page| page.uploads_list()).filter_map(|upload| upload.archive_description()).collect();
    listed.sort_unstable();
    equal(listed, vec!["no. 0", "no. 1", "no. 2"], "descriptions")?;

    let this = uploads[0].as_str();
    let send = |at: usize, piece: &[u8]| {
        let range = format!("bytes {at}-{}/*", at + piece.len() - 1);
        sdk.upload_multipart_part().vault_name(vault).upload_id(this).range(range).body(ByteStream::from(piece.to_vec())).send()
    };
    for (number, piece) in content.chunks(MIB).enumerate().rev() {
        equal(send(number * MIB, piece).await?.checksum(), Some(tree(piece)?.as_str()), "checksum of a part")?;
    }
    fails(send(5, &content[..MIB]).await, INVALID)?;
    let pages = sdk.list_parts().vault_name(vault).upload_id(this).into_paginator().page_size(2).send().try_collect().await?;
    equal(pages.iter().map(|page| page.parts().len()).collect(), vec![2, 1], "parts on each page")?;
    let mut wanted = Vec::new();
    for (number, piece) in content.chunks(MIB).enumerate() {
        wanted.push((Some(format!("{}-{}", number * MIB, number * MIB + piece.len() - 1)), Some(tree(piece)?)));
    }
    let parts = pages.into_iter().flat_map(|page| page.parts.unwrap_or_default());
    equal(parts.map(|part| (part.range_in_bytes, part.sha256_tree_hash)).collect(), wanted, "parts")?;

    let complete = |size: usize, checksum: &str| {
        let call = sdk.complete_multipart_upload().vault_name(vault).upload_id(this);
        call.archive_size(size.to_string()).checksum(checksum).send()
    };
    let whole = tree(&content)?;
    fails(complete(content.len() - 1, &whole).await, INVALID)?;
    fails(complete(content.len(), &"0".repeat(64)).await, INVALID)?;
    let made = complete(content.len(), &whole).await?;
    equal(complete(content.len(), &whole).await?.archive_id(), made.archive_id(), "the id, when it is completed again")?;
    let (body, output, _) = retrieve(&sdk, vault, some(made.archive_id(), "archive id")?, None, None).await?;
    equal(body == content, true, "the archive equals the data")?;
    equal((output.checksum(), output.archive_description()), (Some(whole.as_str()), Some("no. 0")), "checksum and description")?;

    sdk.abort_multipart_upload().vault_name(vault).upload_id(&uploads[1]).send().await?;
    let left = sdk.list_multipart_uploads().vault_name(vault).send().await?;
    let left = left.uploads_list().iter().map(|upload| upload.multipart_upload_id()).collect();
    equal(left, vec![Some(uploads[2].as_str())], "the upload that is left")?;
    fails(sdk.list_parts().vault_name(vault).upload_id(&uploads[1]).send().await, ABSENT)?;
    fails(initiate().send().await, MISSING)?;
    fails(initiate().part_size((3 * MIB).to_string()).send().await, INVALID)
}
