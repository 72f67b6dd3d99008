//! PurchaseProvisionedCapacity, ListProvisionedCapacity.

use super::context::{Handler, OperationContext, document};
use super::error::OperationError;
use crate::local::model::Capacity;
use crate::local::request::ApiRequest;
use crate::local::response::{CapacityDocument, LocalResponse};
use crate::local::store::ReadSettings;

/// The operations that this file performs.
pub(super) const HANDLERS: &[(&str, Handler)] = &[("PurchaseProvisionedCapacity", purchase), ("ListProvisionedCapacity", list)];

fn purchase(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let id = context.ids.upload_or_job()?;
    context.change(request, |records| {
        let mut capacity: Capacity = records.account_setting(request.place())?;
        capacity.purchase(id.clone(), request.now())?;
        Ok(records.save_account_setting(request.place(), &capacity)?)
    })?;
    Ok(LocalResponse::empty(201).with("x-amz-capacity-id", id))
}

fn list(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let capacity: Capacity =
        context.store.records.read(|records| Ok::<_, OperationError>(records.account_setting(request.place())?))?;
    document(&CapacityDocument::new(capacity.active(request.now())))
}
