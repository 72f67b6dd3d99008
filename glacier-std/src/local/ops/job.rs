//! DescribeJob, ListJobs and GetJobOutput.

use glacier_core::ByteRange;

use super::context::{Handler, OperationContext, document, find_vault};
use super::error::OperationError;
use super::initiate_job::inventory_list;
use super::inventory::write_output;
use super::multipart::place_in_sequence;
use crate::local::model::{
    ApiError, ArchiveWork, Completed, InventoryOutput, InventoryWork, JobRecord, JobWork, PieceRecord, VaultNumber, marker, page,
    range_tree,
};
use crate::local::request::{ApiRequest, OutputRange, job_filter};
use crate::local::response::{JobDocument, JobPage, LocalBody, LocalResponse};
use crate::local::store::{BlobReader, ReadRecords};

/// The operations that this file performs without a streamed body.
pub(super) const HANDLERS: &[(&str, Handler)] = &[("DescribeJob", describe), ("ListJobs", list), ("GetJobOutput", output)];

/// The size of an inventory is known once its list was written. A page of jobs writes those of vaults with up to so many archives; of others
/// it does not tell the size until the job is described or its output is read.
pub(super) const WRITTEN_BY_A_LIST: u64 = 10_000;

pub(super) fn describe(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let (vault, job) = find_job(context, request)?;
    document(&job_document(request.arn(), vault, &request.id, &job))
}

pub(super) fn list(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let limit = request.query.limit(50)?;
    let filter = job_filter(&request.query)?;
    let (vault, list, jobs) = context.store.records.read(|records| {
        let vault = find_vault(records, request)?;
        let list = format!("jobs {vault}");
        let after = place_in_sequence(&list, request.query.marker())?;
        Ok::<_, OperationError>((vault, list, records.jobs(vault, after, limit + 1, &filter)?))
    })?;
    let (jobs, marker) = page(limit, jobs, |(_, job)| marker::issue(&list, &job.sequence.to_string()));
    let mut shown = Vec::with_capacity(jobs.len());
    for (id, job) in jobs {
        let job = match &job.work {
            JobWork::Inventory(work) if work.archives > WRITTEN_BY_A_LIST => job,
            _ => write_output(context, request, vault, &id, job)?,
        };
        shown.push(job_document(request.arn(), vault, &id, &job));
    }
    document(&JobPage { job_list: shown, marker })
}

/// The output of DescribeJob; `arn` is that of the vault.
pub(super) fn job_document(arn: String, vault: VaultNumber, id: &str, job: &JobRecord) -> JobDocument {
    let next = match &job.work {
        JobWork::Inventory(InventoryWork { output: Some(InventoryOutput { last: Some(last), .. }), .. }) => {
            Some(marker::issue(&inventory_list(vault), last))
        }
        _ => None,
    };
    JobDocument::new(arn, id, job, next)
}

/// GetJobOutput: an archive, a range of it, or an inventory; all of it, or the range that the request asks for.
pub(super) fn output(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let (vault, job) = find_job(context, request)?;
    match &job.completed {
        None => {
            return Err(ApiError::invalid(format!("The job is not currently available for download: {}", request.id)).into());
        }
        Some(Completed { failure: Some(reason), .. }) => {
            return Err(ApiError::invalid(format!("The job failed and has no output: {}: {reason}", request.id)).into());
        }
        Some(Completed { failure: None, .. }) => {}
    }
    match &job.work {
        JobWork::Archive(work) => archive_output(context, request, vault, work),
        JobWork::Inventory(work) => inventory_output(context, request, vault, work),
    }
}

fn archive_output(
    context: &OperationContext,
    request: &ApiRequest,
    vault: VaultNumber,
    work: &ArchiveWork,
) -> Result<LocalResponse, OperationError> {
    let asked = OutputRange::parse(&request.headers, work.range.len())?;
    // Pieces are counted from the start of the archive.
    let range = ByteRange::with_length(work.range.first() + asked.range.first(), asked.range.len())
        .map_err(|error| ApiError::unavailable(error.to_string()))?;
    let pin = context.store.pin(work.body);
    let (pieces, tree) = context.store.records.read(|records| {
        // It may have ended before the body was pinned.
        records.job(vault, &request.id)?.ok_or_else(|| not_found(request))?;
        let pieces = records.all_pieces(work.body)?;
        let tree = match &work.range_tree {
            // Section 5.4 of the API reference: a tree hash is sent only if what was retrieved has one, and what is downloaded too.
            Some(whole) if asked.range.len() == work.range.len() => Some(whole.clone()),
            Some(_) if asked.range.is_tree_hash_aligned(work.range.len()) => {
                let leaves = |piece: &PieceRecord| Ok(records.leaves(piece)?);
                Some(range_tree::<OperationError>(range, work.part_size, &pieces, leaves)?.to_string())
            }
            _ => None,
        };
        Ok::<_, OperationError>((pieces, tree))
    })?;
    let reader = BlobReader::new(&context.store, pin, range, &pieces)?;
    let mut response = stream(&asked, "application/octet-stream", reader);
    if let Some(tree) = tree {
        response = response.with("x-amz-sha256-tree-hash", tree);
    }
    if !work.description.is_empty() {
        response = response.with("x-amz-archive-description", work.description.as_str());
    }
    Ok(response)
}

fn inventory_output(
    context: &OperationContext,
    request: &ApiRequest,
    vault: VaultNumber,
    work: &InventoryWork,
) -> Result<LocalResponse, OperationError> {
    // It was written when the job was found, unless the job ended meanwhile.
    let output = work.output.as_ref().ok_or_else(|| not_found(request))?;
    let asked = OutputRange::parse(&request.headers, output.size)?;
    let pin = context.store.pin(output.body);
    let pieces = context.store.records.read(|records| {
        records.job(vault, &request.id)?.ok_or_else(|| not_found(request))?;
        Ok::<_, OperationError>(records.all_pieces(output.body)?)
    })?;
    let content_type = if work.format == "CSV" { "text/csv" } else { "application/json" };
    let reader = BlobReader::new(&context.store, pin, asked.range, &pieces)?;
    Ok(stream(&asked, content_type, reader))
}

fn stream(asked: &OutputRange, content_type: &str, mut reader: BlobReader) -> LocalResponse {
    let body = LocalBody::stream(reader.remaining(), move || reader.next_chunk());
    let response = LocalResponse::stream(if asked.is_partial { 206 } else { 200 }, content_type, body);
    let response = response.with("Accept-Ranges", "bytes");
    if asked.is_partial { response.with("Content-Range", format!("bytes {}/{}", asked.range, asked.size)) } else { response }
}

/// The job in the path, which must exist. The list of an inventory that is done is written now, if it was not before.
fn find_job(context: &OperationContext, request: &ApiRequest) -> Result<(VaultNumber, JobRecord), OperationError> {
    let (vault, job) = context.store.records.read(|records| {
        let vault = find_vault(records, request)?;
        let job = records.job(vault, &request.id)?;
        Ok::<_, OperationError>((vault, job.ok_or_else(|| not_found(request))?))
    })?;
    Ok((vault, write_output(context, request, vault, &request.id, job)?))
}

fn not_found(request: &ApiRequest) -> ApiError {
    ApiError::not_found(format!("The job ID was not found: {}", request.id))
}
