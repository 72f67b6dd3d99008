//! UploadArchive and DeleteArchive.
//!
//! A deleted archive is gone at once, and with it what its retrieval jobs would give; a download that is under way may break off.

use std::sync::Arc;

use embedded_io_async::Read;
use glacier_core::PartSize;
use redb::WriteTransaction;

use super::answer::Answer;
use super::call::Call;
use super::receive::{Failure, receive};
use super::records::Archive;
use super::refuse::Refused;
use super::tables::{ARCHIVES, PIECES, Records, VAULTS, save};
use super::{Inner, blocking, check, ids, pieces, vaults};

pub(super) async fn upload<B: Read>(
    inner: &Arc<Inner>,
    call: Arc<Call>,
    size: Option<u64>,
    body: &mut B,
) -> Result<Answer, Failure<B::Error>> {
    let announced = check::announced(&call.headers, size)?;
    let description = check::description(&call.headers)?;
    blocking(inner, &call, vaults::must_exist).await?;
    let received = receive(inner, &call, &announced, body).await?;
    let answer = blocking(inner, &call, move |inner, call| {
        let id = ids::archive()?;
        let archive = Archive {
            created: call.now,
            description,
            size: announced.size,
            tree: announced.tree,
            body: id.clone(),
            part_size: PartSize::MAX.bytes(),
        };
        received.record(inner, call, |transaction, piece| {
            save(&mut transaction.open_table(PIECES)?, (&id, 0), piece)?;
            add(transaction, call, &id, &archive)
        })?;
        Ok(receipt(call, &id, &archive))
    });
    Ok(answer.await?)
}

/// Records a new archive and counts it.
pub(super) fn add(transaction: &WriteTransaction, call: &Call, id: &str, archive: &Archive) -> Result<(), Refused> {
    save(&mut transaction.open_table(ARCHIVES)?, (&call.vault, id), archive)?;
    vaults::count(transaction, call, |vault| {
        vault.archives += 1;
        vault.bytes += archive.size;
    })
}

/// What is said of a new archive.
pub(super) fn receipt(call: &Call, id: &str, archive: &Archive) -> Answer {
    Answer::empty(201)
        .with("Location", call.location(&["archives", id]))
        .with("x-amz-archive-id", id)
        .with("x-amz-sha256-tree-hash", archive.tree.to_string())
}

/// The archive's record, which must exist.
pub(super) fn find(table: &impl Records<(&'static str, &'static str)>, call: &Call, id: &str) -> Result<Archive, Refused> {
    table.load((&call.vault, id))?.ok_or_else(|| Refused::not_found(format!("The archive ID was not found: {id}")))
}

/// It is no error when there is no such archive.
pub(super) fn delete(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
    let removed = inner.change(call, |transaction| {
        vaults::find(&transaction.open_table(VAULTS)?, call)?;
        let mut archives = transaction.open_table(ARCHIVES)?;
        let Some(archive) = archives.load::<Archive>((&call.vault, &call.id))? else { return Ok(Vec::new()) };
        archives.remove((call.vault.as_str(), call.id.as_str()))?;
        vaults::count(transaction, call, |vault| {
            vault.archives = vault.archives.saturating_sub(1);
            vault.bytes = vault.bytes.saturating_sub(archive.size);
        })?;
        pieces::remove(transaction, &archive.body)
    })?;
    inner.blobs.remove(&removed);
    Ok(Answer::empty(204))
}
