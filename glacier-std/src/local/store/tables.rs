//! The tables of the database, and JSON records in them. Each record ends with a check of its key and itself: the database verifies its pages
//! when it is opened after an unclean end, and not when it reads them.
//!
//! What belongs to a vault has the vault's number first in its key, so that it is one range of each table. Ids are in the order of their
//! characters, and an order by time is a table of its own from places in the sequence to ids.

use std::ops::Bound;

use glacier_core::hash::LinearHasher;
use redb::{Key, ReadableTable, Table, TableDefinition, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;

/// A table whose key is a vault's number and the id of something in the vault, and whose values are records.
pub(super) type InVault = TableDefinition<'static, (u64, &'static str), &'static [u8]>;
/// A table whose key is a vault's number and a place in the sequence, and whose values are ids.
pub(super) type Order = TableDefinition<'static, (u64, u64), &'static str>;
/// A table whose key is an account, a region and a name.
pub(super) type InPlace<V> = TableDefinition<'static, (&'static str, &'static str, &'static str), V>;

/// Account, region and name of a vault to its number.
pub(super) const VAULT_NUMBERS: InPlace<u64> = TableDefinition::new("vault_numbers");
/// Account, region and name of vaults that were deleted: deleting one again is no error.
pub(super) const FORMER_VAULTS: InPlace<()> = TableDefinition::new("former_vaults");
/// Number to vault.
pub(super) const VAULTS: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("vaults");
/// Vault and archive id to archive.
pub(super) const ARCHIVES: InVault = TableDefinition::new("archives");
/// Vault and archive id to an archive that was deleted, and that an inventory still lists.
pub(super) const DELETED: InVault = TableDefinition::new("deleted");
/// The order in which those were deleted.
pub(super) const DELETED_ORDER: Order = TableDefinition::new("deleted_order");
/// Vault and upload id to open upload.
pub(super) const UPLOADS: InVault = TableDefinition::new("uploads");
/// The order in which those began.
pub(super) const UPLOAD_ORDER: Order = TableDefinition::new("upload_order");
/// Vault and upload id to what became of an upload.
pub(super) const ENDED_UPLOADS: InVault = TableDefinition::new("ended_uploads");
/// Body and first byte to piece.
pub(super) const PIECES: TableDefinition<'static, (u64, u64), &'static [u8]> = TableDefinition::new("pieces");
/// Body and the place in the sequence of what owns it.
pub(super) const OWNERS: TableDefinition<'static, (u64, u64), ()> = TableDefinition::new("owners");
/// Bodies that lost their last owner while they were read.
pub(super) const ORPHANS: TableDefinition<'static, u64, ()> = TableDefinition::new("orphans");
/// Vault and job id to job.
pub(super) const JOBS: InVault = TableDefinition::new("jobs");
/// Vault, whether the job is completed, and its place in the sequence to job id.
pub(super) const JOB_ORDER: TableDefinition<'static, (u64, bool, u64), &'static str> = TableDefinition::new("job_order");
/// Vault and place in the sequence of an inventory job whose output is not written yet, to the place of its inventory.
pub(super) const UNWRITTEN: TableDefinition<'static, (u64, u64), u64> = TableDefinition::new("unwritten");
/// Time and place in the sequence to what is due then.
pub(super) const DUE: TableDefinition<'static, (u64, u64), &'static [u8]> = TableDefinition::new("due");
/// Vault and what is set, to its value: tags, notifications, policies.
pub(super) const VAULT_SETTINGS: InVault = TableDefinition::new("vault_settings");
/// Account, region and what is set for them, to its value.
pub(super) const ACCOUNT_SETTINGS: InPlace<&'static [u8]> = TableDefinition::new("account_settings");
/// Every file that belongs to something, to the leaves of its tree: 32 bytes a leaf, none for a file of one leaf.
pub(super) const BLOBS: TableDefinition<'static, u128, &'static [u8]> = TableDefinition::new("blobs");
/// Files that records no longer name and that are being removed. It explains those that a crash leaves.
pub(super) const REMOVED: TableDefinition<'static, u128, ()> = TableDefinition::new("removed");
/// Place in the sequence to a notification that is not in the file of notifications yet, as far as is known.
pub(super) const OUTBOX: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("outbox");
/// Place in the sequence to a notification that is not posted yet, as far as is known.
pub(super) const POSTS: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("posts");
/// Place in the sequence to a notification that could not be posted.
pub(super) const FAILED_POSTS: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("failed_posts");
/// Numbers of the whole store, by name.
pub(super) const COUNTERS: TableDefinition<'static, &'static str, u64> = TableDefinition::new("counters");

/// How many tables there are.
pub(super) const COUNT: usize = 24;

