//! UploadArchive and DeleteArchive.
//!
//! A deleted archive is gone at once; the output of its retrieval jobs stays as long as they do.

use std::sync::Arc;

use embedded_io_async::Read;
use glacier_core::{PartSize, TreeHash};

use super::context::{Handler, OperationContext, blocking, find_vault, find_vault_and_archive, load_vault};
use super::error::{OperationError, UploadError};
use super::inventory::{is_remembered, written};
use super::upload_body::receive;
use crate::local::model::{ApiError, ArchiveRecord, BodyId, VaultNumber};
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
        received.record(context, request, |records, piece| {
            let archive = ArchiveRecord {
                sequence: records.next_sequence()?,
                created: request.now(),
                description,
                size: announced.size,
                tree: announced.tree,
                body: BodyId(records.next_sequence()?),
                part_size: PartSize::MAX,
            };
            // The vault, or what its policies say, may be another than before the body.
            let vault = find_vault(records, request)?;
            records.save_piece(archive.body, 0, piece)?;
            add(context, records, request, vault, &id, &archive)
        })?;
        Ok(created(request, &id, announced.tree))
    });
    Ok(response.await?)
}

/// Records a new archive and counts it.
pub(super) fn add(
    context: &OperationContext,
    records: &Writer<'_>,
    request: &ApiRequest,
    number: VaultNumber,
    id: &str,
    archive: &ArchiveRecord,
) -> Result<(), OperationError> {
    let mut vault = load_vault(records, request, number)?;
    records.add_archive(number, id, archive)?;
    vault.add_archive(archive.size);
    written(context, records, number, vault, request.now())
}

/// The response for a new archive.
pub(super) fn created(request: &ApiRequest, id: &str, tree: TreeHash) -> LocalResponse {
    LocalResponse::empty(201)
        .with("Location", request.location(&["archives", id]))
        .with("x-amz-archive-id", id)
        .with("x-amz-sha256-tree-hash", tree.to_string())
}

/// It is not an error if there is no such archive, unless another vault has it: then the caller means that one, or has mixed up two.
pub(super) fn delete(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    context.change(request, |records| {
        let (number, archive) = find_vault_and_archive(records, request, &request.id)?;
        let Some(archive) = archive else {
            return match records.vault_of_archive(request.place(), &request.id)? {
                Some(other) => Err(ApiError::invalid(format!(
                    "The archive is in the vault {other}, not in {}: nothing was deleted. Archive ID: {}",
                    request.vault, request.id
                ))
                .into()),
                None => Ok(()),
            };
        };
        let mut vault = load_vault(records, request, number)?;
        vault.remove_archive(archive.size);
        let remember = is_remembered(context, records, number, &vault, &archive)?;
        records.remove_archive(number, &request.id, archive, remember)?;
        written(context, records, number, vault, request.now())
    })?;
    Ok(LocalResponse::empty(204))
}
