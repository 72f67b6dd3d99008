//! Changing records. This is the one place that knows which tables belong together.
//!
//! Files are deleted only when the change is committed, so a change that removes some returns their names, and keeps them in a table until
//! the files are gone.

use redb::{Table, TableDefinition, WriteTransaction};
use serde::Serialize;

use super::error::StoreError;
use super::reader::{ReadRecords, ReadTables};
use super::tables::{ARCHIVES, BLOBS, InVault, JOB_ORDER, JOBS, PIECES, REMOVED, UPLOADS, VAULTS, load, of_vault, save};
use crate::local::model::{ArchiveRecord, BlobId, JobRecord, JobWork, PieceRecord, UploadRecord, VaultRecord};

/// A change of records.
pub(crate) struct Writer(pub(super) WriteTransaction);

impl ReadTables for Writer {
    fn table<K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        table: TableDefinition<'static, K, V>,
    ) -> Result<impl redb::ReadableTable<K, V>, StoreError> {
        Ok(self.0.open_table(table)?)
    }
}

impl Writer {
    pub(crate) fn save_vault(&self, name: &str, vault: &VaultRecord) -> Result<(), StoreError> {
        save(&mut self.0.open_table(VAULTS)?, name, vault)
    }

    /// Removes a vault that has no archives, with its uploads, its jobs and all that is set for it.
    pub(crate) fn remove_vault(&self, name: &str) -> Result<Vec<BlobId>, StoreError> {
        self.0.open_table(VAULTS)?.remove(name)?;
        self.remove_settings(name)?;
        let mut removed = Vec::new();
        for id in self.ids(UPLOADS, name)? {
            self.0.open_table(UPLOADS)?.remove((name, id.as_str()))?;
            // The pieces of a completed upload were removed with its archive.
            removed.extend(self.remove_pieces(&id)?);
        }
        let mut jobs = self.0.open_table(JOBS)?;
        let mut order = self.0.open_table(JOB_ORDER)?;
        let mut named = Named::open(&self.0)?;
        let all = of_vault::<JobRecord>(&jobs, name, "")?.collect::<Result<Vec<_>, _>>()?;
        for (id, job) in all {
            jobs.remove((name, id.as_str()))?;
            order.remove((name, job.created.0, id.as_str()))?;
            if let JobWork::Inventory(inventory) = job.work {
                named.remove(inventory.blob)?;
                removed.push(inventory.blob);
            }
        }
        Ok(removed)
    }

    pub(crate) fn save_archive(&self, vault: &str, id: &str, archive: &ArchiveRecord) -> Result<(), StoreError> {
        self.save_in_vault(ARCHIVES, vault, id, archive)
    }

    /// Removes an archive with its pieces.
    pub(crate) fn remove_archive(&self, vault: &str, id: &str, archive: &ArchiveRecord) -> Result<Vec<BlobId>, StoreError> {
        self.0.open_table(ARCHIVES)?.remove((vault, id))?;
        self.remove_pieces(&archive.body)
    }

    pub(crate) fn save_upload(&self, vault: &str, id: &str, upload: &UploadRecord) -> Result<(), StoreError> {
        self.save_in_vault(UPLOADS, vault, id, upload)
    }

    /// Saves a piece that starts at the byte `first`; the file of the piece that it replaces.
    pub(crate) fn save_piece(&self, owner: &str, first: u64, piece: &PieceRecord) -> Result<Option<BlobId>, StoreError> {
        let mut pieces = self.0.open_table(PIECES)?;
        let replaced: Option<PieceRecord> = load(&pieces, (owner, first))?;
        save(&mut pieces, (owner, first), piece)?;
        if let Some(replaced) = &replaced {
            Named::open(&self.0)?.remove(replaced.blob)?;
        }
        Ok(replaced.map(|piece| piece.blob))
    }

    /// Removes all pieces of a body.
    pub(crate) fn remove_pieces(&self, owner: &str) -> Result<Vec<BlobId>, StoreError> {
        let all = self.all_pieces(owner)?;
        let mut pieces = self.0.open_table(PIECES)?;
        let mut named = Named::open(&self.0)?;
        let mut removed = Vec::new();
        for (first, piece) in all {
            pieces.remove((owner, first))?;
            named.remove(piece.blob)?;
            removed.push(piece.blob);
        }
        Ok(removed)
    }

    /// Names a file, with the leaves of its tree.
    pub(crate) fn save_blob(&self, blob: BlobId, leaves: &[u8]) -> Result<(), StoreError> {
        self.0.open_table(BLOBS)?.insert(blob.number(), leaves)?;
        Ok(())
    }

    /// Forgets removed files, which are gone.
    pub(crate) fn forget_removed(&self, blobs: &[BlobId]) -> Result<(), StoreError> {
        let mut removed = self.0.open_table(REMOVED)?;
        blobs.iter().try_for_each(|blob| Ok(removed.remove(blob.number()).map(|_| ())?))
    }

    /// Saves a new job and its place in the order of jobs.
    pub(crate) fn save_job(&self, vault: &str, id: &str, job: &JobRecord) -> Result<(), StoreError> {
        self.save_in_vault(JOBS, vault, id, job)?;
        self.0.open_table(JOB_ORDER)?.insert((vault, job.created.0, id), ())?;
        Ok(())
    }

    fn save_in_vault(&self, table: InVault, vault: &str, id: &str, record: &impl Serialize) -> Result<(), StoreError> {
        save(&mut self.0.open_table(table)?, (vault, id), record)
    }

    fn ids(&self, table: InVault, vault: &str) -> Result<Vec<String>, StoreError> {
        let table = self.0.open_table(table)?;
        of_vault::<serde::de::IgnoredAny>(&table, vault, "")?.map(|row| Ok(row?.0)).collect()
    }
}

/// The files that records name, and those that are being removed.
struct Named<'t> {
    blobs: Table<'t, u128, &'static [u8]>,
    removed: Table<'t, u128, ()>,
}

impl<'t> Named<'t> {
    fn open(transaction: &'t WriteTransaction) -> Result<Self, StoreError> {
        Ok(Named { blobs: transaction.open_table(BLOBS)?, removed: transaction.open_table(REMOVED)? })
    }

    fn remove(&mut self, blob: BlobId) -> Result<(), StoreError> {
        self.blobs.remove(blob.number())?;
        self.removed.insert(blob.number(), ())?;
        Ok(())
    }
}
