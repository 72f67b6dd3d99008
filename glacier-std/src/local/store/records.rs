//! Transactions on the records, which are in one redb file.
//!
//! Why redb: it is transactional (an archive, its pieces and its vault's sums change together or not at all), crash-safe (a commit
//! is synced before it returns, and a killed process leaves the last commit), one file under an exclusive lock, and pure Rust without
//! dependencies. A write-ahead file of our own would have to be proved to do the same; SQLite would bring a C compiler, and stores
//! of the LSM kind bring background threads and many files for what is a few hundred bytes an archive.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use redb::{Database, ReadableDatabase, WriteTransaction};

use super::commits::{Commit, Commits};
use super::database_file::{self, COMMIT, META};
use super::error::{StoreError, TransactionError};
use super::finding::Finding;
use super::folder::Folder;
use super::open_error::OpenError;
use super::pins::Pins;
use super::reader::{ReadRecords, Reader};
use super::synced::Syncs;
use super::writer::{Due, Writer};
use crate::local::disk::{Disk, FileId};
use crate::local::model::{BlobId, Moment};

/// When the next event is due, in milliseconds; never later than it is.
#[derive(Default)]
struct NextEvent {
    due: u64,
    /// How often an event was scheduled.
    scheduled: u64,
}

/// The database of records.
pub(crate) struct Records {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// The file that is open; another one may come to its path.
    file: FileId,
    syncs: Syncs,
    commits: Commits,
    /// The line of the commits to come, if it is a new one.
    line: Option<u64>,
    /// Whether something is wrong in the folder, so that the next who opens it has to look at all of it.
    is_unsettled: AtomicBool,
    /// `None` after a failure of the disk, until opening the file again succeeds.
    database: RwLock<Option<Database>>,
    next: Mutex<NextEvent>,
    pub(super) pins: Pins,
}

/// What is known of the last use of the records.
pub(super) struct RecordsFound {
    /// They are not those of the last use.
    pub(super) went_back: Option<Finding>,
    /// They are those of the last use, which came to its end, and the names of the bodies are the same as then.
    pub(super) is_settled: bool,
}

impl Records {
    /// Opens the database in `folder`, or makes one in a folder without. [`begin`](Records::begin) comes next.
    pub(super) fn open(folder: &Folder, syncs: &Syncs) -> Result<(Self, RecordsFound), OpenError> {
        Records::open_as(folder, syncs, false)
    }

    /// The same, and the checksum of every page is verified.
    pub(super) fn open_checked(folder: &Folder, syncs: &Syncs) -> Result<(Self, RecordsFound), OpenError> {
        Records::open_as(folder, syncs, true)
    }

    fn open_as(folder: &Folder, syncs: &Syncs, always_check: bool) -> Result<(Self, RecordsFound), OpenError> {
        let mut opened = database_file::open(folder, syncs)?;
        let (path, disk, commits) = (folder.entry(Folder::INDEX), folder.disk().clone(), Commits::new(folder));
        let io = |error| OpenError::io(folder.path(), error);
        let file = disk.entry(&path).map_err(io)?.id;
        let commit = read_commit(&opened.database).map_err(|error| OpenError::recovery(folder.path(), error))?;
        let last = commits.last_use();
        let went_back = last.is_some_and(|last| last.commit.line != commit.line || last.commit.number > commit.number);
        let found = RecordsFound {
            went_back: last.filter(|_| went_back).map(|last| {
                let changes = last.commit.number.checked_sub(commit.number).filter(|_| last.commit.line == commit.line);
                Finding::WentBack { index: path.clone(), changes }
            }),
            is_settled: opened.is_clean
                && last
                    .is_some_and(|last| last.commit == commit && last.ended.is_some() && last.ended == commits.state_of_bodies()),
        };
        if (always_check || !found.is_settled) && !opened.is_checked {
            database_file::check(&mut opened.database).map_err(|error| OpenError::database(folder.path(), error))?;
        }
        let line = if went_back { Some(database_file::new_line().map_err(io)?) } else { None };
        let (is_unsettled, database) = (AtomicBool::new(false), RwLock::new(Some(opened.database)));
        let (syncs, next, pins) = (syncs.clone(), Mutex::default(), Pins::default());
        Ok((Records { disk, path, file, syncs, commits, line, is_unsettled, database, next, pins }, found))
    }

    /// The folder is in order: what is known of the last use is replaced.
    pub(super) fn begin(&self) -> Result<(), StoreError> {
        let last = self.with(read_commit)?;
        Ok(self.commits.begin(last, self.line.is_some())?)
    }

    /// Something is wrong in the folder: the next who opens it looks at all of it.
    pub(super) fn unsettle(&self) {
        self.is_unsettled.store(true, Ordering::Relaxed);
    }

    /// Reads records as they are at one moment.
    pub(crate) fn read<T, E: TransactionError>(&self, work: impl FnOnce(&Reader) -> Result<T, E>) -> Result<T, E> {
        self.with(|database| work(&Reader(database.begin_read().map_err(StoreError::from)?)))
    }

    /// Whether an event is due at `now`, or a body waits to be removed.
    pub(crate) fn is_due(&self, now: Moment) -> bool {
        self.pins.has_orphans() || self.next().due <= now.0
    }

