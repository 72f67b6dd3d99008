//! Transactions on the records, which are in one redb file.
//!
//! Why redb: it is transactional (an archive, its pieces and its vault's sums change together or not at all), crash-safe (a commit
//! is synced before it returns, and a killed process leaves the last commit), one file under an exclusive lock, and pure Rust without
//! dependencies. A write-ahead file of our own would have to be proved to do the same; SQLite would bring a C compiler, and stores
//! of the LSM kind bring background threads and many files for what is a few hundred bytes an archive.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use redb::{Database, ReadableDatabase};

use super::database_file;
use super::error::{StoreError, TransactionError};
use super::folder::Folder;
use super::open_error::OpenError;
use super::reader::Reader;
use super::synced::Syncs;
use super::writer::Writer;
use crate::local::disk::{Disk, FileId};

/// The database of records.
pub(crate) struct Records {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// The file that is open; another one may come to its path.
    file: FileId,
    syncs: Syncs,
    /// `None` after a failure of the disk, until opening the file again succeeds.
    database: RwLock<Option<Database>>,
}

impl Records {
    /// Opens the database in `folder`, or makes one in a folder without.
    pub(super) fn open(folder: &Folder, syncs: &Syncs) -> Result<Self, OpenError> {
        let database = database_file::open(folder, syncs)?;
        let path = folder.entry(Folder::INDEX);
        let disk = folder.disk().clone();
        let file = disk.entry(&path).map_err(|error| OpenError::io(folder.path(), error))?.id;
        Ok(Records { disk, path, file, syncs: syncs.clone(), database: RwLock::new(Some(database)) })
    }

    /// Reads records as they are at one moment.
    pub(crate) fn read<T, E: TransactionError>(&self, work: impl FnOnce(&Reader) -> Result<T, E>) -> Result<T, E> {
        self.with(|database| work(&Reader(database.begin_read().map_err(StoreError::from)?)))
    }

    /// Changes records: all that `work` does, synced to the disk, or nothing when it fails.
    pub(crate) fn write<T, E: TransactionError>(&self, work: impl FnOnce(&Writer) -> Result<T, E>) -> Result<T, E> {
        self.with(|database| {
            self.syncs.check()?;
            if self.disk.entry(&self.path).ok().map(|found| found.id) != Some(self.file) {
                return Err(StoreError::IndexGone.into());
            }
            // redb's default durability is Immediate: the commit is synced when it returns. In two phases, as after a commit in one, a
            // damaged byte looks like a commit that was not finished, and the one before it is silently taken.
            let mut transaction = database.begin_write().map_err(StoreError::from)?;
            transaction.set_two_phase_commit(true);
            let writer = Writer(transaction);
            let done = work(&writer)?;
            writer.0.commit().map_err(StoreError::from)?;
            Ok(done)
        })
    }

    fn with<T, E: TransactionError>(&self, work: impl FnOnce(&Database) -> Result<T, E>) -> Result<T, E> {
        let guard = self.opened()?;
        let Some(database) = guard.as_ref() else { return Err(StoreError::Reopening.into()) };
        let done = work(database);
        drop(guard);
        if done.as_ref().is_err_and(|error| error.store_error().is_some_and(StoreError::closes_database)) {
            self.close();
        }
        done
    }

