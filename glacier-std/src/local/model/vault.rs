//! Vaults: the sums over their archives, and their last inventory.
//!
//! `NumberOfArchives`, `SizeInBytes` and `LastInventoryDate` are those of the last inventory, and null before the first. The sizes are
//! those of the archives, without the overhead that AWS bills.

use serde::{Deserialize, Serialize};

use super::api_error::ApiError;
use super::clock::Moment;
use super::vault_key::VaultKey;

/// Vaults of an account in a region, at most.
pub(crate) const MAX_VAULTS: usize = 1000;

/// A vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VaultRecord {
    pub(crate) key: VaultKey,
    pub(crate) created: Moment,
    /// Archives in the vault now.
    pub(crate) archives: u64,
    /// Bytes in them.
    pub(crate) bytes: u64,
    /// The last inventory.
    pub(crate) inventory: Option<InventoryRecord>,
    /// Whether an archive was added or deleted since then, so that another inventory will be taken.
    pub(crate) is_written: bool,
}

/// What an inventory found. It lists the archives that were created before its place in the sequence and not deleted before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InventoryRecord {
    pub(crate) taken: Moment,
    pub(crate) sequence: u64,
    pub(crate) archives: u64,
    pub(crate) bytes: u64,
}

impl VaultRecord {
    pub(crate) fn new(key: VaultKey, now: Moment) -> Self {
        VaultRecord { key, created: now, archives: 0, bytes: 0, inventory: None, is_written: false }
    }

    /// Counts a new archive.
    pub(crate) fn add_archive(&mut self, size: u64) {
        self.archives += 1;
        self.bytes += size;
    }

    /// Counts an archive as deleted.
    pub(crate) fn remove_archive(&mut self, size: u64) {
        self.archives = self.archives.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(size);
    }

    /// Takes an inventory of what the vault has now.
    pub(crate) fn take_inventory(&mut self, taken: Moment, sequence: u64) {
        self.inventory = Some(InventoryRecord { taken, sequence, archives: self.archives, bytes: self.bytes });
        self.is_written = false;
    }

    /// A vault can be deleted if its last inventory found no archive, and nothing was written since.
    pub(crate) fn check_deletable(&self, arn: &str) -> Result<(), ApiError> {
        if !self.is_written && self.archives == 0 {
            return Ok(());
        }
        Err(ApiError::invalid(format!("Vault not empty or recently written to: {arn}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> VaultRecord {
        let key = VaultKey { account: "000000000000".into(), region: "r".into(), name: "v".into() };
        VaultRecord::new(key, Moment(1))
    }

    #[test]
    fn an_inventory_counts_what_is_there() {
        let mut vault = vault();
        vault.add_archive(5);
        vault.add_archive(7);
        vault.remove_archive(5);
        vault.take_inventory(Moment(9), 40);
        vault.add_archive(100);
        assert_eq!(vault.inventory, Some(InventoryRecord { taken: Moment(9), sequence: 40, archives: 1, bytes: 7 }));
        assert_eq!((vault.archives, vault.bytes), (2, 107));
    }

    #[test]
    fn deletable_once_an_inventory_found_it_empty() {
        let mut vault = vault();
        assert!(vault.check_deletable("a").is_ok(), "never written");
        vault.add_archive(5);
        vault.is_written = true;
        assert_eq!(vault.check_deletable("a").unwrap_err().message, "Vault not empty or recently written to: a");
        vault.take_inventory(Moment(2), 5);
        assert!(vault.check_deletable("a").is_err());
        vault.remove_archive(5);
        vault.is_written = true;
        assert!(vault.check_deletable("a").is_err(), "recently written to");
        vault.take_inventory(Moment(3), 6);
        assert!(vault.check_deletable("a").is_ok());
    }

    #[test]
    fn unknown_members_of_a_record_are_ignored() {
        let json = r#"{"key":{"account":"a","region":"r","name":"n"},"created":1,"archives":2,"bytes":3,"inventory":null,"is_written":true,"more":1}"#;
        let vault: VaultRecord = serde_json::from_str(json).unwrap();
        assert_eq!((vault.created, vault.archives, vault.is_written), (Moment(1), 2, true));
    }
}
