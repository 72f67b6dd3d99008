//! The file of the database: made, opened by one process at a time, and checked for its format.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use redb::{Database, ReadableDatabase, TableDefinition};

use super::blobs::{Blobs, sync_folder};
use super::open_error::OpenError;
use super::tables;

/// What the database says of itself.
const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");

/// The version of everything in the folder.
const FORMAT: &str = "1";
/// The file's name inside the folder.
const FILE: &str = "glacier.redb";
/// The file's name while it is made.
const NEW_FILE: &str = "glacier.redb.new";
/// Bytes of pages kept in memory; redb's own default is 1 GiB.
pub(super) const CACHE: usize = 4 * glacier_core::MIB as usize;
/// How long to wait for a folder that another process has open: it may be about to end.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// Opens the database in `folder`, or makes one in a folder that is empty or absent.
pub(super) fn open(folder: &Path) -> Result<Database, OpenError> {
    let path = path(folder);
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
                return Ok(database);
            }
            // Made just now, by us or another process.
            Ok(None) => {}
            Err(OpenError::InUse { .. }) if since.elapsed() < LOCK_TIMEOUT => thread::sleep(Duration::from_millis(20)),
            Err(error) => return Err(error),
        }
    }
}

/// The path of the database in `folder`.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
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

/// Opens the file, or makes an empty one.
pub(super) fn open_file(path: &Path) -> Result<Database, redb::Error> {
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
    use super::*;

    #[test]
    fn a_file_that_a_crash_left_half_made_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NEW_FILE), vec![0; 8192]).unwrap();
        let database = open(folder.path()).unwrap();
        assert!(database.begin_read().unwrap().open_table(tables::VAULTS).is_ok());
        assert!(!folder.path().join(NEW_FILE).exists());
    }

    #[test]
    fn a_folder_with_other_files_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("diary.txt"), "dear").unwrap();
        let error = open(folder.path()).err().unwrap();
        assert!(matches!(&error, OpenError::NotEmpty { found, .. } if found == "diary.txt"), "{error}");
        assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn one_process_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path()).unwrap();
        let error = open(folder.path()).err().unwrap();
        assert!(matches!(error, OpenError::InUse { .. }), "{error}");
        drop(first);
        open(folder.path()).unwrap();
    }

    #[test]
    fn another_format_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(folder.path()).unwrap();
        let transaction = database.begin_write().unwrap();
        transaction.open_table(META).unwrap().insert("format", "2").unwrap();
        transaction.commit().unwrap();
        drop(database);
        let error = open(folder.path()).err().unwrap();
        assert!(matches!(&error, OpenError::Format { found, .. } if found == "2"), "{error}");
    }
}
