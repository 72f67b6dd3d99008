//! InitiateVaultLock, GetVaultLock, AbortVaultLock, CompleteVaultLock.

use super::access_policy::policy_text;
use super::context::{Handler, OperationContext, document, find_vault};
use super::error::OperationError;
use crate::local::model::{ApiError, LockRecord};
use crate::local::request::ApiRequest;
use crate::local::response::{LocalResponse, LockDocument};
use crate::local::store::{ReadRecords, ReadSettings};

/// The operations that this file performs.
pub(super) const HANDLERS: &[(&str, Handler)] =
    &[("InitiateVaultLock", initiate), ("GetVaultLock", get), ("AbortVaultLock", abort), ("CompleteVaultLock", complete)];

fn initiate(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let policy = policy_text(request, "lock")?;
    let id = context.ids.upload_or_job()?;
    let lock = LockRecord::new(policy, id.clone(), request.now);
    context.change(request, |records| {
        if let Some(other) = find_lock(records, request)? {
            other.check_initiate()?;
        }
        Ok(records.save_setting(&request.vault, &lock)?)
    })?;
    Ok(LocalResponse::empty(201).with("x-amz-lock-id", id))
}

fn get(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let lock = context.store.records.read(|records| find_lock(records, request))?;
    document(&LockDocument::new(lock.ok_or_else(|| none(request))?))
}

/// It is not an error if there is none.
fn abort(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    context.change(request, |records| {
        if let Some(lock) = find_lock(records, request)? {
            lock.check_abort()?;
        }
        Ok(records.remove_setting::<LockRecord>(&request.vault)?)
    })?;
    Ok(LocalResponse::empty(204))
}

fn complete(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    context.change(request, |records| {
        let mut lock = find_lock(records, request)?.ok_or_else(|| none(request))?;
        lock.complete(&request.id)?;
        Ok(records.save_setting(&request.vault, &lock)?)
    })?;
    Ok(LocalResponse::empty(204))
}

/// The lock of the vault in the path, unless it ended.
fn find_lock(records: &(impl ReadSettings + ReadRecords), request: &ApiRequest) -> Result<Option<LockRecord>, OperationError> {
    find_vault(records, request)?;
    let lock: Option<LockRecord> = records.setting(&request.vault)?;
    Ok(lock.filter(|lock| lock.is_in_force(request.now)))
}

fn none(request: &ApiRequest) -> ApiError {
    ApiError::not_found(format!("No vault lock policy is set for vault: {}", request.arn()))
}
