//! What control does to vaults. These are not operations of the API, and no policy is evaluated for them.

use super::context::OperationContext;
use super::error::OperationError;
use super::inventory::forget;
use crate::local::model::{ApiError, Times, VaultKey, VaultNumber, VaultRecord, What};
use crate::local::response::TakenInventory;
use crate::local::store::{ReadOverview, ReadRecords};

/// Where a vault is whose region is not said: where the account has one of this name, if it has only one.
pub(crate) fn region_of(context: &OperationContext, account: &str, name: &str) -> Result<Option<String>, OperationError> {
    let mut regions = context.store.records.read(|records| records.regions_of_vault(account, name))?;
    Ok(if regions.len() == 1 { regions.pop() } else { None })
}

/// Takes an inventory of what a vault has now.
pub(crate) fn take_inventory(context: &OperationContext, key: &VaultKey, times: Times) -> Result<TakenInventory, OperationError> {
    context.store.write(|records| {
        let number = records.vault_number(key)?;
        let found = number.map(|number| records.vault(number)).transpose()?.flatten();
        let (number, mut vault): (VaultNumber, VaultRecord) =
            number.zip(found).ok_or_else(|| ApiError::not_found(format!("There is no vault {key}")))?;
        vault.take_inventory(times.vault, records.next_sequence()?);
        // The one that was due is this one: the next follows from the next write.
        records.cancel(number, |what| matches!(what, What::InventoryDue))?;
        records.save_vault(number, &vault)?;
        forget(context, records, number, &vault, times.vault)?;
        records.keep_times(times)?;
        Ok(TakenInventory { taken: times.vault.to_string(), archives: vault.archives, bytes: vault.bytes })
    })
}

/// Keeps vault time, also where it follows from wall time: it was moved on.
pub(crate) fn keep_times(context: &OperationContext, times: Times) -> Result<(), OperationError> {
    context.store.write(|records| Ok(records.keep_times(times)?))
}

/// Removes all vaults and what is set for accounts. Times go on.
pub(crate) fn reset(context: &OperationContext, times: Times) -> Result<(), OperationError> {
    context.store.write(|records| {
        records.remove_everything()?;
        Ok(records.keep_times(times)?)
    })
}
