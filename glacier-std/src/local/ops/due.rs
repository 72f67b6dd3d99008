//! What happens by itself: everything whose time has come is done before a request looks, in the order of its times.

use std::sync::PoisonError;

use super::context::OperationContext;
use super::error::OperationError;
use super::inventory::forget;
use super::notify::notify;
use crate::local::model::{
    Completed, DAY, Event, JobRecord, JobWork, LockRecord, Moment, RetrievalLoad, Times, VaultNumber, VaultRecord, What,
};
use crate::local::store::{ReadRecords, ReadSettings, Writer};

/// Events of one transaction.
const BATCH: usize = 256;

/// Does all that is due.
pub(crate) fn catch_up(context: &OperationContext, times: Times) -> Result<(), OperationError> {
    let store = &context.store;
    let _doing = context.due.lock().unwrap_or_else(PoisonError::into_inner);
    while store.records.is_due(times.vault) {
        store.expect_no_orphans();
        store.write::<_, OperationError>(|records| {
            records.remove_orphans()?;
            for (at, sequence, event) in records.due(times.vault, BATCH)? {
                records.remove_due(at, sequence)?;
                happen(context, records, at, &event)?;
            }
            records.settle_due()?;
            Ok(records.keep_times(times)?)
        })?;
    }
    Ok(())
}

fn happen(context: &OperationContext, records: &Writer<'_>, at: Moment, event: &Event) -> Result<(), OperationError> {
    let number = event.vault;
    // What is due in a vault that was deleted is not due any more.
    let Some(vault) = records.vault(number)? else { return Ok(()) };
    match &event.what {
        What::JobDone { job } => job_done(context, records, number, &vault, job, at),
        What::JobEnds { job } => job_ends(context, records, number, &vault, job, at),
        What::UploadIdle { upload } => upload_idle(records, number, upload, at),
        What::UploadForgotten { upload } => Ok(records.remove_ended_upload(number, upload)?),
        What::LockExpires { lock } => lock_expires(records, number, lock),
        What::InventoryDue => inventory_due(context, records, number, vault, at),
        What::Forget => forget(context, records, number, &vault, at),
    }
}

fn job_done(
    context: &OperationContext,
    records: &Writer<'_>,
    number: VaultNumber,
    vault: &VaultRecord,
    id: &str,
    at: Moment,
) -> Result<(), OperationError> {
    let Some(job) = records.job(number, id)?.filter(|job| job.completed.is_none()) else { return Ok(()) };
    if let JobWork::Archive(work) = &job.work
        && work.rate > 0
    {
        let place = vault.key.place();
        let mut load: RetrievalLoad = records.account_setting(place)?;
        load.end(work.rate);
        records.save_account_setting(place, &load)?;
    }
    let completed = Completed { at, failure: job.failure.clone() };
    let job = JobRecord { completed: Some(completed), ..job };
    records.complete_job(number, id, &job)?;
    notify(context, records, number, vault, id, &job)?;
    Ok(records.schedule(at.after(DAY), number, What::JobEnds { job: id.to_owned() })?)
}

fn job_ends(
    context: &OperationContext,
    records: &Writer<'_>,
    number: VaultNumber,
    vault: &VaultRecord,
    id: &str,
    at: Moment,
) -> Result<(), OperationError> {
    let Some(job) = records.job(number, id)? else { return Ok(()) };
    records.remove_job(number, id, &job)?;
    match job.work {
        // It may have been the last that needed deleted archives.
        JobWork::Inventory(work) if work.output.is_none() => forget(context, records, number, vault, at),
        _ => Ok(()),
    }
}

/// An upload that got a part meanwhile is looked at again when that was a day ago.
fn upload_idle(records: &Writer<'_>, number: VaultNumber, id: &str, at: Moment) -> Result<(), OperationError> {
    let Some(upload) = records.upload(number, id)? else { return Ok(()) };
    if at < upload.idle_until() {
        return Ok(records.schedule(upload.idle_until(), number, What::UploadIdle { upload: id.to_owned() })?);
    }
    Ok(records.end_upload(number, id, &upload)?)
}

fn lock_expires(records: &Writer<'_>, number: VaultNumber, id: &str) -> Result<(), OperationError> {
    match records.setting::<LockRecord>(number)? {
        Some(lock) if lock.is_in_progress(id) => Ok(records.remove_setting::<LockRecord>(number)?),
        _ => Ok(()),
    }
}

fn inventory_due(
    context: &OperationContext,
    records: &Writer<'_>,
    number: VaultNumber,
    mut vault: VaultRecord,
    at: Moment,
) -> Result<(), OperationError> {
    if !vault.is_written {
        return Ok(());
    }
    vault.take_inventory(at, records.next_sequence()?);
    records.save_vault(number, &vault)?;
    forget(context, records, number, &vault, at)
}
