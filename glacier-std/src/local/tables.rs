//! The tables of the store, and records in them.

use std::ops::Bound;

use redb::{Key, ReadableTable, Table, TableDefinition, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::refuse::Refused;

/// Vault name to [`Vault`](super::records::Vault).
pub(super) const VAULTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("vaults");
/// Vault name and archive id to [`Archive`](super::records::Archive).
pub(super) const ARCHIVES: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("archives");
/// Vault name and upload id to [`Upload`](super::records::Upload).
pub(super) const UPLOADS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("uploads");
/// Upload id, or that of an archive uploaded in one request, and first byte to [`Piece`](super::records::Piece).
pub(super) const PIECES: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("pieces");
/// Vault name and job id to [`Job`](super::records::Job).
pub(super) const JOBS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("jobs");
/// Vault name, time of creation and job id: the order of jobs.
pub(super) const JOB_ORDER: TableDefinition<'_, (&str, u64, &str), ()> = TableDefinition::new("job_order");
/// Every file that belongs to something, to the leaves of its tree: 32 bytes a MiB, none up to 1 MiB.
pub(super) const BLOBS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("blobs");

/// Makes all tables.
pub(super) fn make(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.open_table(VAULTS)?;
    transaction.open_table(ARCHIVES)?;
    transaction.open_table(UPLOADS)?;
    transaction.open_table(PIECES)?;
    transaction.open_table(JOBS)?;
    transaction.open_table(JOB_ORDER)?;
    transaction.open_table(BLOBS)?;
    Ok(())
}

/// A table of records, in whichever kind of transaction.
pub(super) trait Records<K: Key + 'static>: ReadableTable<K, &'static [u8]> {
    /// One record.
    fn load<'k, R: DeserializeOwned>(&self, key: K::SelfType<'k>) -> Result<Option<R>, Refused> {
        let Some(bytes) = self.get(&key)? else { return Ok(None) };
        Ok(Some(serde_json::from_slice(bytes.value())?))
    }
}

impl<K: Key + 'static, T: ReadableTable<K, &'static [u8]>> Records<K> for T {}

/// The records of one vault whose ids come behind `after`, in the order of the ids.
pub(super) fn of_vault<R: DeserializeOwned>(
    table: &impl ReadableTable<(&'static str, &'static str), &'static [u8]>,
    vault: &str,
    after: &str,
) -> Result<impl Iterator<Item = Result<(String, R), Refused>>, Refused> {
    // No name has a NUL, so this comes right behind all rows of the vault, and before those of any other.
    let end = format!("{vault}\0");
    let rows = table.range::<(&str, &str)>((Bound::Excluded((vault, after)), Bound::Excluded((end.as_str(), ""))))?;
    Ok(rows.map(|row| {
        let (key, record) = row?;
        Ok((key.value().1.to_owned(), serde_json::from_slice(record.value())?))
    }))
}

/// Writes one record.
pub(super) fn save<'k, K: Key + 'static>(
    table: &mut Table<'_, K, &'static [u8]>,
    key: K::SelfType<'k>,
    record: &impl Serialize,
) -> Result<(), Refused> {
    table.insert(&key, serde_json::to_vec(record)?.as_slice())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::store::Store;

    #[test]
    fn a_vaults_records_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let all = |vault: &str, after: &str| {
            store
                .read(|transaction| {
                    of_vault::<u32>(&transaction.open_table(ARCHIVES)?, vault, after)?.collect::<Result<Vec<_>, _>>()
                })
                .unwrap()
        };
        let keys = [("a", "-"), ("a", "x"), ("a-", "0"), ("a.b", "x"), ("aa", "x"), ("b", "x")];
        let fill = |transaction: &WriteTransaction| {
            let mut table = transaction.open_table(ARCHIVES)?;
            keys.iter().zip(0u32..).try_for_each(|(key, n)| save(&mut table, *key, &n))
        };
        store.write(fill).unwrap();
        assert_eq!(all("a", ""), [("-".to_owned(), 0), ("x".to_owned(), 1)]);
        assert_eq!(all("a", "-"), [("x".to_owned(), 1)]);
        assert_eq!(all("a", "x"), []);
        assert_eq!(all("a-", ""), [("0".to_owned(), 2)]);
        assert_eq!(all("c", ""), []);
    }
}
