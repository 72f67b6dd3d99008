//! The store of one folder: records and files together.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::blobs::Blobs;
use super::damage::Damage;
use super::error::{StoreError, TransactionError};
use super::finding::{Finding, FindingObserver};
use super::folder::Folder;
use super::notifications_file::NotificationsFile;
use super::open_error::OpenError;
use super::pins::Pin;
use super::records::Records;
use super::recovery::{Extent, recover};
use super::synced::Syncs;
use super::writer::Writer;
use crate::local::disk::{Disk, MemoryDisk, SystemDisk};
use crate::local::model::{BlobId, BodyId};

/// Removed files at a time whose records of removal are taken away. A crash leaves at most so many to remove at the next opening.
const FORGET: usize = if cfg!(test) { 8 } else { 64 };

/// The folder of a store in memory.
const IN_MEMORY: &str = "/memory";

/// Records and files of one folder.
pub(crate) struct Store {
    folder: Folder,
    pub(crate) records: Arc<Records>,
    pub(crate) blobs: Blobs,
    pub(super) damage: Damage,
    /// Files that are gone and whose records of removal are still there.
    gone: Mutex<Vec<BlobId>>,
}

impl Store {
    /// Opens the store in `folder`, or makes one in a folder that is empty or absent; also what was found. `observer` is told what is
    /// found later.
    pub(crate) fn open(folder: &Path, observer: Option<FindingObserver>) -> Result<(Self, Vec<Finding>), OpenError> {
        Store::open_on(Arc::new(SystemDisk), folder, observer)
    }

    /// An empty store on a disk in memory, which is gone when the store is dropped.
    pub(crate) fn in_memory(observer: Option<FindingObserver>) -> Result<Self, OpenError> {
        Ok(Store::open_on(Arc::new(MemoryDisk::default()), Path::new(IN_MEMORY), observer)?.0)
    }

    /// Opens the store in `folder` of a disk.
    pub(crate) fn open_on(
        disk: Arc<dyn Disk>,
        folder: &Path,
        observer: Option<FindingObserver>,
    ) -> Result<(Self, Vec<Finding>), OpenError> {
        let mut findings = Vec::new();
        let folder = Folder::open(&disk, folder, &mut findings)?;
        let syncs = Syncs::new(&disk);
        let (records, found) = Records::open(&folder, &syncs)?;
        findings.extend(found.went_back);
        let blobs = Blobs::open(&folder, &syncs).map_err(|error| OpenError::io(folder.path(), error))?;
        let extent = if found.is_settled { Extent::Leftovers } else { Extent::Everything };
        findings.extend(recover(&folder, &records, &syncs, extent)?);
        records.begin().map_err(|error| OpenError::recovery(folder.path(), error))?;
        records.look_ahead().map_err(|error| OpenError::recovery(folder.path(), error))?;
        let damage = Damage::new(observer);
        Ok((Store { folder, records: Arc::new(records), blobs, damage, gone: Mutex::default() }, findings))
    }

    /// Changes records: all that `work` does, synced to the disk, or nothing when it fails. Then it removes the files that no record names
    /// any more.
    pub(crate) fn write<T, E: TransactionError>(&self, work: impl FnOnce(&Writer<'_>) -> Result<T, E>) -> Result<T, E> {
        let (done, removed) = self.records.write(work)?;
        self.damage.succeeded();
        self.remove(&removed);
        Ok(done)
    }

    /// Tells the observer that a request failed for the store's sake.
    pub(crate) fn report(&self, error: &StoreError) {
        self.damage.report_failure(error);
    }

    /// The file of notifications: the one in the folder, or the one that is given.
    ///
    /// # Errors
    /// [`OpenError::Settings`] if the given one is no regular file, or among the files of the vaults.
    pub(crate) fn notifications_file(&self, given: Option<&Path>) -> Result<NotificationsFile, OpenError> {
        NotificationsFile::new(&self.folder, given)
    }

    /// Reads a body: its files stay until the pin is dropped.
    pub(crate) fn pin(&self, body: BodyId) -> Pin {
        self.records.pins.pin(body)
    }

    /// Bodies without owners that nobody reads are being removed.
    pub(crate) fn expect_no_orphans(&self) {
        self.records.pins.set_orphans(false);
    }

    /// Removes files that records no longer name. What cannot be removed now is removed when the folder is opened next.
    fn remove(&self, blobs: &[BlobId]) {
        if blobs.is_empty() {
            return;
        }
        let batch = {
            let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
            gone.extend(self.blobs.remove(blobs));
            if gone.len() < FORGET { Vec::new() } else { std::mem::take(&mut *gone) }
        };
        // A failure leaves records of removal of files that are gone, which do no harm.
        if !batch.is_empty() && self.blobs.sync().is_ok() {
            let _ = self.records.write::<(), StoreError>(|writer| writer.forget_removed(&batch));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::reader::ReadRecords;
    use super::*;
    use crate::local::model::PieceRecord;
    use glacier_core::TreeHash;

    #[test]
    fn records_of_removal_go_once_the_files_are_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (store, found) = Store::open(folder.path(), None).unwrap();
        assert_eq!(found, []);
        let removed = || store.records.read::<_, StoreError>(|reader| reader.removed()).unwrap().len();
        for n in 0..FORGET as u64 {
            let piece = PieceRecord { blob: u128::from(n).into(), size: 1, tree: TreeHash::from_bytes([0; 32]) };
            std::fs::write(store.blobs.path(piece.blob), "x").unwrap();
            let work = |writer: &Writer<'_>| {
                writer.save_blob(piece.blob, &[])?;
                writer.save_piece(BodyId(n), 0, &piece)?;
                writer.save_piece(BodyId(n), 0, &PieceRecord { blob: u128::from(n + 1000).into(), ..piece })
            };
            let ((), blobs) = store.records.write::<_, StoreError>(work).unwrap();
            assert_eq!((removed() as u64, blobs.len()), (n + 1, 1));
            store.remove(&blobs);
            assert!(!store.blobs.path(piece.blob).exists());
        }
        assert_eq!(removed(), 0);
    }
}