/// Makes all tables, or those that are missing.
pub(super) fn make(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.open_table(VAULT_NUMBERS)?;
    transaction.open_table(FORMER_VAULTS)?;
    transaction.open_table(VAULTS)?;
    transaction.open_table(ARCHIVES)?;
    transaction.open_table(DELETED)?;
    transaction.open_table(DELETED_ORDER)?;
    transaction.open_table(UPLOADS)?;
    transaction.open_table(UPLOAD_ORDER)?;
    transaction.open_table(ENDED_UPLOADS)?;
    transaction.open_table(PIECES)?;
    transaction.open_table(OWNERS)?;
    transaction.open_table(ORPHANS)?;
    transaction.open_table(JOBS)?;
    transaction.open_table(JOB_ORDER)?;
    transaction.open_table(UNWRITTEN)?;
    transaction.open_table(DUE)?;
    transaction.open_table(VAULT_SETTINGS)?;
    transaction.open_table(ACCOUNT_SETTINGS)?;
    transaction.open_table(BLOBS)?;
    transaction.open_table(REMOVED)?;
    transaction.open_table(OUTBOX)?;
    transaction.open_table(POSTS)?;
    transaction.open_table(FAILED_POSTS)?;
    transaction.open_table(COUNTERS)?;
    Ok(())
}

/// Empties all tables but those of bodies and their files, which may be in use, and the counters of the whole store.
pub(super) fn clear(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.delete_table(VAULT_NUMBERS)?;
    transaction.delete_table(FORMER_VAULTS)?;
    transaction.delete_table(VAULTS)?;
    transaction.delete_table(ARCHIVES)?;
    transaction.delete_table(DELETED)?;
    transaction.delete_table(DELETED_ORDER)?;
    transaction.delete_table(UPLOADS)?;
    transaction.delete_table(UPLOAD_ORDER)?;
    transaction.delete_table(ENDED_UPLOADS)?;
    transaction.delete_table(JOBS)?;
    transaction.delete_table(JOB_ORDER)?;
    transaction.delete_table(UNWRITTEN)?;
    transaction.delete_table(DUE)?;
    transaction.delete_table(VAULT_SETTINGS)?;
    transaction.delete_table(ACCOUNT_SETTINGS)?;
    transaction.delete_table(OUTBOX)?;
    transaction.delete_table(POSTS)?;
    transaction.delete_table(FAILED_POSTS)?;
    make(transaction)
}

/// One record.
pub(super) fn load<'k, K: Key + 'static, R: DeserializeOwned>(
    table: &impl ReadableTable<K, &'static [u8]>,
    key: K::SelfType<'k>,
) -> Result<Option<R>, StoreError> {
    let Some(bytes) = table.get(&key)? else { return Ok(None) };
    decode::<K, R>(&key, bytes.value()).map(Some)
}

/// Writes one record.
pub(super) fn save<'k, K: Key + 'static>(
    table: &mut Table<'_, K, &'static [u8]>,
    key: K::SelfType<'k>,
    record: &impl Serialize,
) -> Result<(), StoreError> {
    let mut bytes = serde_json::to_vec(record)?;
    bytes.extend_from_slice(&check::<K>(&key, &bytes));
    table.insert(&key, bytes.as_slice())?;
    Ok(())
}

/// Reads a record that was found at this key.
pub(super) fn decode<'k, K: Key + 'static, R: DeserializeOwned>(key: &K::SelfType<'k>, bytes: &[u8]) -> Result<R, StoreError> {
    match bytes.split_last_chunk::<CHECK>() {
        Some((json, found)) if *found == check::<K>(key, json) => Ok(serde_json::from_slice(json)?),
        _ => Err(StoreError::DamagedRecord),
    }
}

/// Bytes of a check.
const CHECK: usize = 8;

fn check<'k, K: Key + 'static>(key: &K::SelfType<'k>, json: &[u8]) -> [u8; CHECK] {
    let mut hasher = LinearHasher::new();
    hasher.update(K::as_bytes(key).as_ref());
    hasher.update(json);
    let hash = hasher.finish();
    hash.as_bytes().first_chunk().copied().unwrap_or_default()
}

