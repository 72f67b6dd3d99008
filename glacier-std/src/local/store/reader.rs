//! Reading records, the same way in both kinds of transaction.

use std::ops::{Bound, ControlFlow};

use redb::{Key, ReadTransaction, ReadableTable, ReadableTableMetadata, TableDefinition, Value};

use super::error::StoreError;
use super::tables::{ARCHIVES, BLOBS, JOB_ORDER, JOBS, PIECES, REMOVED, UPLOADS, VAULTS, load, of_vault};
use crate::local::model::{ArchiveRecord, BlobId, JobRecord, Moment, PieceRecord, UploadRecord, VaultRecord};

/// The records as they are at one moment.
pub(crate) struct Reader(pub(super) ReadTransaction);

/// Opens tables for reading. It stays within the store.
pub(crate) trait ReadTables {
    /// Opens a table.
    fn table<K: Key + 'static, V: Value + 'static>(
        &self,
        table: TableDefinition<'static, K, V>,
    ) -> Result<impl ReadableTable<K, V>, StoreError>;
}

impl ReadTables for Reader {
    fn table<K: Key + 'static, V: Value + 'static>(
        &self,
        table: TableDefinition<'static, K, V>,
    ) -> Result<impl ReadableTable<K, V>, StoreError> {
        Ok(self.0.open_table(table)?)
    }
}

/// Reads records. Lists hold the records after a key, in the order of the keys, up to `limit`.
pub(crate) trait ReadRecords: ReadTables {
    fn vault(&self, name: &str) -> Result<Option<VaultRecord>, StoreError> {
        load(&self.table(VAULTS)?, name)
    }

    fn vault_count(&self) -> Result<u64, StoreError> {
        Ok(self.table(VAULTS)?.len()?)
    }

    /// Vaults with their names.
    fn vaults(&self, after: &str, limit: usize) -> Result<Vec<(String, VaultRecord)>, StoreError> {
        let table = self.table(VAULTS)?;
        let rows = table.range::<&str>((Bound::Excluded(after), Bound::Unbounded))?.map(|row| {
            let (name, record) = row?;
            Ok((name.value().to_owned(), serde_json::from_slice(record.value())?))
        });
        rows.take(limit).collect()
    }

    fn archive(&self, vault: &str, id: &str) -> Result<Option<ArchiveRecord>, StoreError> {
        load(&self.table(ARCHIVES)?, (vault, id))
    }

    /// The vault that has this archive, whichever it is.
    fn vault_of_archive(&self, id: &str) -> Result<Option<String>, StoreError> {
        let archives = self.table(ARCHIVES)?;
        for row in self.table(VAULTS)?.iter()? {
            let vault = row?.0;
            if archives.get((vault.value(), id))?.is_some() {
                return Ok(Some(vault.value().to_owned()));
            }
        }
        Ok(None)
    }