    fn opened(&self) -> Result<RwLockReadGuard<'_, Option<Database>>, StoreError> {
        let guard = self.database.read().unwrap_or_else(PoisonError::into_inner);
        if guard.is_some() {
            return Ok(guard);
        }
        drop(guard);
        let mut guard = self.database.write().unwrap_or_else(PoisonError::into_inner);
        if guard.is_none() {
            *guard = Some(self.reopen().map_err(|error| StoreError::Reopen(Box::new(error)))?);
        }
        drop(guard);
        Ok(self.database.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn reopen(&self) -> Result<Database, redb::Error> {
        database_file::open_file(&*self.disk, &self.path, &self.syncs)
    }

    fn close(&self) {
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::super::database_file::CACHE;
    use super::super::reader::ReadRecords;
    use super::*;
    use crate::local::disk::SystemDisk;
    use crate::local::model::{Moment, PieceRecord, VaultRecord};
    use std::io::ErrorKind;
    use std::path::Path;

    fn open(folder: &Path) -> Records {
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        Records::open(&Folder::open(&disk, folder, &mut Vec::new()).unwrap(), &Syncs::new(&disk)).unwrap()
    }

    fn vaults(records: &Records) -> Vec<String> {
        let all = records.read(|reader| reader.vaults("", usize::MAX)).unwrap();
        all.into_iter().map(|(name, _)| name).collect()
    }

    fn add(records: &Records, name: &str) -> Result<(), StoreError> {
        records.write(|writer| writer.save_vault(name, &VaultRecord::new(Moment(7))))
    }

    /// An error that does not come from the store.
    #[derive(Debug, PartialEq)]
    struct Other;

    impl From<StoreError> for Other {
        fn from(error: StoreError) -> Self {
            panic!("{error}")
        }
    }

    impl TransactionError for Other {
        fn store_error(&self) -> Option<&StoreError> {
            None
        }
    }

    #[test]
    fn a_failed_change_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let records = open(folder.path());
        add(&records, "a").unwrap();
        let failed: Result<(), _> = records.write(|writer| {
            writer.save_vault("b", &VaultRecord::new(Moment(7)))?;
            Err(Other)
        });
        assert_eq!(failed, Err(Other));
        assert_eq!(vaults(&records), ["a"]);
        assert!(records.database.read().unwrap().is_some(), "the database stays open");
    }

    #[test]
    fn works_again_after_a_failure_of_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let records = open(folder.path());
        add(&records, "a").unwrap();
        let failed: Result<(), StoreError> = records.write(|_| Err(std::io::Error::from(ErrorKind::StorageFull).into()));
        assert!(failed.unwrap_err().to_string().contains("is full"));
        assert!(records.database.read().unwrap().is_none(), "the database was closed");
        add(&records, "b").unwrap();
        assert_eq!(vaults(&records), ["a", "b"]);
    }

    #[test]
    fn after_a_failed_sync_nothing_more_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let records = open(folder.path());
        add(&records, "a").unwrap();
        records.syncs.fail_next();
        assert!(matches!(add(&records, "b"), Err(StoreError::Disk(_))));
        for _ in 0..2 {
            assert!(matches!(add(&records, "c"), Err(StoreError::Unsynced(_))));
            assert_eq!(vaults(&records), ["a"], "reading goes on");
        }
        drop(records);
        let records = open(folder.path());
        add(&records, "d").unwrap();
        assert_eq!(vaults(&records), ["a", "d"]);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_stored_in_a_file_that_was_moved() {
        let folder = tempfile::tempdir().unwrap();
        let records = open(folder.path());
        let (index, moved) = (folder.path().join(Folder::INDEX), folder.path().join("moved"));
        std::fs::rename(&index, &moved).unwrap();
        assert!(matches!(add(&records, "a"), Err(StoreError::IndexGone)));
        std::fs::copy(&moved, &index).unwrap();
        assert!(matches!(add(&records, "a"), Err(StoreError::IndexGone)), "another file");
        std::fs::rename(&moved, &index).unwrap();
        add(&records, "a").unwrap();
        assert_eq!(vaults(&records), ["a"]);
    }

    #[test]
    fn the_cache_is_capped() {
        // 16 MiB of records pass through; redb's own count says what it keeps.
        let folder = tempfile::tempdir().unwrap();
        let records = open(folder.path());
        let value = vec![7; 128 << 10];
        for batch in 0..4u128 {
            let fill = |writer: &Writer| (0..32).try_for_each(|n| writer.save_blob((batch * 32 + n).into(), &value));
            records.write(fill).unwrap();
        }
        let tree = glacier_core::TreeHash::from_bytes([0; 32]);
        let read = |reader: &Reader| {
            (0..128u128).try_fold(0, |sum, n| {
                let piece = PieceRecord { blob: n.into(), size: 0, tree };
                Ok::<_, StoreError>(sum + reader.leaves(&piece)?.len())
            })
        };
        assert_eq!(records.read(read).unwrap(), 16 << 20);
        let used = records.database.read().unwrap().as_ref().unwrap().cache_stats().used_bytes();
        assert!(used <= CACHE, "{used}");
    }
}
