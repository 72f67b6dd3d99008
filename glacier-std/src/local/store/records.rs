//! The records, in one redb file.
//!
//! Why redb: it is transactional (an archive, its pieces and its vault's sums change together or not at all), crash-safe (a commit
//! is synced before it returns, and a killed process leaves the last commit), one file under an exclusive lock, and pure Rust without
//! dependencies. A write-ahead file of our own would have to be proved to do the same; SQLite would bring a C compiler, and stores
//! of the LSM kind bring background threads and many files for what is a few hundred bytes an archive.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::thread;
use std::time::{Duration, Instant};

use redb::{Database, ReadableDatabase, TableDefinition};

use super::blobs::{Blobs, sync_folder};
use super::error::{StoreError, TransactionError};
use super::open_error::OpenError;
use super::reader::Reader;
use super::tables;
use super::writer::Writer;

/// What the store says of itself.
const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");

/// The version of everything in the folder.
const FORMAT: &str = "1";
/// The file's name inside the folder.
const FILE: &str = "glacier.redb";
/// The file's name while it is made.
const NEW_FILE: &str = "glacier.redb.new";
/// Bytes of pages kept in memory; redb's own default is 1 GiB.
const CACHE: usize = 4 << 20;
/// How long to wait for a folder that another process has open: it may be about to end.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// The database of records.
pub(crate) struct Records {
    path: PathBuf,
    /// `None` after a failure of the disk, until opening the file again succeeds.
    database: RwLock<Option<Database>>,
}

