//! What operations work with: the store, a source of ids, how time passes, and the observer of progress.

use std::sync::{Arc, Mutex};

use serde::Serialize;
use tokio::task::spawn_blocking;

use super::authorize::authorize;
use super::error::OperationError;
use super::progress::{RequestObserver, RequestPhase, RequestProgress};
use crate::local::model::{ApiError, ArchiveRecord, Ids, TimeMode, VaultNumber, VaultRecord};
use crate::local::request::ApiRequest;
use crate::local::response::LocalResponse;
use crate::local::store::{ReadRecords, ReadSettings, Store, Writer};

/// Performs an operation without a streamed body.
pub(super) type Handler = fn(&OperationContext, &ApiRequest) -> Result<LocalResponse, OperationError>;

/// What operations work with.
pub(crate) struct OperationContext {
    pub(crate) store: Store,
    pub(crate) ids: Ids,
    pub(crate) time: TimeMode,
    /// Held while what is due is done, so that it is done once.
    pub(crate) due: Mutex<()>,
    /// Whether Expedited retrievals need provisioned capacity.
    pub(crate) expedited_needs_capacity: bool,
    /// Whether notifications are posted, too.
    pub(crate) posts_notifications: bool,
    pub(crate) observer: Option<RequestObserver>,
}

impl OperationContext {
    /// Tells the observer which phase of the request begins.
    pub(super) fn notify(&self, request: &ApiRequest, phase: RequestPhase) {
        if let Some(observer) = &self.observer {
            observer(RequestProgress { request_id: &request.request_id, operation: request.operation.name, phase });
        }
    }

    /// Changes records for a request without a streamed body.
    pub(super) fn change<T>(
        &self,
        request: &ApiRequest,
        work: impl FnOnce(&Writer<'_>) -> Result<T, OperationError>,
    ) -> Result<T, OperationError> {
        self.notify(request, RequestPhase::Commit);
        let done = self.write(request, work)?;
        self.notify(request, RequestPhase::Reply);
        Ok(done)
    }

    /// Changes records at the time of a request.
    pub(super) fn write<T>(
        &self,
        request: &ApiRequest,
        work: impl FnOnce(&Writer<'_>) -> Result<T, OperationError>,
    ) -> Result<T, OperationError> {
        self.store.write(|records| {
            let done = work(records)?;
            records.keep_times(request.times)?;
            Ok(done)
        })
    }
}

/// The number of the vault in the path, which must exist, if its policies allow the request.
pub(super) fn find_vault(records: &(impl ReadRecords + ReadSettings), request: &ApiRequest) -> Result<VaultNumber, OperationError> {
    let number = records.vault_number(&request.key())?;
    authorize(records, request, number, None)?;
    Ok(number.ok_or_else(|| vault_not_found(request))?)
}

/// The number of the vault in the path and the archive in it with this id, if there is one and the policies of the vault allow the request.
pub(super) fn find_vault_and_archive(
    records: &(impl ReadRecords + ReadSettings),
    request: &ApiRequest,
    id: &str,
) -> Result<(VaultNumber, Option<ArchiveRecord>), OperationError> {
    let number = records.vault_number(&request.key())?;
    let archive = number.map(|number| records.archive(number, id)).transpose()?.flatten();
    authorize(records, request, number, archive.as_ref())?;
    Ok((number.ok_or_else(|| vault_not_found(request))?, archive))
}

/// The vault that [`find_vault`] found in the same transaction.
pub(super) fn load_vault(
    records: &impl ReadRecords,
    request: &ApiRequest,
    number: VaultNumber,
) -> Result<VaultRecord, OperationError> {
    Ok(records.vault(number)?.ok_or_else(|| vault_not_found(request))?)
}

pub(super) fn vault_not_found(request: &ApiRequest) -> ApiError {
    ApiError::not_found(format!("Vault not found for ARN: {}", request.arn()))
}

/// Does work that waits for the disk on a thread where it blocks no other request. It runs to its end even if the wait is dropped.
pub(super) async fn blocking<T: Send + 'static>(
    context: &Arc<OperationContext>,
    request: &Arc<ApiRequest>,
    work: impl FnOnce(&OperationContext, &ApiRequest) -> Result<T, OperationError> + Send + 'static,
) -> Result<T, OperationError> {
    let (context, request) = (context.clone(), request.clone());
    let done = spawn_blocking(move || work(&context, &request)).await;
    done.unwrap_or_else(|_| Err(ApiError::unavailable("The service failed while it processed the request: try again").into()))
}

/// 200 and a JSON document.
pub(super) fn document(document: &impl Serialize) -> Result<LocalResponse, OperationError> {
    let response = LocalResponse::document(document);
    response.map_err(|error| ApiError::unavailable(format!("The response cannot be written: {error}")).into())
}
