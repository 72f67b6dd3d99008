//! Vaults, with the sums over their archives.
//!
//! In this service the last inventory is always of the present: `NumberOfArchives` and `SizeInBytes` are what the vault holds now,
//! `LastInventoryDate` is when an archive was last added or deleted, and all three are null before the first archive. The sizes are
//! those of the archives, without the overhead that AWS bills.

use serde::{Deserialize, Serialize};

use super::api_error::ApiError;
use super::clock::Moment;

/// Vaults in an account, at most.
pub(crate) const MAX_VAULTS: u64 = 1000;

/// A vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VaultRecord {
    pub(crate) created: Moment,
    /// When an archive was last added or deleted.
    pub(crate) written: Option<Moment>,
    pub(crate) archives: u64,
    pub(crate) bytes: u64,
}

impl VaultRecord {
    pub(crate) fn new(now: Moment) -> Self {
        VaultRecord { created: now, written: None, archives: 0, bytes: 0 }
    }

    /// Counts a new archive.
    pub(crate) fn add_archive(&mut self, size: u64, now: Moment) {
        self.written = Some(now);
        self.archives += 1;
        self.bytes += size;
    }

    /// Counts an archive as deleted.
    pub(crate) fn remove_archive(&mut self, size: u64, now: Moment) {
        self.written = Some(now);
        self.archives = self.archives.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(size);
    }

    /// A vault can be deleted once it has no archives.
    pub(crate) fn check_deletable(&self, arn: &str) -> Result<(), ApiError> {
        if self.archives == 0 {
            return Ok(());
        }
        Err(ApiError::invalid(format!("Vault not empty or recently written to: {arn}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_archives_and_can_be_deleted_without_any() {
        let mut vault = VaultRecord::new(Moment(1));
        assert_eq!((vault.written, vault.check_deletable("a")), (None, Ok(())));
        vault.add_archive(5, Moment(2));
        vault.add_archive(7, Moment(3));
        assert_eq!(vault, VaultRecord { created: Moment(1), written: Some(Moment(3)), archives: 2, bytes: 12 });
        assert_eq!(vault.check_deletable("a").unwrap_err().message, "Vault not empty or recently written to: a");
        vault.remove_archive(5, Moment(4));
        vault.remove_archive(7, Moment(5));
        assert_eq!(vault, VaultRecord { created: Moment(1), written: Some(Moment(5)), archives: 0, bytes: 0 });
        assert!(vault.check_deletable("a").is_ok());
    }

    #[test]
    fn unknown_members_of_a_record_are_ignored() {
        let json = r#"{"created":1,"written":null,"archives":2,"bytes":3,"lock":{"state":"new"}}"#;
        let vault: VaultRecord = serde_json::from_str(json).unwrap();
        assert_eq!((vault.created, vault.archives), (Moment(1), 2));
    }
}
