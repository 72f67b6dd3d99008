//! SetVaultNotifications, GetVaultNotifications, DeleteVaultNotifications.

use super::context::{Handler, OperationContext, document, find_vault};
use super::error::OperationError;
use crate::local::model::{ApiError, Notifications};
use crate::local::request::{ApiRequest, NotificationsBody, json_body};
use crate::local::response::LocalResponse;
use crate::local::store::ReadSettings;

/// The operations that this file performs.
pub(super) const HANDLERS: &[(&str, Handler)] =
    &[("SetVaultNotifications", set), ("GetVaultNotifications", get), ("DeleteVaultNotifications", delete)];

fn set(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let NotificationsBody { topic, events } = json_body(&request.body)?;
    let notifications = Notifications::new(topic, events)?;
    context.change(request, |records| {
        let vault = find_vault(records, request)?;
        Ok(records.save_setting(vault, &notifications)?)
    })?;
    Ok(LocalResponse::empty(204))
}

fn get(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let notifications = context.store.records.read(|records| {
        let vault = find_vault(records, request)?;
        Ok::<_, OperationError>(records.setting::<Notifications>(vault)?)
    })?;
    let none = || ApiError::not_found(format!("No notification configuration is set for vault: {}", request.arn()));
    document(&notifications.ok_or_else(none)?)
}

/// It is not an error if there is none.
fn delete(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    context.change(request, |records| {
        let vault = find_vault(records, request)?;
        Ok(records.remove_setting::<Notifications>(vault)?)
    })?;
    Ok(LocalResponse::empty(204))
}
