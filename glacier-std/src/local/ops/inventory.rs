//! The inventories of vaults: when one is taken, which deleted archives it still needs, and how the output of an inventory job is written.

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;

use super::context::OperationContext;
use super::error::OperationError;
use super::upload_body::ReceivedBody;
use crate::local::model::{
    ArchiveRecord, BodyHasher, BodyId, InventoryFilter, InventoryOutput, InventoryWork, JobRecord, JobWork, Moment, VaultNumber,
    VaultRecord, What, inventory_due,
};
use crate::local::request::ApiRequest;
use crate::local::response::InventoryWriter;
use crate::local::store::{ReadRecords, Staged, Writer};

/// Deleted archives that are forgotten in one transaction.
const FORGET: usize = 1000;

/// Saves a vault in which an archive was added or deleted: an inventory is due some time later, or taken now where nothing takes time.
pub(super) fn written(
    context: &OperationContext,
    records: &Writer<'_>,
    number: VaultNumber,
    mut vault: VaultRecord,
    now: Moment,
) -> Result<(), OperationError> {
    if context.time.is_instant() {
        vault.take_inventory(now, records.next_sequence()?);
    } else if !vault.is_written {
        vault.is_written = true;
        let due = inventory_due(vault.inventory.map(|last| last.taken), now);
        records.schedule(due, number, What::InventoryDue)?;
    }
    Ok(records.save_vault(number, &vault)?)
}

/// Whether an inventory may still have to list an archive that is deleted now.
pub(super) fn is_remembered(
    context: &OperationContext,
    records: &Writer<'_>,
    number: VaultNumber,
    vault: &VaultRecord,
    archive: &ArchiveRecord,
) -> Result<bool, OperationError> {
    let last = vault.inventory.filter(|_| !context.time.is_instant());
    let is_listed = last.is_some_and(|last| archive.sequence < last.sequence);
    Ok(is_listed || records.oldest_unwritten(number)?.is_some())
}

/// Forgets deleted archives that no inventory has to list any more.
pub(super) fn forget(
    context: &OperationContext,
    records: &Writer<'_>,
    number: VaultNumber,
    vault: &VaultRecord,
    now: Moment,
) -> Result<(), OperationError> {
    let last = vault.inventory.filter(|_| !context.time.is_instant()).map(|last| last.sequence);
    let oldest = [last, records.oldest_unwritten(number)?].into_iter().flatten().min().unwrap_or(u64::MAX);
    if records.forget_deleted(number, oldest, FORGET)? {
        records.schedule(now, number, What::Forget)?;
    }
    Ok(())
}

/// Writes the output of an inventory job that is done, unless it was written before. The job as it is then.
pub(super) fn write_output(
    context: &OperationContext,
    request: &ApiRequest,
    number: VaultNumber,
    id: &str,
    job: JobRecord,
) -> Result<JobRecord, OperationError> {
    let is_done = job.completed.as_ref().is_some_and(|completed| completed.failure.is_none());
    let work = match &job.work {
        JobWork::Inventory(work) if is_done && work.output.is_none() => work,
        _ => return Ok(job),
    };
    let (body, last) = render(context, request, number, work)?;
    let size = body.size();
    body.record(context, request, |records, piece| {
        // Another request may have written it, or the job may have ended.
        let Some(mut job) = records.job(number, id)? else {
            records.remove_blob(piece.blob)?;
            return Ok(job);
        };
        if let JobWork::Inventory(work) = &mut job.work
            && work.output.is_none()
        {
            let body = BodyId(records.next_sequence()?);
            records.save_piece(body, 0, piece)?;
            work.output = Some(InventoryOutput { body, size, last });
            records.save_written_job(number, id, &job)?;
            if let Some(vault) = records.vault(number)? {
                forget(context, records, number, &vault, request.now())?;
            }
        } else {
            records.remove_blob(piece.blob)?;
        }
        Ok(job)
    })
}

/// Writes the list into a staged file; also the last archive in it, if there are more.
fn render(
    context: &OperationContext,
    request: &ApiRequest,
    number: VaultNumber,
    work: &InventoryWork,
) -> Result<(ReceivedBody, Option<String>), OperationError> {
    let staged = context.store.blobs.stage(context.ids.blob()?)?;
    let mut out = BufWriter::with_capacity(64 << 10, Hashed { out: staged, hasher: BodyHasher::default() });
    let more = context.store.records.read(|records| list(records, &request.arn(), number, work, &mut out))?;
    let Hashed { out, hasher } = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok((ReceivedBody::new(out, hasher)?, more))
}

/// Writes the list of an inventory job; the last archive in it, if there are more. It is the same whenever it is written.
fn list(
    records: &impl ReadRecords,
    arn: &str,
    number: VaultNumber,
    work: &InventoryWork,
    out: impl Write,
) -> Result<Option<String>, OperationError> {
    let filter = InventoryFilter::of(work);
    let mut more = None;
    let mut inventory = InventoryWriter::begin(&work.format, arn, &work.taken.to_string(), out)?;
    let (mut count, mut last) = (0, String::new());
    records.each_archive::<OperationError>(number, work.after.as_deref().unwrap_or_default(), |id, archive, deleted| {
        if !filter.includes(&archive, deleted) {
            return Ok(ControlFlow::Continue(()));
        }
        if work.limit == Some(count) {
            more = Some(std::mem::take(&mut last));
            return Ok(ControlFlow::Break(()));
        }
        inventory.row(&id, &archive)?;
        (count, last) = (count + 1, id);
        Ok(ControlFlow::Continue(()))
    })?;
    inventory.end()?;
    Ok(more)
}

/// How long the list of an inventory job will be, and the last archive in it, if there are more.
pub(super) fn measure(
    records: &impl ReadRecords,
    arn: &str,
    number: VaultNumber,
    work: &InventoryWork,
) -> Result<(u64, Option<String>), OperationError> {
    let mut length = Length(0);
    let more = list(records, arn, number, work, &mut length)?;
    Ok((length.0, more))
}

/// Counts what is written.
struct Length(u64);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Hashes what is written.
struct Hashed {
    out: Staged,
    hasher: BodyHasher,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
