//! What control shows of the vaults. It costs the same whatever they hold: counts that are kept, and the first of everything.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::context::OperationContext;
use super::error::OperationError;
use crate::local::model::{
    DAY, Event, FailedNotification, JobFilter, JobRecord, JobWork, LockRecord, Moment, Notification, VaultKey, VaultNumber,
    VaultRecord, What,
};
use crate::local::response::{
    ArchiveSummary, DueEvent, FailedPost, JobSummary, ServiceState, UploadSummary, VaultContents, VaultSummary,
};
use crate::local::store::{Finding, ReadOutbox, ReadOverview, ReadRecords, ReadSettings, RowBudget, StoreError};

/// Entries of a list of the whole service.
const LISTED: usize = 1000;
/// Entries of a list of one vault.
const LISTED_OF_VAULT: usize = 100;
/// Events that are looked at: some are of what is gone by now.
const EVENTS: usize = 10_000;
/// Jobs and uploads that are counted.
const COUNTED: usize = 100_000;

/// The vaults at one moment.
pub(crate) fn state(context: &OperationContext, now: Moment, found: &[Finding]) -> Result<ServiceState, OperationError> {
    let mut capped = Vec::new();
    let found_texts = found.iter().take(LISTED).map(ToString::to_string).collect();
    if found.len() > LISTED {
        capped.push("found");
    }
    let (vaults, due, failed) = context.store.records.read::<_, StoreError>(|records| {
        let mut budget = RowBudget::new(COUNTED);
        let mut vaults = Vec::new();
        for number in records.every_vault(LISTED + 1)? {
            vaults.extend(vault_summary(records, number, now, &mut budget)?);
        }
        truncate(&mut vaults, LISTED, "vaults", &mut capped);
        if budget.is_spent() {
            capped.extend(["jobs", "uploads"]);
        }
        let mut due = due(records)?;
        truncate(&mut due, LISTED, "due", &mut capped);
        Ok((vaults, due, records.failed_posts()?))
    })?;
    let failed_notifications = failed.into_iter().map(|(_, failed)| failed_post(failed)).collect();
    let (now, mode) = (now.to_string(), context.time.to_string());
    Ok(ServiceState { now, mode, found: found_texts, vaults, due, failed_notifications, capped })
}

/// What a vault has, if there is one.
pub(crate) fn contents(context: &OperationContext, key: &VaultKey) -> Result<Option<VaultContents>, OperationError> {
    let read = context.store.records.read::<_, StoreError>(|records| {
        let Some(number) = records.vault_number(key)? else { return Ok(None) };
        let mut capped = Vec::new();
        let mut archives = records.first_archives(number, LISTED_OF_VAULT + 1)?;
        truncate(&mut archives, LISTED_OF_VAULT, "archives", &mut capped);
        let mut uploads = records.uploads(number, 0, LISTED_OF_VAULT + 1)?;
        truncate(&mut uploads, LISTED_OF_VAULT, "uploads", &mut capped);
        let mut jobs = records.jobs(number, 0, LISTED_OF_VAULT + 1, &JobFilter::default())?;
        truncate(&mut jobs, LISTED_OF_VAULT, "jobs", &mut capped);
        let running = if jobs.iter().any(|(_, job)| job.completed.is_none()) { running(records, number)? } else { HashMap::new() };
        let archives = archives.into_iter().map(|(id, archive)| ArchiveSummary {
            id,
            size: archive.size,
            created: archive.created.to_string(),
            description: archive.description,
            tree_hash: archive.tree.to_string(),
        });
        let uploads = uploads.into_iter().map(|(id, upload)| UploadSummary {
            id,
            part_size: upload.part_size.bytes(),
            created: upload.created.to_string(),
            due: upload.idle_until().to_string(),
            description: upload.description,
        });
        let jobs = jobs.into_iter().map(|(id, job)| {
            let due = job.completed.as_ref().map_or_else(|| running.get(&id).copied(), |completed| Some(completed.at.after(DAY)));
            job_summary(id, job, due)
        });
        let (archives, uploads, jobs) = (archives.collect(), uploads.collect(), jobs.collect());
        Ok(Some(VaultContents { archives, uploads, jobs, capped }))
    });
    Ok(read?)
}