    /// Visits the archives of a vault, with their ids, until there are no more or the visitor breaks.
    fn each_archive<E: From<StoreError>>(
        &self,
        vault: &str,
        after: &str,
        mut visit: impl FnMut(String, ArchiveRecord) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let table = self.table(ARCHIVES)?;
        for row in of_vault(&table, vault, after)? {
            let (id, archive) = row?;
            if visit(id, archive)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn upload(&self, vault: &str, id: &str) -> Result<Option<UploadRecord>, StoreError> {
        load(&self.table(UPLOADS)?, (vault, id))
    }

    /// The open uploads of a vault, with their ids.
    fn open_uploads(&self, vault: &str, after: &str, limit: usize) -> Result<Vec<(String, UploadRecord)>, StoreError> {
        let table = self.table(UPLOADS)?;
        let rows = of_vault::<UploadRecord>(&table, vault, after)?;
        rows.filter(|row| row.as_ref().map_or(true, |(_, upload)| upload.is_open())).take(limit).collect()
    }

    /// The pieces of one body from the byte `first` on, each with its first byte; `owner` is the id of the upload or the archive.
    fn pieces(&self, owner: &str, first: u64, limit: usize) -> Result<Vec<(u64, PieceRecord)>, StoreError> {
        let table = self.table(PIECES)?;
        let rows = table.range::<(&str, u64)>((owner, first)..=(owner, u64::MAX))?.map(|row| {
            let (key, record) = row?;
            Ok((key.value().1, serde_json::from_slice(record.value())?))
        });
        rows.take(limit).collect()
    }

    /// All pieces of one body.
    fn all_pieces(&self, owner: &str) -> Result<Vec<(u64, PieceRecord)>, StoreError> {
        self.pieces(owner, 0, usize::MAX)
    }

    /// The leaves of a piece's tree, 32 bytes each.
    fn leaves(&self, piece: &PieceRecord) -> Result<Vec<u8>, StoreError> {
        let row = self.table(BLOBS)?.get(piece.blob.number())?.map(|row| row.value().to_vec());
        let row = row.ok_or(StoreError::DeletedBlob)?;
        // A piece of one leaf has none stored: the leaf is the tree hash.
        Ok(if row.is_empty() { piece.tree.as_bytes().to_vec() } else { row })
    }

    /// Whether a record names this file.
    fn has_blob(&self, blob: BlobId) -> Result<bool, StoreError> {
        Ok(self.table(BLOBS)?.get(blob.number())?.is_some())
    }

    /// All files that records name.
    fn blobs(&self) -> Result<Vec<BlobId>, StoreError> {
        self.table(BLOBS)?.iter()?.map(|row| Ok(row?.0.value().into())).collect()
    }

    /// The files that are being removed.
    fn removed(&self) -> Result<Vec<BlobId>, StoreError> {
        self.table(REMOVED)?.iter()?.map(|row| Ok(row?.0.value().into())).collect()
    }

    /// Vault and id of the archive that has bytes in this file. This reads all records.
    fn archive_of_blob(&self, blob: BlobId) -> Result<Option<(String, String)>, StoreError> {
        for row in self.table(PIECES)?.iter()? {
            let (key, piece) = row?;
            if serde_json::from_slice::<PieceRecord>(piece.value())?.blob != blob {
                continue;
            }
            for row in self.table(ARCHIVES)?.iter()? {
                let (archive, record) = row?;
                if serde_json::from_slice::<ArchiveRecord>(record.value())?.body == key.value().0 {
                    let (vault, id) = archive.value();
                    return Ok(Some((vault.to_owned(), id.to_owned())));
                }
            }
        }
        Ok(None)
    }

    fn job(&self, vault: &str, id: &str) -> Result<Option<JobRecord>, StoreError> {
        load(&self.table(JOBS)?, (vault, id))
    }

    /// The jobs of a vault that `keep` accepts, oldest first, with their ids; `after` is a job's time of creation and id.
    fn jobs(
        &self,
        vault: &str,
        after: Option<(Moment, &str)>,
        limit: usize,
        mut keep: impl FnMut(&JobRecord) -> bool,
    ) -> Result<Vec<(String, JobRecord)>, StoreError> {
        let (order, jobs) = (self.table(JOB_ORDER)?, self.table(JOBS)?);
        let after = after.map_or(Bound::Included((vault, 0, "")), |(created, id)| Bound::Excluded((vault, created.0, id)));
        let rows = order.range::<(&str, u64, &str)>((after, Bound::Included((vault, u64::MAX, ""))))?;
        let mut kept = Vec::new();
        for row in rows {
            let key = row?.0;
            let id = key.value().2;
            if let Some(job) = load(&jobs, (vault, id))?.filter(&mut keep) {
                kept.push((id.to_owned(), job));
                if kept.len() == limit {
                    break;
                }
            }
        }
        Ok(kept)
    }
}

impl<T: ReadTables> ReadRecords for T {}
