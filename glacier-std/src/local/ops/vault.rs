//! CreateVault, DescribeVault, ListVaults, DeleteVault.

use glacier_core::ErrorCode;

use super::authorize::authorize;
use super::context::{Handler, OperationContext, document, find_vault, load_vault, vault_not_found};
use super::error::OperationError;
use crate::local::model::{ApiError, JobWork, MAX_VAULTS, RetrievalLoad, page};
use crate::local::request::ApiRequest;
use crate::local::response::{LocalResponse, VaultDocument, VaultPage};
use crate::local::store::{ReadRecords, ReadSettings, StoreError};

/// The operations that this file performs without a streamed body.
pub(super) const HANDLERS: &[(&str, Handler)] =
    &[("CreateVault", create), ("DescribeVault", describe), ("ListVaults", list), ("DeleteVault", delete)];

/// Creating a vault again changes nothing.
pub(super) fn create(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    context.change(request, |records| {
        if records.vault_number(&request.key())?.is_some() {
            return Ok(());
        }
        if records.vault_numbers(request.place(), "", MAX_VAULTS)?.len() == MAX_VAULTS {
            let message = format!("An account has at most {MAX_VAULTS} vaults in a region: delete one first");
            return Err(ApiError::new(ErrorCode::LimitExceeded, message).into());
        }
        Ok(records.add_vault(request.key(), request.now())?)
    })?;
    Ok(LocalResponse::empty(201).with("Location", request.location(&[])))
}

pub(super) fn describe(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let vault = context.store.records.read(|records| {
        let number = find_vault(records, request)?;
        load_vault(records, request, number)
    })?;
    document(&VaultDocument::new(request.arn(), &vault))
}

pub(super) fn list(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let limit = request.query.limit(10)?;
    let after = request.vault_marker()?;
    let vaults = context.store.records.read(|records| {
        let numbers = records.vault_numbers(request.place(), after, limit + 1)?;
        numbers.into_iter().filter_map(|(_, number)| records.vault(number).transpose()).collect::<Result<Vec<_>, StoreError>>()
    })?;
    let (vaults, marker) = page(limit, vaults, |vault| request.arn_of(&vault.key.name));
    let shown = vaults.iter().map(|vault| VaultDocument::new(request.arn_of(&vault.key.name), vault));
    document(&VaultPage { marker, vault_list: shown.collect() })
}

/// Deletes a vault without archives, with its uploads and jobs. It is not an error if it was deleted before.
pub(super) fn delete(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    context.change(request, |records| {
        let key = request.key();
        let number = records.vault_number(&key)?;
        authorize(records, request, number, None)?;
        let Some(number) = number else {
            return if records.is_former_vault(&key)? { Ok(()) } else { Err(vault_not_found(request).into()) };
        };
        load_vault(records, request, number)?.check_deletable(&request.arn())?;
        let jobs = records.remove_vault(number, &key)?;
        let running = jobs.iter().filter(|job| job.completed.is_none());
        let rates = running.filter_map(|job| match &job.work {
            JobWork::Archive(work) => Some(work.rate),
            JobWork::Inventory(_) => None,
        });
        let rate = rates.sum::<u64>();
        if rate > 0 {
            let mut load: RetrievalLoad = records.account_setting(request.place())?;
            load.end(rate);
            records.save_account_setting(request.place(), &load)?;
        }
        Ok(())
    })?;
    Ok(LocalResponse::empty(204))
}
