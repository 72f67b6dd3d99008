//! DescribeJob, ListJobs and GetJobOutput.

use glacier_core::{ByteRange, TreeHash};

use super::archive::find_archive;
use super::context::{Handler, OperationContext, document, find_vault};
use super::error::OperationError;
use crate::local::model::{ApiError, ArchiveWork, InventoryWork, JobRecord, JobWork, PieceRecord, page, range_tree};
use crate::local::request::{ApiRequest, OutputRange, job_filter};
use crate::local::response::{JobDocument, JobPage, LocalBody, LocalResponse};
use crate::local::store::{BlobReader, ReadRecords, Verify};

/// The operations that this file performs without a streamed body.
pub(super) const HANDLERS: &[(&str, Handler)] = &[("DescribeJob", describe), ("ListJobs", list), ("GetJobOutput", output)];

pub(super) fn describe(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let job = find_job(context, request)?;
    document(&JobDocument::new(request.arn(), &request.id, &job, request.now))
}

pub(super) fn list(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let limit = request.query.limit(50)?;
    let filter = job_filter(&request.query)?;
    let jobs = context.store.records.read(|records| {
        find_vault(records, request)?;
        let after = match request.query.marker() {
            Some(marker) => {
                let job = records.job(&request.vault, marker)?;
                Some((job.ok_or_else(|| ApiError::invalid(format!("Invalid marker: {marker}")))?.created, marker))
            }
            None => None,
        };
        Ok::<_, OperationError>(records.jobs(&request.vault, after, limit + 1, |job| filter.includes(job, request.now))?)
    })?;
    let (jobs, marker) = page(limit, jobs, |(id, _)| id.clone());
    let shown = jobs.iter().map(|(id, job)| JobDocument::new(request.arn(), id, job, request.now));
    document(&JobPage { job_list: shown.collect(), marker })
}

/// GetJobOutput: an archive, a range of it, or an inventory; all of it, or the range that the request asks for.
pub(super) fn output(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let job = find_job(context, request)?;
    if !job.is_done(request.now) {
        let message = format!("The job is not currently available for download: {}", request.id);
        return Err(ApiError::invalid(message).into());
    }
    match &job.work {
        JobWork::Archive(work) => archive_output(context, request, work),
        JobWork::Inventory(work) => inventory_output(context, request, work),
    }
}

fn archive_output(context: &OperationContext, request: &ApiRequest, work: &ArchiveWork) -> Result<LocalResponse, OperationError> {
    let asked = OutputRange::parse(&request.headers, work.range.len())?;
    // Pieces are counted from the start of the archive.
    let range = ByteRange::with_length(work.range.first() + asked.range.first(), asked.range.len())
        .map_err(|error| ApiError::unavailable(error.to_string()))?;
    let (archive, pieces, tree) = context.store.records.read(|records| {
        let archive = find_archive(records, request, &work.archive)?;
        let pieces = records.all_pieces(&archive.body)?;
        let tree = match &work.range_tree {
            // Section 5.4 of the API reference: a tree hash is sent only if what was retrieved has one, and what is downloaded too.
            Some(whole) if asked.range.len() == work.range.len() => Some(whole.clone()),
            Some(_) if asked.range.is_tree_hash_aligned(work.range.len()) => {
                let leaves = |piece: &PieceRecord| Ok(records.leaves(piece)?);
                Some(range_tree::<OperationError>(range, archive.part_size, &pieces, leaves)?.to_string())
            }
            _ => None,
        };
        Ok::<_, OperationError>((archive, pieces, tree))
    })?;
    let reader = BlobReader::new(&context.store, range, &pieces, Verify::Leaves)?;
    let mut response = stream(&asked, "application/octet-stream", reader);
    if let Some(tree) = tree {
        response = response.with("x-amz-sha256-tree-hash", tree);
    }
    if !archive.description.is_empty() {
        response = response.with("x-amz-archive-description", archive.description);
    }
    Ok(response)
}

fn inventory_output(
    context: &OperationContext,
    request: &ApiRequest,
    work: &InventoryWork,
) -> Result<LocalResponse, OperationError> {
    let asked = OutputRange::parse(&request.headers, work.size)?;
    let file = PieceRecord { blob: work.blob, size: work.size, tree: TreeHash::from_bytes([0; 32]) };
    let content_type = if work.format == "CSV" { "text/csv" } else { "application/json" };
    let reader = BlobReader::new(&context.store, asked.range, &[(0, file)], Verify::Nothing)?;
    Ok(stream(&asked, content_type, reader))
}

fn stream(asked: &OutputRange, content_type: &str, mut reader: BlobReader) -> LocalResponse {
    let body = LocalBody::stream(reader.remaining(), move || reader.next_chunk());
    let response = LocalResponse::stream(if asked.is_partial { 206 } else { 200 }, content_type, body);
    let response = response.with("Accept-Ranges", "bytes");
    if asked.is_partial { response.with("Content-Range", format!("bytes {}/{}", asked.range, asked.size)) } else { response }
}

/// The job in the path, which must exist.
fn find_job(context: &OperationContext, request: &ApiRequest) -> Result<JobRecord, OperationError> {
    context.store.records.read(|records| {
        find_vault(records, request)?;
        let job = records.job(&request.vault, &request.id)?;
        Ok(job.ok_or_else(|| ApiError::not_found(format!("The job ID was not found: {}", request.id)))?)
    })
}
