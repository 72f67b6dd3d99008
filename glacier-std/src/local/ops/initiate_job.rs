//! InitiateJob.
//!
//! A job is done the next time it is described: its due time is set when it begins, and nothing is left to do then. An inventory is
//! written when its job begins, so it lists what the vault held then.

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;

use super::archive::find_archive;
use super::context::{Handler, OperationContext, find_vault};
use super::error::OperationError;
use super::progress::RequestPhase;
use super::upload_body::ReceivedBody;
use crate::local::model::{
    ArchiveWork, InventoryQuery, InventoryWork, JobRecord, JobWork, RetrievalPolicy, range_tree, retrieval_range,
};
use crate::local::request::{ApiRequest, JobParameters, JobRequest};
use crate::local::response::{InventoryWriter, LocalResponse};
use crate::local::store::{ReadRecords, ReadSettings, Writer};

/// The operations that this file performs without a streamed body.
pub(super) const HANDLERS: &[(&str, Handler)] = &[("InitiateJob", initiate)];

pub(super) fn initiate(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let parameters = JobParameters::parse(&request.body)?;
    let description = parameters.description()?;
    let id = context.ids.upload_or_job()?;
    let sns_topic = parameters.sns_topic();
    let job = |work| JobRecord { created: request.now, done: request.now, description, sns_topic, work };
    match parameters.job()? {
        JobRequest::Archive { id: archive, tier, range } => {
            let work = JobWork::Archive(archive_work(context, request, archive, tier, range)?);
            context.change(request, |records| add(records, request, &id, &job(work)))?;
        }
        JobRequest::Inventory(query) => {
            context.notify(request, RequestPhase::Body);
            let (body, next) = write_inventory(context, request, &query)?;
            let InventoryQuery { format, start_date, end_date, limit, .. } = query;
            body.record(context, request, |records, piece| {
                let (blob, size) = (piece.blob, piece.size);
                let work = InventoryWork { format, start_date, end_date, limit, next, blob, size };
                add(records, request, &id, &job(JobWork::Inventory(work)))
            })?;
        }
    }
    Ok(LocalResponse::empty(202).with("Location", request.location(&["jobs", &id])).with("x-amz-job-id", id))
}

fn add(records: &Writer, request: &ApiRequest, id: &str, job: &JobRecord) -> Result<(), OperationError> {
    find_vault(records, request)?;
    Ok(records.save_job(&request.vault, id, job)?)
}

/// The retrieval of an archive that exists, or of a range of it.
fn archive_work(
    context: &OperationContext,
    request: &ApiRequest,
    id: &str,
    tier: &str,
    range: Option<&str>,
) -> Result<ArchiveWork, OperationError> {
    context.store.records.read(|records| {
        find_vault(records, request)?;
        let archive = find_archive(records, request, id)?;
        let range = retrieval_range(range, archive.size)?;
        records.account_setting::<RetrievalPolicy>()?.check_retrieval(tier, range.len())?;
        let range_tree = if range.len() == archive.size {
            Some(archive.tree)
        } else if range.is_tree_hash_aligned(archive.size) {
            let pieces = records.all_pieces(&archive.body)?;
            Some(range_tree::<OperationError>(range, archive.part_size, &pieces, |piece| Ok(records.leaves(piece)?))?)
        } else {
            None
        };
        Ok(ArchiveWork {
            archive: id.to_owned(),
            tier: tier.to_owned(),
            size: archive.size,
            tree: archive.tree,
            range,
            range_tree: range_tree.map(|hash| hash.to_string()),
        })
    })
}

/// Writes the inventory into a staged file; also where the next one continues, if this one ends at its limit.
fn write_inventory(
    context: &OperationContext,
    request: &ApiRequest,
    query: &InventoryQuery,
) -> Result<(ReceivedBody, Option<String>), OperationError> {
    let staged = context.store.blobs.stage(context.ids.blob()?)?;
    let mut out = Counted { out: BufWriter::with_capacity(64 << 10, staged), size: 0 };
    let next = context.store.records.read(|records| {
        let vault = find_vault(records, request)?;
        let date = vault.written.unwrap_or(request.now).to_string();
        let mut inventory = InventoryWriter::begin(&query.format, &request.arn(), &date, &mut out)?;
        let (mut count, mut last, mut next) = (0, String::new(), None);
        records.each_archive::<OperationError>(&request.vault, query.marker.as_deref().unwrap_or_default(), |id, archive| {
            if !query.includes(&archive) {
                return Ok(ControlFlow::Continue(()));
            }
            if query.limit == Some(count) {
                next = Some(std::mem::take(&mut last));
                return Ok(ControlFlow::Break(()));
            }
            inventory.row(&id, &archive)?;
            (count, last) = (count + 1, id);
            Ok(ControlFlow::Continue(()))
        })?;
        inventory.end()?;
        Ok::<_, OperationError>(next)
    })?;
    let staged = out.out.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok((ReceivedBody::written(staged, out.size), next))
}

/// Counts the bytes that are written.
struct Counted<W> {
    out: W,
    size: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