    /// Finds out when the next event is due, and whether a body waits to be removed.
    pub(super) fn look_ahead(&self) -> Result<(), StoreError> {
        let (next, orphans) = self.read(|reader| Ok::<_, StoreError>((reader.next_due()?, reader.orphans()?)))?;
        self.next().due = next.map_or(u64::MAX, |next| next.0);
        self.pins.set_orphans(!orphans.is_empty());
        Ok(())
    }

    /// When the next event is due.
    pub(crate) fn next_due(&self) -> Moment {
        Moment(self.next().due)
    }

    /// Changes records: all that `work` does, synced to the disk, or nothing when it fails. Also the files that no record names any more.
    pub(super) fn write<T, E: TransactionError>(
        &self,
        work: impl FnOnce(&Writer<'_>) -> Result<T, E>,
    ) -> Result<(T, Vec<BlobId>), E> {
        self.with(|database| {
            self.syncs.check()?;
            if self.disk.entry(&self.path).ok().map(|found| found.id) != Some(self.file) {
                return Err(StoreError::IndexGone.into());
            }
            // redb's default durability is Immediate: the commit is synced when it returns. In two phases, as after a commit in one, a
            // damaged byte looks like a commit that was not finished, and the one before it is silently taken.
            let mut transaction = database.begin_write().map_err(StoreError::from)?;
            transaction.set_two_phase_commit(true);
            let writer = Writer::new(transaction, &self.pins);
            let worked = work(&writer);
            let Writer { transaction, due, removed, bodies, .. } = writer;
            let committed = worked.and_then(|done| {
                // Before the commit, as too early does no harm.
                let scheduled = self.expect(due.get());
                let commit = self.count(&transaction)?;
                transaction.commit().map_err(StoreError::from)?;
                self.commits.note(commit).map_err(StoreError::from)?;
                // After the commit, as who finds nothing due must see what was done; and only if no other change came between.
                if let Due::Exactly(next) = due.get() {
                    let mut event = self.next();
                    if event.scheduled == scheduled {
                        event.due = next;
                    }
                }
                Ok((done, removed.into_inner()))
            });
            self.pins.release(&bodies.into_inner());
            committed
        })
    }

    /// Expects the events of a change that is about to be committed; how many were scheduled until then.
    fn expect(&self, due: Due) -> u64 {
        let mut event = self.next();
        if let Due::At(earliest) = due
            && earliest < u64::MAX
        {
            event.due = event.due.min(earliest);
            event.scheduled += 1;
        }
        event.scheduled
    }

    fn next(&self) -> MutexGuard<'_, NextEvent> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a change.
    fn count(&self, transaction: &WriteTransaction) -> Result<Commit, StoreError> {
        let mut meta = transaction.open_table(META)?;
        let last = database_file::last_commit(&meta)?;
        let commit = Commit { number: last.number + 1, line: self.line.unwrap_or(last.line) };
        meta.insert(COMMIT, commit.to_text().as_str())?;
        Ok(commit)
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
        Ok(database_file::open_file(&*self.disk, &self.path, &self.syncs)?.database)
    }

    fn close(&self) {
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn read_commit(database: &Database) -> Result<Commit, StoreError> {
    Ok(database_file::last_commit(&database.begin_read()?.open_table(META)?)?)
}

impl Drop for Records {
    /// Closes the database, and says so if nothing is left to do. Otherwise the next opening looks at everything.
    fn drop(&mut self) {
        let database = self.database.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let is_open = database.is_some();
        drop(database);
        if is_open && !*self.is_unsettled.get_mut() && self.syncs.check().is_ok() {
            let _ = self.commits.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::database_file::CACHE;
    use super::super::reader::ReadRecords;
    use super::*;
    use crate::local::disk::SystemDisk;
    use crate::local::model::{Moment, PieceRecord, Place, VaultKey};
    use std::io::ErrorKind;
    use std::path::Path;

    fn open(folder: &Path) -> Records {
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        Records::open(&Folder::open(&disk, folder, &mut Vec::new()).unwrap(), &Syncs::new(&disk)).unwrap().0
    }

    fn vaults(records: &Records) -> Vec<String> {
        let all = records.read(|reader| reader.vault_numbers(Place { account: "a", region: "r" }, "", usize::MAX)).unwrap();
        all.into_iter().map(|(name, _)| name).collect()
    }

    fn key(name: &str) -> VaultKey {
        VaultKey { account: "a".into(), region: "r".into(), name: name.into() }
    }

    fn add(records: &Records, name: &str) -> Result<(), StoreError> {
        records.write(|writer| writer.add_vault(key(name), Moment(7))).map(|_| ())
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
        let failed: Result<((), _), _> = records.write(|writer| {
            writer.add_vault(key("b"), Moment(7))?;
            Err(Other)
        });
        assert_eq!(failed.unwrap_err(), Other);
        assert_eq!(vaults(&records), ["a"]);
        assert!(records.database.read().unwrap().is_some(), "the database stays open");
    }

    #[test]
    fn works_again_after_a_failure_of_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let records = open(folder.path());
        add(&records, "a").unwrap();
        let failed: Result<((), _), StoreError> = records.write(|_| Err(std::io::Error::from(ErrorKind::StorageFull).into()));
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
            let fill = |writer: &Writer<'_>| (0..32).try_for_each(|n| writer.save_blob((batch * 32 + n).into(), &value));
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
