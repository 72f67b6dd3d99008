//! Multipart uploads: initiate, upload a part, complete, abort, and the two lists.

use std::sync::Arc;

use embedded_io_async::Read;

use super::archive::{add, created};
use super::context::{Handler, OperationContext, blocking, document, find_vault};
use super::error::{OperationError, UploadError};
use super::upload_body::receive;
use crate::local::model::{ApiError, BodyId, CompletedUpload, DAY, EndedUpload, UploadRecord, VaultNumber, What, marker, page};
use crate::local::request::{ApiRequest, announced_archive, announced_body, description, part_range, part_size};
use crate::local::response::{LocalResponse, PartDocument, PartPage, UploadDocument, UploadPage};
use crate::local::store::{ReadRecords, ReadSettings, Writer};

/// The operations that this file performs without a streamed body.
pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("InitiateMultipartUpload", initiate),
    ("CompleteMultipartUpload", complete),
    ("AbortMultipartUpload", abort),
    ("ListMultipartUploads", list),
    ("ListParts", list_parts),
];

pub(super) fn initiate(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let (description, part_size, now) = (description(&request.headers)?, part_size(&request.headers)?, request.now());
    let id = context.ids.upload_or_job()?;
    context.change(request, |records| {
        let vault = find_vault(records, request)?;
        let (sequence, body) = (records.next_sequence()?, BodyId(records.next_sequence()?));
        let upload = UploadRecord { sequence, created: now, touched: now, description, part_size, body };
        records.schedule(upload.idle_until(), vault, What::UploadIdle { upload: id.clone() })?;
        Ok(records.add_upload(vault, &id, &upload)?)
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
        let (_, upload) = context.store.records.read(|records| find_open(records, request))?;
        Ok(upload.check_part(range)?)
    })
    .await?;
    let received = receive(context, &request, &announced, body).await?;
    let response = blocking(context, &request, move |context, request| {
        received.record(context, request, |records, piece| {
            // The upload may have ended while the part was received.
            let (vault, upload) = find_open(records, request)?;
            records.save_piece(upload.body, range.first(), piece)?;
            Ok(records.save_upload(vault, &request.id, &UploadRecord { touched: request.now(), ..upload })?)
        })?;
        Ok(LocalResponse::empty(204).with("x-amz-sha256-tree-hash", announced.tree.to_string()))
    });
    Ok(response.await?)
}

/// Makes the archive, or leaves the upload open. Completing an upload again gives the same response.
pub(super) fn complete(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let announced = announced_archive(&request.headers)?;
    let new_id = context.ids.archive()?;
    context.change(request, |records| {
        let vault = find_vault(records, request)?;
        let Some(upload) = records.upload(vault, &request.id)? else {
            return match records.ended_upload(vault, &request.id)? {
                Some(EndedUpload::Completed(CompletedUpload { archive, size, tree })) => {
                    announced.check(size, tree)?;
                    Ok(created(request, &archive, tree))
                }
                Some(EndedUpload::Aborted) | None => Err(not_found(request).into()),
            };
        };
        let parts = records.all_pieces(upload.body)?;
        let archive = upload.complete(&parts, &announced, records.next_sequence()?, request.now())?;
        add(context, records, request, vault, &new_id, &archive)?;
        let (size, tree) = (archive.size, archive.tree);
        let completed = CompletedUpload { archive: new_id.clone(), size, tree };
        end(records, request, vault, &upload, &EndedUpload::Completed(completed))?;
        Ok(created(request, &new_id, tree))
    })
}

/// Aborting an upload again is not an error; aborting a completed one is.
pub(super) fn abort(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    context.change(request, |records| {
        let vault = find_vault(records, request)?;
        match records.upload(vault, &request.id)? {
            Some(upload) => end(records, request, vault, &upload, &EndedUpload::Aborted),
            None => match records.ended_upload(vault, &request.id)? {
                Some(EndedUpload::Aborted) => Ok(()),
                Some(EndedUpload::Completed(_)) | None => Err(not_found(request).into()),
            },
        }
    })?;
    Ok(LocalResponse::empty(204))
}

/// Ends an upload, and remembers for a day how.
fn end(
    records: &Writer<'_>,
    request: &ApiRequest,
    vault: VaultNumber,
    upload: &UploadRecord,
    ended: &EndedUpload,
) -> Result<(), OperationError> {
    records.end_upload(vault, &request.id, upload)?;
    records.save_ended_upload(vault, &request.id, ended)?;
    Ok(records.schedule(request.now().after(DAY), vault, What::UploadForgotten { upload: request.id.clone() })?)
}

/// The open uploads, oldest first.
pub(super) fn list(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let limit = request.query.limit(50)?;
    let (list, uploads) = context.store.records.read(|records| {
        let vault = find_vault(records, request)?;
        let list = format!("uploads {vault}");
        let after = place_in_sequence(&list, request.query.marker())?;
        Ok::<_, OperationError>((list, records.uploads(vault, after, limit + 1)?))
    })?;
    let (uploads, marker) = page(limit, uploads, |(_, upload)| marker::issue(&list, &upload.sequence.to_string()));
    let shown = uploads.iter().map(|(id, upload)| UploadDocument::new(request.arn(), id, upload));
    document(&UploadPage { marker, uploads_list: shown.collect() })
}

pub(super) fn list_parts(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let limit = request.query.limit(50)?;
    let (list, upload, parts) = context.store.records.read(|records| {
        let (_, upload) = find_open(records, request)?;
        let list = format!("parts {}", upload.body.0);
        let from = place_in_sequence(&list, request.query.marker())?;
        let parts = records.pieces(upload.body, from, limit + 1)?;
        Ok::<_, OperationError>((list, upload, parts))
    })?;
    let (parts, marker) = page(limit, parts, |(first, part)| marker::issue(&list, &(first + part.size).to_string()));
    let shown = parts.iter().map(|(first, part)| PartDocument::new(*first, part));
    let upload = UploadDocument::new(request.arn(), &request.id, &upload);
    document(&PartPage { upload, marker, parts: shown.collect() })
}

/// The number that a marker stands for; 0 without a marker.
pub(super) fn place_in_sequence(list: &str, marker: Option<&str>) -> Result<u64, ApiError> {
    let Some(marker) = marker else { return Ok(0) };
    // What was issued is a number.
    Ok(marker::place(list, marker)?.parse().unwrap_or(0))
}

/// The upload in the path, in a vault that exists; it must be open.
fn find_open(
    records: &(impl ReadRecords + ReadSettings),
    request: &ApiRequest,
) -> Result<(VaultNumber, UploadRecord), OperationError> {
    let vault = find_vault(records, request)?;
    let upload = records.upload(vault, &request.id)?;
    Ok((vault, upload.ok_or_else(|| not_found(request))?))
}

fn not_found(request: &ApiRequest) -> ApiError {
    ApiError::not_found(format!("The upload ID was not found: {}", request.id))
}
