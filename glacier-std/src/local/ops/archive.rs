//! UploadArchive and DeleteArchive.
//!
//! A deleted archive is gone at once, and with it the output of its retrieval jobs; a download in progress may break off.

use std::sync::Arc;

use embedded_io_async::Read;
use glacier_core::PartSize;

use super::context::{Handler, OperationContext, blocking, find_vault};
use super::error::{OperationError, UploadError};
use super::upload_body::receive;
use crate::local::model::{ApiError, ArchiveRecord};
use crate::local::request::{ApiRequest, announced_body, description};
use crate::local::response::LocalResponse;
use crate::local::store::{ReadRecords, Writer};

/// The operations that this file performs without a streamed body.
pub(super) const HANDLERS: &[(&str, Handler)] = &[("DeleteArchive", delete)];

pub(super) async fn upload<B: Read>(
    context: &Arc<OperationContext>,
    request: Arc<ApiRequest>,
    size: Option<u64>,
    body: &mut B,
) -> Result<LocalResponse, UploadError<B::Error>> {
    let announced = announced_body(&request.headers, size)?;
    let description = description(&request.headers)?;
    blocking(context, &request, |context, request| context.store.records.read(|records| find_vault(records, request))).await?;
    let received = receive(context, &request, &announced, body).await?;
    let response = blocking(context, &request, move |context, request| {
        let id = context.ids.archive()?;
        let archive = ArchiveRecord {
            created: request.now,
            description,
            size: announced.size,
            tree: announced.tree,
            body: id.clone(),
            part_size: PartSize::MAX,
        };
        received.record(context, request, |records, piece| {
            records.save_piece(&id, 0, piece)?;
            add(records, request, &id, &archive)
        })?;
        Ok(created(request, &id, &archive))
    });
    Ok(response.await?)
}

/// Records a new archive and counts it.
pub(super) fn add(records: &Writer, request: &ApiRequest, id: &str, archive: &ArchiveRecord) -> Result<(), OperationError> {
    let mut vault = find_vault(records, request)?;
    vault.add_archive(archive.size, request.now);
    records.save_vault(&request.vault, &vault)?;
    Ok(records.save_archive(&request.vault, id, archive)?)
}

/// The response for a new archive.
pub(super) fn created(request: &ApiRequest, id: &str, archive: &ArchiveRecord) -> LocalResponse {
    LocalResponse::empty(201)
        .with("Location", request.location(&["archives", id]))
        .with("x-amz-archive-id", id)
        .with("x-amz-sha256-tree-hash", archive.tree.to_string())
}

/// An archive in the vault of the path, which must exist.
pub(super) fn find_archive(records: &impl ReadRecords, request: &ApiRequest, id: &str) -> Result<ArchiveRecord, OperationError> {
    let archive = records.archive(&request.vault, id)?;
    Ok(archive.ok_or_else(|| ApiError::not_found(format!("The archive ID was not found: {id}")))?)
}

/// It is not an error if there is no such archive, unless another vault has it: then the caller means that one, or has mixed up two.
pub(super) fn delete(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let removed = context.change(request, |records| {
        let mut vault = find_vault(records, request)?;
        let Some(archive) = records.archive(&request.vault, &request.id)? else {
            return match records.vault_of_archive(&request.id)? {
                Some(other) => Err(ApiError::invalid(format!(
                    "The archive is in the vault {other}, not in {}: nothing was deleted. Archive ID: {}",
                    request.vault, request.id
                ))
                .into()),
                None => Ok(Vec::new()),
            };
        };
        vault.remove_archive(archive.size, request.now);
        records.save_vault(&request.vault, &vault)?;
        Ok(records.remove_archive(&request.vault, &request.id, &archive)?)
    })?;
    context.store.remove(&removed);
    Ok(LocalResponse::empty(204))
}
