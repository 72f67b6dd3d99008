//! CreateVault, DescribeVault, ListVaults, DeleteVault.

use glacier_core::ErrorCode;

use super::context::{Handler, OperationContext, document, find_vault};
use super::error::OperationError;
use crate::local::model::{ApiError, MAX_VAULTS, VaultRecord, page};
use crate::local::request::ApiRequest;
use crate::local::response::{LocalResponse, VaultDocument, VaultPage};
use crate::local::store::ReadRecords;

/// The operations that this file performs without a streamed body.
pub(super) const HANDLERS: &[(&str, Handler)] =
    &[("CreateVault", create), ("DescribeVault", describe), ("ListVaults", list), ("DeleteVault", delete)];

/// Creating a vault again changes nothing.
pub(super) fn create(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    context.change(request, |records| {
        if records.vault(&request.vault)?.is_some() {
            return Ok(());
        }
        if records.vault_count()? >= MAX_VAULTS {
            let message = format!("An account has at most {MAX_VAULTS} vaults: delete one first");
            return Err(ApiError::new(ErrorCode::LimitExceeded, message).into());
        }
        Ok(records.save_vault(&request.vault, &VaultRecord::new(request.now))?)
    })?;
    Ok(LocalResponse::empty(201).with("Location", request.location(&[])))
}

pub(super) fn describe(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let vault = context.store.records.read(|records| find_vault(records, request))?;
    document(&VaultDocument::new(request.arn(), &request.vault, &vault))
}

pub(super) fn list(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let limit = request.query.limit(10)?;
    let after = request.vault_marker()?;
    let vaults = context.store.records.read(|records| records.vaults(after, limit + 1))?;
    let (vaults, marker) = page(limit, vaults, |(name, _)| request.arn_of(name));
    let shown = vaults.iter().map(|(name, vault)| VaultDocument::new(request.arn_of(name), name, vault));
    document(&VaultPage { marker, vault_list: shown.collect() })
}

/// Deletes a vault without archives, with its uploads and jobs. It is not an error if there is no such vault.
pub(super) fn delete(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let removed = context.change(request, |records| {
        let Some(vault) = records.vault(&request.vault)? else { return Ok(Vec::new()) };
        vault.check_deletable(&request.arn())?;
        Ok(records.remove_vault(&request.vault)?)
    })?;
    context.store.remove(&removed);
    Ok(LocalResponse::empty(204))
}
