//! InitiateVaultLock, GetVaultLock, AbortVaultLock, CompleteVaultLock.

use super::access_policy::policy_text;
use super::context::{Handler, OperationContext, document, find_vault};
use super::error::OperationError;
use crate::local::model::{ApiError, DAY, LockRecord, VaultNumber, What};
use crate::local::request::ApiRequest;
use crate::local::response::{LocalResponse, LockDocument};
use crate::local::store::{ReadRecords, ReadSettings};

/// The operations that this file performs.
pub(super) const HANDLERS: &[(&str, Handler)] =
    &[("InitiateVaultLock", initiate), ("GetVaultLock", get), ("AbortVaultLock", abort), ("CompleteVaultLock", complete)];

fn initiate(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let policy = policy_text(request, "lock")?;
    let id = context.ids.upload_or_job()?;
    let now = request.now();
    let lock = LockRecord::new(policy, id.clone(), now);
    context.change(request, |records| {
        let (vault, other) = find_lock(records, request)?;
        if let Some(other) = other {
            other.check_initiate()?;
        }
        records.schedule(now.after(DAY), vault, What::LockExpires { lock: id.clone() })?;
        Ok(records.save_setting(vault, &lock)?)
    })?;
    Ok(LocalResponse::empty(201).with("x-amz-lock-id", id))
}

fn get(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let (_, lock) = context.store.records.read(|records| find_lock(records, request))?;
    document(&LockDocument::new(lock.ok_or_else(|| none(request))?))
}

/// It is not an error if there is none.
fn abort(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    context.change(request, |records| {
        let (vault, lock) = find_lock(records, request)?;
        if let Some(lock) = lock {
            lock.check_abort()?;
        }
        Ok(records.remove_setting::<LockRecord>(vault)?)
    })?;
    Ok(LocalResponse::empty(204))
}

fn complete(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    context.change(request, |records| {
        let (vault, lock) = find_lock(records, request)?;
        let mut lock = lock.ok_or_else(|| none(request))?;
        lock.complete(&request.id)?;
        Ok(records.save_setting(vault, &lock)?)
    })?;
    Ok(LocalResponse::empty(204))
}

/// The vault in the path and its lock, unless that ended.
fn find_lock(
    records: &(impl ReadSettings + ReadRecords),
    request: &ApiRequest,
) -> Result<(VaultNumber, Option<LockRecord>), OperationError> {
    let vault = find_vault(records, request)?;
    let lock: Option<LockRecord> = records.setting(vault)?;
    Ok((vault, lock.filter(|lock| lock.is_in_force(request.now()))))
}

fn none(request: &ApiRequest) -> ApiError {
    ApiError::not_found(format!("No vault lock policy is set for vault: {}", request.arn()))
}
