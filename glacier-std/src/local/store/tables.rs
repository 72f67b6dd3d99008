//! The tables of the database, and JSON records in them.

use std::ops::Bound;

use redb::{Key, ReadableTable, Table, TableDefinition, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;

/// A table whose key is a vault's name and the id of something in the vault.
pub(super) type InVault = TableDefinition<'static, (&'static str, &'static str), &'static [u8]>;

/// Vault name to vault.
pub(super) const VAULTS: TableDefinition<'static, &'static str, &'static [u8]> = TableDefinition::new("vaults");
/// Vault name and archive id to archive.
pub(super) const ARCHIVES: InVault = TableDefinition::new("archives");
/// Vault name and upload id to upload.
pub(super) const UPLOADS: InVault = TableDefinition::new("uploads");
/// Upload id, or that of an archive uploaded in one request, and first byte to piece.
pub(super) const PIECES: TableDefinition<'static, (&'static str, u64), &'static [u8]> = TableDefinition::new("pieces");
/// Vault name and job id to job.
pub(super) const JOBS: InVault = TableDefinition::new("jobs");
/// Vault name, time of creation and job id: the order of jobs.
pub(super) const JOB_ORDER: TableDefinition<'static, (&'static str, u64, &'static str), ()> = TableDefinition::new("job_order");
/// Vault name and what is set, to its value: tags, notifications, policies.
pub(super) const VAULT_SETTINGS: InVault = TableDefinition::new("vault_settings");
/// What is set for the account, to its value.
pub(super) const ACCOUNT_SETTINGS: TableDefinition<'static, &'static str, &'static [u8]> = TableDefinition::new("account_settings");
/// Every file that belongs to something, to the leaves of its tree: 32 bytes a leaf, none for a file of one leaf.
pub(super) const BLOBS: TableDefinition<'static, u128, &'static [u8]> = TableDefinition::new("blobs");
/// Files that records no longer name and that are being removed. It explains those that a crash leaves.
pub(super) const REMOVED: TableDefinition<'static, u128, ()> = TableDefinition::new("removed");

/// How many tables there are.
pub(super) const COUNT: usize = 10;

/// Makes all tables, or those that are missing.
pub(super) fn make(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.open_table(VAULTS)?;
    transaction.open_table(ARCHIVES)?;
    transaction.open_table(UPLOADS)?;
    transaction.open_table(PIECES)?;
    transaction.open_table(JOBS)?;
    transaction.open_table(JOB_ORDER)?;
    transaction.open_table(VAULT_SETTINGS)?;
    transaction.open_table(ACCOUNT_SETTINGS)?;
    transaction.open_table(BLOBS)?;
    transaction.open_table(REMOVED)?;
    Ok(())
}

/// One record.
pub(super) fn load<'k, K: Key + 'static, R: DeserializeOwned>(
    table: &impl ReadableTable<K, &'static [u8]>,
    key: K::SelfType<'k>,
) -> Result<Option<R>, StoreError> {
    let Some(bytes) = table.get(&key)? else { return Ok(None) };
    Ok(Some(serde_json::from_slice(bytes.value())?))
}

/// Writes one record.
pub(super) fn save<'k, K: Key + 'static>(
    table: &mut Table<'_, K, &'static [u8]>,
    key: K::SelfType<'k>,
    record: &impl Serialize,
) -> Result<(), StoreError> {
    table.insert(&key, serde_json::to_vec(record)?.as_slice())?;
    Ok(())
}

/// The records of one vault whose ids come after `after`, in the order of the ids.
pub(super) fn of_vault<R: DeserializeOwned>(
    table: &impl ReadableTable<(&'static str, &'static str), &'static [u8]>,
    vault: &str,
    after: &str,
) -> Result<impl Iterator<Item = Result<(String, R), StoreError>>, StoreError> {
    // No name has a NUL, so this comes right after all rows of the vault, and before those of any other.
    let end = format!("{vault}\0");
    let rows = table.range::<(&str, &str)>((Bound::Excluded((vault, after)), Bound::Excluded((end.as_str(), ""))))?;
    Ok(rows.map(|row| {
        let (key, record) = row?;
        Ok((key.value().1.to_owned(), serde_json::from_slice(record.value())?))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use redb::backends::InMemoryBackend;

    #[test]
    fn a_vaults_records_and_no_others() {
        let database = redb::Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let transaction = database.begin_write().unwrap();
        let mut table = transaction.open_table(ARCHIVES).unwrap();
        let keys = [("a", "-"), ("a", "x"), ("a-", "0"), ("a.b", "x"), ("aa", "x"), ("b", "x")];
        for (key, n) in keys.iter().zip(0u32..) {
            save(&mut table, *key, &n).unwrap();
        }
        let all = |vault: &str, after: &str| {
            of_vault::<u32>(&table, vault, after).unwrap().collect::<Result<Vec<_>, StoreError>>().unwrap()
        };
        assert_eq!(all("a", ""), [("-".to_owned(), 0), ("x".to_owned(), 1)]);
        assert_eq!(all("a", "-"), [("x".to_owned(), 1)]);
        assert_eq!(all("a", "x"), []);
        assert_eq!(all("a-", ""), [("0".to_owned(), 2)]);
        assert_eq!(all("c", ""), []);
    }
}
