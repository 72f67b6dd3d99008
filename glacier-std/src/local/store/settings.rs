//! What is set for a vault or for the account: one record of each kind, or none.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::reader::ReadTables;
use super::tables::{ACCOUNT_SETTINGS, VAULT_SETTINGS, load, save};
use super::writer::Writer;
use crate::local::model::{Capacity, LockRecord, Notifications, Place, RetrievalLoad, RetrievalPolicy, Tags, VaultNumber};

/// A record of which a vault has one or none.
pub(crate) trait VaultSetting: Serialize + DeserializeOwned {
    /// Its key, once for ever.
    const KEY: &'static str;
}

/// A record of which an account has one in each region; what is not set is the default.
pub(crate) trait AccountSetting: Serialize + DeserializeOwned + Default {
    /// Its key, once for ever.
    const KEY: &'static str;
}

/// The access policy of a vault, as it was sent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct VaultPolicy(pub(crate) String);

impl VaultSetting for Tags {
    const KEY: &'static str = "tags";
}

impl VaultSetting for Notifications {
    const KEY: &'static str = "notifications";
}

impl VaultSetting for VaultPolicy {
    const KEY: &'static str = "access-policy";
}

impl VaultSetting for LockRecord {
    const KEY: &'static str = "lock";
}

impl AccountSetting for RetrievalPolicy {
    const KEY: &'static str = "retrieval-policy";
}

impl AccountSetting for RetrievalLoad {
    const KEY: &'static str = "retrieval-load";
}

impl AccountSetting for Capacity {
    const KEY: &'static str = "capacity";
}

/// Reads what is set.
pub(crate) trait ReadSettings: ReadTables {
    fn setting<S: VaultSetting>(&self, vault: VaultNumber) -> Result<Option<S>, StoreError> {
        load(&self.table(VAULT_SETTINGS)?, (vault.0, S::KEY))
    }

    fn account_setting<S: AccountSetting>(&self, place: Place<'_>) -> Result<S, StoreError> {
        Ok(load(&self.table(ACCOUNT_SETTINGS)?, (place.account, place.region, S::KEY))?.unwrap_or_default())
    }
}

impl<T: ReadTables> ReadSettings for T {}

impl Writer<'_> {
    pub(crate) fn save_setting<S: VaultSetting>(&self, vault: VaultNumber, setting: &S) -> Result<(), StoreError> {
        save(&mut self.transaction.open_table(VAULT_SETTINGS)?, (vault.0, S::KEY), setting)
    }

    pub(crate) fn remove_setting<S: VaultSetting>(&self, vault: VaultNumber) -> Result<(), StoreError> {
        self.transaction.open_table(VAULT_SETTINGS)?.remove((vault.0, S::KEY))?;
        Ok(())
    }

    pub(crate) fn save_account_setting<S: AccountSetting>(&self, place: Place<'_>, setting: &S) -> Result<(), StoreError> {
        save(&mut self.transaction.open_table(ACCOUNT_SETTINGS)?, (place.account, place.region, S::KEY), setting)
    }

    /// Removes all that is set for a vault.
    pub(super) fn remove_settings(&self, vault: VaultNumber) -> Result<(), StoreError> {
        for key in [Tags::KEY, Notifications::KEY, VaultPolicy::KEY, LockRecord::KEY] {
            self.transaction.open_table(VAULT_SETTINGS)?.remove((vault.0, key))?;
        }
        Ok(())
    }
}
