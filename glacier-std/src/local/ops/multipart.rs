//! Multipart uploads: initiate, upload a part, complete, abort, and the two lists.

use std::sync::Arc;

use embedded_io_async::Read;

use super::archive::{add, created};
use super::context::{Handler, OperationContext, blocking, document, find_vault};
use super::error::{OperationError, UploadError};
use super::upload_body::receive;
use crate::local::model::{ApiError, UploadRecord, UploadState, page};
use crate::local::request::{ApiRequest, announced_archive, announced_body, description, part_marker, part_range, part_size};
use crate::local::response::{LocalResponse, PartDocument, PartPage, UploadDocument, UploadPage};
use crate::local::store::ReadRecords;

/// The operations that this file performs without a streamed body.
pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("InitiateMultipartUpload", initiate),
    ("CompleteMultipartUpload", complete),
    ("AbortMultipartUpload", abort),
    ("ListMultipartUploads", list),
    ("ListParts", list_parts),
];

pub(super) fn initiate(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let upload = UploadRecord {
        created: request.now,
        description: description(&request.headers)?,
        part_size: part_size(&request.headers)?,
        state: UploadState::Open,
    };
    let id = context.ids.upload_or_job()?;
    context.change(request, |records| {
        find_vault(records, request)?;
        Ok(records.save_upload(&request.vault, &id, &upload)?)
    })?;
    let location = request.location(&["multipart-uploads", &id]);
    Ok(LocalResponse::empty(201).with("Location", location).with("x-amz-multipart-upload-id", id))
}

pub(super) async fn upload_part<B: Read>(
    context: &Arc<OperationContext>,
    request: Arc<ApiRequest>,
    size: Option<u64>,
    body: &mut B,
) -> Result<LocalResponse, UploadError<B::Error>> {
    let announced = announced_body(&request.headers, size)?;
    let range = part_range(&request.headers, announced.size)?;
    blocking(context, &request, move |context, request| {
        let upload = context.store.records.read(|records| find_open(records, request))?;
        Ok(upload.check_part(range)?)
    })
    .await?;
    let received = receive(context, &request, &announced, body).await?;
    let response = blocking(context, &request, move |context, request| {
        let replaced = received.record(context, request, |records, piece| {
            // The upload may have ended while the part was received.
            find_open(records, request)?;
            Ok(records.save_piece(&request.id, range.first(), piece)?)
        })?;
        context.store.remove(replaced.as_slice());
        Ok(LocalResponse::empty(204).with("x-amz-sha256-tree-hash", announced.tree.to_string()))
    });
    Ok(response.await?)
}

/// Makes the archive, or leaves the upload open. Completing an upload again gives the same response.
pub(super) fn complete(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let announced = announced_archive(&request.headers)?;
    let new_id = context.ids.archive()?;
    context.change(request, |records| {
        find_vault(records, request)?;
        let upload = records.upload(&request.vault, &request.id)?.ok_or_else(|| not_found(request))?;
        match &upload.state {
            UploadState::Aborted => Err(not_found(request).into()),
            UploadState::Completed { archive: id } => {
                let archive = records.archive(&request.vault, id)?.ok_or_else(|| not_found(request))?;
                announced.check(&archive)?;
                Ok(created(request, id, &archive))
            }
            UploadState::Open => {
                let parts = records.all_pieces(&request.id)?;
                let archive = upload.complete(&request.id, &parts, &announced, request.now)?;
                add(records, request, &new_id, &archive)?;
                let state = UploadState::Completed { archive: new_id.clone() };
                records.save_upload(&request.vault, &request.id, &UploadRecord { state, ..upload })?;
                Ok(created(request, &new_id, &archive))
            }
        }
    })
}

/// Aborting an upload again is not an error; aborting a completed one is.
pub(super) fn abort(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let removed = context.change(request, |records| {
        find_vault(records, request)?;
        let upload = records.upload(&request.vault, &request.id)?.ok_or_else(|| not_found(request))?;
        if let UploadState::Completed { .. } = upload.state {
            return Err(not_found(request).into());
        }
        let aborted = UploadRecord { state: UploadState::Aborted, ..upload };
        records.save_upload(&request.vault, &request.id, &aborted)?;
        Ok(records.remove_pieces(&request.id)?)
    })?;
    context.store.remove(&removed);
    Ok(LocalResponse::empty(204))
}

/// The open uploads, in the order of their ids.
pub(super) fn list(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let limit = request.query.limit(50)?;
    let uploads = context.store.records.read(|records| {
        find_vault(records, request)?;
        let after = request.query.marker().unwrap_or_default();
        Ok::<_, OperationError>(records.open_uploads(&request.vault, after, limit + 1)?)
    })?;
    let (uploads, marker) = page(limit, uploads, |(id, _)| id.clone());
    let shown = uploads.iter().map(|(id, upload)| UploadDocument::new(request.arn(), id, upload));
    document(&UploadPage { marker, uploads_list: shown.collect() })
}

pub(super) fn list_parts(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let limit = request.query.limit(50)?;
    let from = part_marker(&request.query)?;
    let (upload, parts) = context.store.records.read(|records| {
        let upload = find_open(records, request)?;
        Ok::<_, OperationError>((upload, records.pieces(&request.id, from, limit + 1)?))
    })?;
    let (parts, marker) = page(limit, parts, |(first, part)| (first + part.size).to_string());
    let shown = parts.iter().map(|(first, part)| PartDocument::new(*first, part));
    let upload = UploadDocument::new(request.arn(), &request.id, &upload);
    document(&PartPage { upload, marker, parts: shown.collect() })
}

/// The upload in the path, in a vault that exists; it must be open.
fn find_open(records: &impl ReadRecords, request: &ApiRequest) -> Result<UploadRecord, OperationError> {
    find_vault(records, request)?;
    let upload = records.upload(&request.vault, &request.id)?;
    Ok(upload.filter(UploadRecord::is_open).ok_or_else(|| not_found(request))?)
}

fn not_found(request: &ApiRequest) -> ApiError {
    ApiError::not_found(format!("The upload ID was not found: {}", request.id))
}
