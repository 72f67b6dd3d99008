//! The file of the database: made, opened by one process at a time, checked for damage and for its format.

use std::any::Any;
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use super::commits::Commit;
use super::folder::Folder;
use super::index_backend::IndexBackend;
use super::open_error::OpenError;
use super::synced::Syncs;
use super::tables;
use crate::local::disk::{Disk, DiskFile};

/// What the database says of itself.
pub(super) const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");
/// The key of the last commit.
pub(super) const COMMIT: &str = "commit";

/// The version of everything in the folder.
const FORMAT: &str = "2";
/// Bytes of pages kept in memory; redb's own default is 1 GiB.
pub(super) const CACHE: usize = 4 * glacier_core::MIB as usize;
/// How long to wait for a folder that another process has open: it may be about to end.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// A file up to this size is checked whenever it is opened, which takes a tenth of a second; a larger one after an unclean end.
const ALWAYS_CHECKED: u64 = 64 * glacier_core::MIB;

/// An open database.
pub(super) struct OpenDatabase {
    pub(super) database: Database,
    /// Whether it was closed well the last time.
    pub(super) is_clean: bool,
    /// Whether the checksum of every page was verified.
    pub(super) is_checked: bool,
}

/// Opens the database in `folder`, or makes one in a folder without.
pub(super) fn open(folder: &Folder, syncs: &Syncs) -> Result<OpenDatabase, OpenError> {
    let since = Instant::now();
    loop {
        let opened = match folder.has_index() {
            true => {
                let opened = open_file(&**folder.disk(), &folder.entry(Folder::INDEX), syncs);
                opened.map(Some).map_err(|error| OpenError::database(folder.path(), error))
            }
            false => create(folder, syncs).map(|()| None),
        };
        match opened {
            // Made just now, by us or another process.
            Ok(None) => {}
            Ok(Some(opened)) => {
                check_format(&opened.database, folder.path())?;
                return Ok(opened);
            }
            Err(OpenError::InUse { .. }) if since.elapsed() < LOCK_TIMEOUT => thread::sleep(Duration::from_millis(20)),
            Err(error) => return Err(error),
        }
    }
}

/// Makes an empty database under another name and renames it, so that a crash leaves none or a whole one. The caller opens it.
fn create(folder: &Folder, syncs: &Syncs) -> Result<(), OpenError> {
    let io = |error| OpenError::io(folder.path(), error);
    let new = folder.entry(Folder::NEW_INDEX);
    let disk = folder.disk();
    let file = match disk.create(&new) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => disk.open(&new),
        created => created,
    };
    let made = file.map_err(redb::Error::from).and_then(|file| open_checked(file, false, syncs));
    match made.and_then(|database| make_tables(&database)) {
        Ok(()) => {}
        // A crash in the middle of this left half a file: start over.
        Err(redb::Error::Corrupted(_)) => return disk.remove(&new).map_err(io),
        Err(redb::Error::Io(error)) if error.kind() == ErrorKind::InvalidData => return disk.remove(&new).map_err(io),
        Err(error) => return Err(OpenError::database(folder.path(), error)),
    }
    match disk.rename(&new, &folder.entry(Folder::INDEX)) {
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        renamed => renamed.and_then(|()| syncs.folder(folder.path())).map_err(io)?,
    }
    // Whoever made the folders above may have been killed before it synced them. Some of them may not be ours to open.
    for above in disk.without_links(folder.path()).map_err(io)?.ancestors().skip(1) {
        let _ = disk.sync_folder(above);
    }
    Ok(())
}

/// Verifies the checksum of every page. What is damaged is an error.
pub(super) fn check(database: &mut Database) -> Result<(), redb::Error> {
    let check = || database.check_integrity();
    match catch_unwind(AssertUnwindSafe(check)) {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(redb::Error::Corrupted("it was not closed well".into())),
        Ok(Err(error)) => Err(error.into()),
        Err(panic) => Err(redb::Error::Corrupted(panic_text(&*panic))),
    }
}

/// The last commit.
pub(super) fn last_commit(table: &impl ReadableTable<&'static str, &'static str>) -> Result<Commit, redb::Error> {
    let found = table.get(COMMIT)?.and_then(|found| Commit::parse(found.value()));
    found.ok_or_else(|| redb::Error::Corrupted("it does not say which commit it is".into()))
}

fn make_tables(database: &Database) -> Result<(), redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_two_phase_commit(true);
    tables::make(&transaction)?;
    let mut meta = transaction.open_table(META)?;
    meta.insert("format", FORMAT)?;
    if meta.get(COMMIT)?.is_none() {
        meta.insert(COMMIT, Commit { number: 0, line: new_line()? }.to_text().as_str())?;
    }
    drop(meta);
    Ok(transaction.commit()?)
}

