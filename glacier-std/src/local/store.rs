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

use redb::{Database, ReadTransaction, ReadableDatabase, TableDefinition, WriteTransaction};

use super::blobs::{Blobs, sync_folder};
use super::open_error::OpenError;
use super::refuse::Refused;
use super::tables;

/// What the store says of itself.
const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");

/// The version of everything that lies in the folder.
const FORMAT: &str = "1";
/// The file's name inside the folder.
const FILE: &str = "glacier.redb";
/// The file while it is made.
const NEW_FILE: &str = "glacier.redb.new";
/// Bytes of pages kept in memory; redb's own default is 1 GiB.
const CACHE: usize = 4 << 20;
/// How long another process may keep the folder, as one that is just ending does.
const PATIENCE: Duration = Duration::from_secs(2);

/// The records.
pub(super) struct Store {
    path: PathBuf,
    /// `None` after a failure of the disk, until opening the file again succeeds.
    database: RwLock<Option<Database>>,
}

impl Store {
    /// Opens the store in `folder`, or makes one in a folder that is empty or absent.
    pub(super) fn open(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join(FILE);
        let since = Instant::now();
        loop {
            let opened = if path.exists() {
                open_file(&path).map(Some).map_err(|error| OpenError::store(folder, error))
            } else {
                create(folder).map(|()| None)
            };
            match opened {
                Ok(Some(database)) => {
                    check_format(&database, folder)?;
                    return Ok(Store { path, database: RwLock::new(Some(database)) });
                }
                // Made just now, by us or another.
                Ok(None) => {}
                Err(OpenError::InUse { .. }) if since.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(20)),
                Err(error) => return Err(error),
            }
        }
    }

    /// Looks at the records as they are at one moment.
    pub(super) fn read<T>(&self, work: impl FnOnce(&ReadTransaction) -> Result<T, Refused>) -> Result<T, Refused> {
        self.with(|database| work(&database.begin_read()?))
    }

    /// Changes records: all that `work` does, synced to the disk, or nothing when it fails.
    pub(super) fn write<T>(&self, work: impl FnOnce(&WriteTransaction) -> Result<T, Refused>) -> Result<T, Refused> {
        self.with(|database| {
            // redb's default durability is Immediate: the commit is synced when it returns.
            let transaction = database.begin_write()?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&Database) -> Result<T, Refused>) -> Result<T, Refused> {
        let guard = self.opened()?;
        let Some(database) = guard.as_ref() else {
            return Err(Refused::unavailable("The store of the archives is being opened again: try again"));
        };
        let done = work(database);
        drop(guard);
        if done.as_ref().is_err_and(Refused::is_unavailable) {
            // After a failed write redb refuses everything until it is opened again.
            self.close();
        }
        done
    }

    fn opened(&self) -> Result<RwLockReadGuard<'_, Option<Database>>, Refused> {
        let guard = self.database.read().unwrap_or_else(PoisonError::into_inner);
        if guard.is_some() {
            return Ok(guard);
        }
        drop(guard);
        let mut guard = self.database.write().unwrap_or_else(PoisonError::into_inner);
        if guard.is_none() {
            let opened = open_file(&self.path);
            *guard = Some(opened.map_err(|error| Refused::unavailable(format!("The records cannot be opened again: {error}")))?);
        }
        drop(guard);
        Ok(self.database.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn close(&self) {
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Makes an empty store under another name and renames it, so that a crash leaves none or a whole one. The caller opens it.
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
        // A crash in the middle of this left half a file: begin anew.
        Err(redb::Error::Io(error)) if error.kind() == ErrorKind::InvalidData => return fs::remove_file(&new).map_err(io),
        Err(error) => return Err(OpenError::store(folder, error)),
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
    let found: String = read().map_err(|error: redb::Error| OpenError::store(folder, error))?;
    if found == FORMAT { Ok(()) } else { Err(OpenError::Format { folder: folder.into(), found, known: FORMAT }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::records::Vault;
    use crate::local::tables::{BLOBS, VAULTS, save};
    use crate::local::time::Moment;
    use redb::ReadableTable;

    const VAULT: Vault = Vault { created: Moment(7), written: None, archives: 0, bytes: 0 };

    fn vaults(store: &Store) -> Vec<String> {
        let names = |transaction: &ReadTransaction| {
            let table = transaction.open_table(VAULTS)?;
            table.iter()?.map(|row| Ok(row?.0.value().to_owned())).collect()
        };
        store.read(names).unwrap()
    }

    fn add(store: &Store, name: &str) -> Result<(), Refused> {
        store.write(|transaction| save(&mut transaction.open_table(VAULTS)?, name, &VAULT))
    }

    #[test]
    fn a_failed_change_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        add(&store, "a").unwrap();
        let failed: Result<(), _> = store.write(|transaction| {
            save(&mut transaction.open_table(VAULTS)?, "b", &VAULT)?;
            Err(Refused::invalid("no"))
        });
        assert_eq!(failed.unwrap_err().message, "no");
        assert_eq!(vaults(&store), ["a"]);
    }

    #[test]
    fn goes_on_after_a_failure_of_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        add(&store, "a").unwrap();
        let failed: Result<(), _> = store.write(|_| Err(std::io::Error::from(std::io::ErrorKind::StorageFull).into()));
        assert!(failed.unwrap_err().message.contains("is full"));
        assert!(store.database.read().unwrap().is_none(), "the database was closed");
        add(&store, "b").unwrap();
        assert_eq!(vaults(&store), ["a", "b"]);
    }

    #[test]
    fn a_half_made_file_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NEW_FILE), vec![0; 8192]).unwrap();
        add(&Store::open(folder.path()).unwrap(), "a").unwrap();
        assert_eq!(vaults(&Store::open(folder.path()).unwrap()), ["a"]);
        assert!(!folder.path().join(NEW_FILE).exists());
    }

    #[test]
    fn only_a_folder_of_ours_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("diary.txt"), "dear").unwrap();
        let error = Store::open(folder.path()).err().unwrap();
        assert!(matches!(&error, OpenError::NotEmpty { found, .. } if found == "diary.txt"), "{error}");
        assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn one_process_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Store::open(folder.path()).unwrap();
        let error = Store::open(folder.path()).err().unwrap();
        assert!(matches!(error, OpenError::InUse { .. }), "{error}");
        drop(first);
        Store::open(folder.path()).unwrap();
    }

    #[test]
    fn another_format_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store
            .write(|transaction| {
                transaction.open_table(META)?.insert("format", "2")?;
                Ok(())
            })
            .unwrap();
        drop(store);
        let error = Store::open(folder.path()).err().unwrap();
        assert!(matches!(&error, OpenError::Format { found, .. } if found == "2"), "{error}");
    }

    #[test]
    fn the_cache_is_capped() {
        // 16 MiB of records pass through; redb's own count says what it keeps.
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let value = vec![7; 128 << 10];
        for batch in 0..4u128 {
            let fill = |transaction: &WriteTransaction| {
                let mut table = transaction.open_table(BLOBS)?;
                for n in 0..32 {
                    table.insert(batch * 32 + n, value.as_slice())?;
                }
                Ok(())
            };
            store.write(fill).unwrap();
        }
        let read = |transaction: &ReadTransaction| {
            let table = transaction.open_table(BLOBS)?;
            table.iter()?.try_fold(0, |sum, row| Ok(sum + row?.1.value().len()))
        };
        assert_eq!(store.read(read).unwrap(), 16 << 20);
        let used = store.database.read().unwrap().as_ref().unwrap().cache_stats().used_bytes();
        assert!(used <= CACHE, "{used}");
    }
}