fn vault_summary(
    records: &impl ReadRecords,
    number: VaultNumber,
    now: Moment,
    budget: &mut RowBudget,
) -> Result<Option<VaultSummary>, StoreError> {
    let Some(VaultRecord { key, archives, bytes, inventory, .. }) = records.vault(number)? else { return Ok(None) };
    let lock = records.setting::<LockRecord>(number)?.filter(|lock| lock.is_in_force(now));
    let (jobs, uploads) = records.count_jobs_and_uploads(number, budget)?;
    let VaultKey { account, region, name } = key;
    let (inventory, lock) = (inventory.map(|last| last.taken.to_string()), lock.map(|lock| lock.state()));
    Ok(Some(VaultSummary { account, region, name, archives, bytes, inventory, lock, jobs, uploads }))
}

fn failed_post(FailedNotification { post, error }: FailedNotification) -> FailedPost {
    let Notification { at, topic, event, .. } = post.notification;
    FailedPost { at: at.to_string(), topic, event, message_id: post.id, error }
}

fn job_summary(id: String, job: JobRecord, due: Option<Moment>) -> JobSummary {
    let status = job.status();
    let (action, archive, tier) = match job.work {
        JobWork::Archive(work) => ("ArchiveRetrieval", Some(work.archive), Some(work.tier.name())),
        JobWork::Inventory(_) => ("InventoryRetrieval", None, None),
    };
    JobSummary {
        id,
        action,
        status,
        created: job.created.to_string(),
        completed: job.completed.as_ref().map(|completed| completed.at.to_string()),
        description: job.description,
        archive,
        tier,
        due: due.map(|due| due.to_string()),
        message: job.completed.and_then(|completed| completed.failure),
    }
}

/// When each running job of a vault is done, of those that are among the next events.
fn running(records: &impl ReadRecords, vault: VaultNumber) -> Result<HashMap<String, Moment>, StoreError> {
    let of_vault = records.events(EVENTS)?.into_iter().filter(|(_, event)| event.vault == vault);
    Ok(of_vault.filter_map(|(at, event)| if let What::JobDone { job } = event.what { Some((job, at)) } else { None }).collect())
}

/// The events that change something for users of the vaults, if nothing else changes it before.
fn due(records: &impl ReadRecords) -> Result<Vec<DueEvent>, StoreError> {
    let mut vaults: HashMap<VaultNumber, Option<VaultRecord>> = HashMap::new();
    let mut found = Vec::new();
    for (at, Event { vault: number, what }) in records.events(EVENTS)? {
        if found.len() > LISTED {
            break;
        }
        let vault = match vaults.entry(number) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(records.vault(number)?),
        };
        let Some(vault) = vault else { continue };
        let shown = match what {
            What::JobDone { job } => {
                records.job(number, &job)?.filter(|job| job.completed.is_none()).map(|_| ("job-done", at, Some(job)))
            }
            What::JobEnds { job } => records.job(number, &job)?.map(|_| ("job-ends", at, Some(job))),
            // One that got a part since is dropped later than it is looked at.
            What::UploadIdle { upload } => {
                records.upload(number, &upload)?.map(|open| ("upload-expires", open.idle_until(), Some(upload)))
            }
            What::LockExpires { lock } => records
                .setting::<LockRecord>(number)?
                .filter(|set| set.is_in_progress(&lock))
                .map(|_| ("lock-expires", at, Some(lock))),
            What::InventoryDue => vault.is_written.then_some(("inventory", at, None)),
            What::UploadForgotten { .. } | What::Forget => None,
        };
        found.extend(shown.map(|(what, at, id)| (at, DueEvent { at: at.to_string(), what, vault: vault.key.name.clone(), id })));
    }
    found.sort_by_key(|(at, _)| *at);
    Ok(found.into_iter().map(|(_, event)| event).collect())
}

/// Cuts a list, and notes that there is more.
fn truncate<T>(list: &mut Vec<T>, limit: usize, name: &'static str, capped: &mut Vec<&'static str>) {
    if list.len() > limit {
        list.truncate(limit);
        capped.push(name);
    }
}