impl Records {
    /// Opens the database in `folder`, or makes one in a folder that is empty or absent.
    pub(super) fn open(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join(FILE);
        let since = Instant::now();
        loop {
            let opened = if path.exists() {
                open_file(&path).map(Some).map_err(|error| OpenError::database(folder, error))
            } else {
                create(folder).map(|()| None)
            };
            match opened {
                Ok(Some(database)) => {
                    check_format(&database, folder)?;
                    return Ok(Records { path, database: RwLock::new(Some(database)) });
                }
                // Made just now, by us or another process.
                Ok(None) => {}
                Err(OpenError::InUse { .. }) if since.elapsed() < LOCK_TIMEOUT => thread::sleep(Duration::from_millis(20)),
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads records as they are at one moment.
    pub(crate) fn read<T, E: TransactionError>(&self, work: impl FnOnce(&Reader) -> Result<T, E>) -> Result<T, E> {
        self.with(|database| work(&Reader(database.begin_read().map_err(StoreError::from)?)))
    }

    /// Changes records: all that `work` does, synced to the disk, or nothing when it fails.
    pub(crate) fn write<T, E: TransactionError>(&self, work: impl FnOnce(&Writer) -> Result<T, E>) -> Result<T, E> {
        self.with(|database| {
            // redb's default durability is Immediate: the commit is synced when it returns.
            let writer = Writer(database.begin_write().map_err(StoreError::from)?);
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
            *guard = Some(open_file(&self.path).map_err(|error| StoreError::Reopen(Box::new(error)))?);
        }
        drop(guard);
        Ok(self.database.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn close(&self) {
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Makes an empty database under another name and renames it, so that a crash leaves none or a whole one. The caller opens it.
fn create(folder: &Path) -> Result<(), OpenError> {
    let io = |error| OpenError::io(folder, error);
    fs::create_dir_all(folder).map_err(io)?;
    for entry in fs::read_dir(folder).map_err(io)? {
        let name = entry.map_err(io)?.file_name();
        if name == FILE {
            return Ok(());
        }
        if name != NEW_FILE && !Blobs::FOLDERS.iter().any(|ours| name == *ours) {
            return Err(OpenError::NotEmpty { folder: folder.into(), found: name.to_string_lossy().into_owned() });
        }
    }
    let new = folder.join(NEW_FILE);
    match open_file(&new).and_then(|database| make_tables(&database)) {
        Ok(()) => {}
        // A crash in the middle of this left half a file: start over.
        Err(redb::Error::Io(error)) if error.kind() == ErrorKind::InvalidData => return fs::remove_file(&new).map_err(io),
        Err(error) => return Err(OpenError::database(folder, error)),
    }
    match fs::rename(&new, folder.join(FILE)) {
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        renamed => renamed.and_then(|()| sync_folder(folder)).map_err(io),
    }
}

fn make_tables(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    tables::make(&transaction)?;
    transaction.open_table(META)?.insert("format", FORMAT)?;
    Ok(transaction.commit()?)
}

fn open_file(path: &Path) -> Result<Database, redb::Error> {
    Ok(Database::builder().set_cache_size(CACHE).create(path)?)
}

fn check_format(database: &Database, folder: &Path) -> Result<(), OpenError> {
    let read = || {
        let transaction = database.begin_read()?;
        let found = transaction.open_table(META)?.get("format")?.map(|found| found.value().to_owned());
        Ok(found.unwrap_or_default())
    };
    let found: String = read().map_err(|error: redb::Error| OpenError::database(folder, error))?;
    if found == FORMAT { Ok(()) } else { Err(OpenError::Format { folder: folder.into(), found, known: FORMAT }) }
}

#[cfg(test)]
mod tests {
    use super::super::reader::ReadRecords;
    use super::*;
    use crate::local::model::{Moment, PieceRecord, VaultRecord};

    fn vaults(records: &Records) -> Vec<String> {
        let all = records.read(|reader| reader.vaults("", usize::MAX)).unwrap();
        all.into_iter().map(|(name, _)| name).collect()
    }

    fn add(records: &Records, name: &str) -> Result<(), StoreError> {
        records.write(|writer| writer.save_vault(name, &VaultRecord::new(Moment(7))))
    }

    /// An error that is none of the store's.
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
        let records = Records::open(folder.path()).unwrap();
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
        let records = Records::open(folder.path()).unwrap();
        add(&records, "a").unwrap();
        let failed: Result<(), StoreError> = records.write(|_| Err(std::io::Error::from(ErrorKind::StorageFull).into()));
        assert!(failed.unwrap_err().to_string().contains("is full"));
        assert!(records.database.read().unwrap().is_none(), "the database was closed");
        add(&records, "b").unwrap();
        assert_eq!(vaults(&records), ["a", "b"]);
    }

    #[test]
    fn a_half_made_file_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NEW_FILE), vec![0; 8192]).unwrap();
        add(&Records::open(folder.path()).unwrap(), "a").unwrap();
        assert_eq!(vaults(&Records::open(folder.path()).unwrap()), ["a"]);
        assert!(!folder.path().join(NEW_FILE).exists());
    }

    #[test]
    fn a_folder_with_other_files_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("diary.txt"), "dear").unwrap();
        let error = Records::open(folder.path()).err().unwrap();
        assert!(matches!(&error, OpenError::NotEmpty { found, .. } if found == "diary.txt"), "{error}");
        assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn one_process_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Records::open(folder.path()).unwrap();
        let error = Records::open(folder.path()).err().unwrap();
        assert!(matches!(error, OpenError::InUse { .. }), "{error}");
        drop(first);
        Records::open(folder.path()).unwrap();
    }

    #[test]
    fn another_format_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::open(folder.path()).unwrap();
        let change = |writer: &Writer| {
            writer.0.open_table(META)?.insert("format", "2")?;
            Ok::<_, StoreError>(())
        };
        records.write(change).unwrap();
        drop(records);
        let error = Records::open(folder.path()).err().unwrap();
        assert!(matches!(&error, OpenError::Format { found, .. } if found == "2"), "{error}");
    }

    #[test]
    fn the_cache_is_capped() {
        // 16 MiB of records pass through; redb's own count says what it keeps.
        let folder = tempfile::tempdir().unwrap();
        let records = Records::open(folder.path()).unwrap();
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
