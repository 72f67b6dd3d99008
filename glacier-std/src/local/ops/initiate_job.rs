//! InitiateJob.
//!
//! A job is done when its time has come. That of an archive needs no work then, as its body is at hand; that of an inventory lists what was
//! there when the inventory was taken, which is written once the job is looked at.

use super::context::{Handler, OperationContext, find_vault, find_vault_and_archive, load_vault};
use super::error::OperationError;
use crate::local::model::{
    ApiError, ArchiveRecord, ArchiveWork, Capacity, InventoryQuery, InventoryWork, JobRecord, JobWork, Retrieval, RetrievalLoad,
    RetrievalPolicy, Tier, VaultNumber, VaultRecord, What, job_duration, marker, range_tree, retrieval_range,
};
use crate::local::request::{ApiRequest, JobParameters, JobRequest};
use crate::local::response::LocalResponse;
use crate::local::store::{ReadRecords, ReadSettings, Writer};

/// The operations that this file performs without a streamed body.
pub(super) const HANDLERS: &[(&str, Handler)] = &[("InitiateJob", initiate)];

pub(super) fn initiate(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let parameters = JobParameters::parse(&request.body)?;
    let (description, sns_topic) = (parameters.description()?, parameters.sns_topic());
    let (id, draw) = (context.ids.upload_or_job()?, context.ids.draw()?);
    let asked = parameters.job()?;
    let tier = match &asked {
        JobRequest::Archive { tier, .. } => *tier,
        JobRequest::Inventory(_) => Tier::Standard,
    };
    let duration = job_duration(context.time, tier, draw);
    context.change(request, |records| {
        let sequence = records.next_sequence()?;
        let (number, work) = match asked {
            JobRequest::Archive { id, tier, range } => {
                let (number, archive) = find_vault_and_archive(records, request, id)?;
                let archive = archive.ok_or_else(|| ApiError::not_found(format!("The archive ID was not found: {id}")))?;
                let retrieval = |bytes| Retrieval { tier, bytes, duration };
                (number, JobWork::Archive(archive_work(context, records, request, archive, id, range, retrieval)?))
            }
            JobRequest::Inventory(query) => {
                let number = find_vault(records, request)?;
                let vault = load_vault(records, request, number)?;
                (number, JobWork::Inventory(inventory_work(context, records, request, number, &vault, query)?))
            }
        };
        let job = JobRecord {
            sequence,
            created: request.now(),
            completed: None,
            failure: request.job_failure.clone(),
            description,
            sns_topic,
            work,
        };
        records.add_job(number, &id, &job)?;
        Ok(records.schedule(request.now().after(duration), number, What::JobDone { job: id.clone() })?)
    })?;
    Ok(LocalResponse::empty(202).with("Location", request.location(&["jobs", &id])).with("x-amz-job-id", id))
}

/// The retrieval of an archive, or of a range of it, as far as the account may begin it.
fn archive_work(
    context: &OperationContext,
    records: &Writer<'_>,
    request: &ApiRequest,
    archive: ArchiveRecord,
    id: &str,
    range: Option<&str>,
    retrieval: impl FnOnce(u64) -> Retrieval,
) -> Result<ArchiveWork, OperationError> {
    let range = retrieval_range(range, archive.size)?;
    let retrieval = retrieval(range.len());
    let range_tree = if range.len() == archive.size {
        Some(archive.tree)
    } else if range.is_tree_hash_aligned(archive.size) {
        let pieces = records.all_pieces(archive.body)?;
        Some(range_tree::<OperationError>(range, archive.part_size, &pieces, |piece| Ok(records.leaves(piece)?))?)
    } else {
        None
    };
    Ok(ArchiveWork {
        archive: id.to_owned(),
        description: archive.description,
        tier: retrieval.tier,
        size: archive.size,
        tree: archive.tree,
        range,
        range_tree: range_tree.map(|hash| hash.to_string()),
        body: archive.body,
        part_size: archive.part_size,
        rate: begin(context, records, request, &retrieval)?,
    })
}

/// Begins a retrieval within the account's policy and capacity; the rate at which it counts until it is done.
fn begin(
    context: &OperationContext,
    records: &Writer<'_>,
    request: &ApiRequest,
    retrieval: &Retrieval,
) -> Result<u64, OperationError> {
    let (place, now) = (request.place(), request.now());
    if retrieval.tier == Tier::Expedited && context.expedited_needs_capacity {
        let mut capacity: Capacity = records.account_setting(place)?;
        capacity.expedite(now)?;
        records.save_account_setting(place, &capacity)?;
    }
    let mut load: RetrievalLoad = records.account_setting(place)?;
    records.account_setting::<RetrievalPolicy>(place)?.check(retrieval, &load, now)?;
    let rate = load.begin(retrieval, now);
    if rate > 0 {
        records.save_account_setting(place, &load)?;
    }
    Ok(rate)
}

/// The list of the vault's last inventory, or a part of it.
fn inventory_work(
    context: &OperationContext,
    records: &Writer<'_>,
    request: &ApiRequest,
    number: VaultNumber,
    vault: &VaultRecord,
    query: InventoryQuery,
) -> Result<InventoryWork, OperationError> {
    let InventoryQuery { format, start_date, end_date, limit, marker } = query;
    let after = marker.map(|marker| marker::place(&inventory_list(number), &marker).map(str::to_owned)).transpose()?;
    let (taken, inventory, archives) = match vault.inventory {
        Some(last) => (last.taken, last.sequence, last.archives),
        None if context.time.is_instant() => (request.now(), records.next_sequence()?, 0),
        None => {
            let message = format!(
                "No inventory of the vault is available yet: {}. The first is made within a day of the first upload",
                request.arn()
            );
            return Err(ApiError::not_found(message).into());
        }
    };
    Ok(InventoryWork { format, start_date, end_date, limit, after, taken, inventory, archives, output: None })
}

/// The name of the list that the markers of a vault's inventories belong to.
pub(super) fn inventory_list(vault: VaultNumber) -> String {
    format!("inventory {vault}")
}