/// The line of commits of a new index, or of one that went back.
pub(super) fn new_line() -> io::Result<u64> {
    getrandom::u64().map_err(|error| io::Error::other(format!("the system supplies no random bytes: {error}")))
}

/// Opens a file that exists. What is damaged is an error, and the file is not changed then.
pub(super) fn open_file(disk: &dyn Disk, path: &Path, syncs: &Syncs) -> Result<OpenDatabase, redb::Error> {
    let file = disk.open(path)?;
    let length = file.length()?;
    if length == 0 {
        return Err(redb::Error::Corrupted("it is empty".into()));
    }
    let is_clean = !is_unclean(&*file)?;
    let is_checked = length <= ALWAYS_CHECKED || !is_clean;
    Ok(OpenDatabase { database: open_checked(file, is_checked, syncs)?, is_clean, is_checked })
}

/// Whether the file was in use when its process ended: redb's header has the flag in bit 1 of the byte after the magic number.
fn is_unclean(file: &dyn DiskFile) -> io::Result<bool> {
    let mut flags = [0];
    file.read_at(9, &mut flags)?;
    Ok(flags[0] & 2 != 0)
}

/// Opens a file, or makes a database in an empty one. With `check` the checksum of every page is verified first.
fn open_checked(file: Box<dyn DiskFile>, check: bool, syncs: &Syncs) -> Result<Database, redb::Error> {
    let backend = IndexBackend::new(file, syncs)?;
    let open = move || Database::builder().set_cache_size(CACHE).set_check_integrity_on_open(check).create_with_backend(backend);
    // Damage that no checksum covers can make redb panic.
    match catch_unwind(AssertUnwindSafe(open)) {
        Ok(opened) => Ok(opened?),
        Err(panic) => Err(redb::Error::Corrupted(panic_text(&*panic))),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("the database panicked").to_owned()
}

/// Checks that this version can read the records, and makes the tables that an earlier one did not have.
fn check_format(database: &Database, folder: &Path) -> Result<(), OpenError> {
    let read = || {
        let transaction = database.begin_read()?;
        let found = transaction.open_table(META)?.get("format")?.map(|found| found.value().to_owned());
        // One more is the table of what the database says of itself.
        let has_all = transaction.list_tables()?.count() > tables::COUNT;
        Ok((found.unwrap_or_default(), has_all))
    };
    let (found, has_all): (String, bool) = read().map_err(|error: redb::Error| OpenError::database(folder, error))?;
    if found != FORMAT {
        return Err(OpenError::Format { folder: folder.into(), found, known: FORMAT });
    }
    if has_all { Ok(()) } else { make_tables(database).map_err(|error| OpenError::database(folder, error)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::disk::SystemDisk;
    use std::fs;
    use std::sync::Arc;

    fn open(path: &Path) -> Result<Database, OpenError> {
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        super::open(&Folder::open(&disk, path, &mut Vec::new())?, &Syncs::new(&disk)).map(|opened| opened.database)
    }

    #[test]
    fn a_file_that_a_crash_left_half_made_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(Folder::NEW_INDEX), vec![0; 8192]).unwrap();
        let database = open(folder.path()).unwrap();
        assert!(database.begin_read().unwrap().open_table(tables::VAULTS).is_ok());
        assert!(!folder.path().join(Folder::NEW_INDEX).exists());
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
        transaction.open_table(META).unwrap().insert("format", "9").unwrap();
        transaction.commit().unwrap();
        drop(database);
        let error = open(folder.path()).err().unwrap();
        assert!(matches!(&error, OpenError::Format { found, .. } if found == "9"), "{error}");
    }

    #[test]
    fn a_folder_of_an_earlier_version_gets_the_table_it_lacks() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(folder.path()).unwrap();
        let transaction = database.begin_write().unwrap();
        assert!(transaction.delete_table(tables::REMOVED).unwrap());
        transaction.commit().unwrap();
        drop(database);
        let database = open(folder.path()).unwrap();
        assert!(database.begin_read().unwrap().open_table(tables::REMOVED).is_ok());
    }

    #[test]
    fn what_is_no_database_is_an_error_and_stays() {
        for content in [vec![], vec![7; 100], vec![7; 1 << 20]] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(Folder::INDEX);
            fs::write(&path, &content).unwrap();
            let error = open(folder.path()).err().unwrap();
            assert!(error.to_string().contains("put back glacier.redb from a copy"), "{error}");
            assert!(fs::read(&path).unwrap() == content);
        }
    }

    #[test]
    fn a_panic_has_a_text() {
        let panic = |panic: fn()| panic_text(&*catch_unwind(panic).unwrap_err());
        assert_eq!(panic(|| std::panic::panic_any("plain")), "plain");
        assert_eq!(panic(|| std::panic::panic_any(String::from("made"))), "made");
        assert_eq!(panic(|| std::panic::panic_any(7)), "the database panicked");
    }
}