/// The records of one vault whose ids come after `after`, in the order of the ids.
pub(super) fn of_vault<R: DeserializeOwned>(
    table: &impl ReadableTable<(u64, &'static str), &'static [u8]>,
    vault: u64,
    after: &str,
) -> Result<impl Iterator<Item = Result<(String, R), StoreError>>, StoreError> {
    let end = Bound::Excluded((vault.saturating_add(1), ""));
    let rows = table.range::<(u64, &str)>((Bound::Excluded((vault, after)), end))?;
    Ok(rows.map(|row| {
        let (key, record) = row?;
        let record = decode::<(u64, &str), R>(&key.value(), record.value())?;
        Ok((key.value().1.to_owned(), record))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use redb::backends::InMemoryBackend;
    use redb::{ReadableDatabase, ReadableTableMetadata, TableHandle};

    #[test]
    fn a_vaults_records_and_no_others() {
        let database = redb::Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let transaction = database.begin_write().unwrap();
        let mut table = transaction.open_table(ARCHIVES).unwrap();
        for (key, n) in [(6, "x"), (7, "-"), (7, "x"), (8, ""), (8, "0"), (70, "x")].into_iter().zip(0u32..) {
            save(&mut table, key, &n).unwrap();
        }
        let all =
            |vault, after: &str| of_vault::<u32>(&table, vault, after).unwrap().collect::<Result<Vec<_>, StoreError>>().unwrap();
        assert_eq!(all(7, "").into_iter().map(|(id, _)| id).collect::<Vec<_>>(), ["-", "x"]);
        assert_eq!(all(7, "-").len(), 1);
        assert_eq!(all(7, "x"), []);
        assert_eq!(all(9, ""), []);
    }

    #[test]
    fn a_record_with_a_damaged_byte_or_at_another_key_is_an_error() {
        let database = redb::Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let transaction = database.begin_write().unwrap();
        let mut table = transaction.open_table(ARCHIVES).unwrap();
        save(&mut table, (7, "id"), &"a record").unwrap();
        let bytes = table.get((7, "id")).unwrap().unwrap().value().to_vec();
        assert!(bytes.starts_with(br#""a record""#));
        assert_eq!(load::<_, String>(&table, (7, "id")).unwrap().as_deref(), Some("a record"));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            table.insert((7, "id"), damaged.as_slice()).unwrap();
            assert!(matches!(load::<_, String>(&table, (7, "id")), Err(StoreError::DamagedRecord)), "{at}");
        }
        for other in [(7, "ie"), (6, "id")] {
            table.insert(other, bytes.as_slice()).unwrap();
            assert!(matches!(load::<_, String>(&table, other), Err(StoreError::DamagedRecord)));
        }
        table.insert((7, "id"), &b"short"[..]).unwrap();
        assert!(matches!(load::<_, String>(&table, (7, "id")), Err(StoreError::DamagedRecord)));
    }

    #[test]
    fn all_tables_are_made() {
        let database = redb::Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let transaction = database.begin_write().unwrap();
        make(&transaction).unwrap();
        transaction.commit().unwrap();
        let names: Vec<String> =
            database.begin_read().unwrap().list_tables().unwrap().map(|table| table.name().to_owned()).collect();
        assert_eq!(names.len(), COUNT, "{names:?}");
    }

    #[test]
    fn what_is_cleared_is_all_but_bodies_files_and_counters() {
        let database = redb::Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let transaction = database.begin_write().unwrap();
        make(&transaction).unwrap();
        // A table that was cleared was made anew, and is empty; the others keep what they have.
        transaction.open_table(VAULT_NUMBERS).unwrap().insert(("a", "r", "v"), 1).unwrap();
        transaction.open_table(FORMER_VAULTS).unwrap().insert(("a", "r", "v"), ()).unwrap();
        transaction.open_table(VAULTS).unwrap().insert(1, &b"x"[..]).unwrap();
        for table in [ARCHIVES, DELETED, UPLOADS, ENDED_UPLOADS, JOBS, VAULT_SETTINGS] {
            transaction.open_table(table).unwrap().insert((1, "id"), &b"x"[..]).unwrap();
        }
        for table in [DELETED_ORDER, UPLOAD_ORDER] {
            transaction.open_table(table).unwrap().insert((1, 1), "id").unwrap();
        }
        for table in [PIECES, DUE] {
            transaction.open_table(table).unwrap().insert((1, 1), &b"x"[..]).unwrap();
        }
        transaction.open_table(OWNERS).unwrap().insert((1, 1), ()).unwrap();
        transaction.open_table(ORPHANS).unwrap().insert(1, ()).unwrap();
        transaction.open_table(JOB_ORDER).unwrap().insert((1, true, 1), "id").unwrap();
        transaction.open_table(UNWRITTEN).unwrap().insert((1, 1), 1).unwrap();
        transaction.open_table(ACCOUNT_SETTINGS).unwrap().insert(("a", "r", "k"), &b"x"[..]).unwrap();
        for table in [OUTBOX, POSTS, FAILED_POSTS] {
            transaction.open_table(table).unwrap().insert(1, &b"x"[..]).unwrap();
        }
        transaction.open_table(BLOBS).unwrap().insert(1, &b"x"[..]).unwrap();
        transaction.open_table(REMOVED).unwrap().insert(1, ()).unwrap();
        transaction.open_table(COUNTERS).unwrap().insert("n", 1).unwrap();
        clear(&transaction).unwrap();
        transaction.commit().unwrap();
        let transaction = database.begin_read().unwrap();
        let tables = transaction.list_tables().unwrap();
        let lengths = tables.map(|table| (table.name().to_owned(), transaction.open_untyped_table(table).unwrap().len().unwrap()));
        let (full, empty): (Vec<_>, Vec<_>) = lengths.partition(|(_, length)| *length > 0);
        let names: Vec<String> = full.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["blobs", "counters", "orphans", "owners", "pieces", "removed"]);
        assert_eq!(names.len() + empty.len(), COUNT);
    }
}
