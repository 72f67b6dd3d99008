//! What operations work with: the store, a source of ids, and the observer of progress.

use std::sync::Arc;

use serde::Serialize;
use tokio::task::spawn_blocking;

use super::error::OperationError;
use super::progress::{RequestObserver, RequestPhase, RequestProgress};
use crate::local::model::{ApiError, Ids, VaultRecord};
use crate::local::request::ApiRequest;
use crate::local::response::LocalResponse;
use crate::local::store::{ReadRecords, Store, Writer};

/// Performs an operation without a streamed body.
pub(super) type Handler = fn(&OperationContext, &ApiRequest) -> Result<LocalResponse, OperationError>;

/// What operations work with.
pub(crate) struct OperationContext {
    pub(crate) store: Store,
    pub(crate) ids: Ids,
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
        work: impl FnOnce(&Writer) -> Result<T, OperationError>,
    ) -> Result<T, OperationError> {
        self.notify(request, RequestPhase::Commit);
        let done = self.store.records.write(work)?;
        self.notify(request, RequestPhase::Reply);
        Ok(done)
    }
}

/// The vault in the path, which must exist.
pub(super) fn find_vault(records: &impl ReadRecords, request: &ApiRequest) -> Result<VaultRecord, OperationError> {
    let vault = records.vault(&request.vault)?;
    Ok(vault.ok_or_else(|| ApiError::not_found(format!("Vault not found for ARN: {}", request.arn())))?)
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
