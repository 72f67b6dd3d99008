//! Syncing files and folders, and what a failure of it means.
//!
//! After a failed fsync the system may mark pages clean that never reached the disk, and a later fsync reports nothing. So after the
//! first failure nothing more is stored until the folder is opened again.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::StoreError;
use crate::local::disk::Disk;

/// Syncs, and remembers the first failure. A clone shares it.
#[derive(Clone, Debug)]
pub(super) struct Syncs {
    disk: Arc<dyn Disk>,
    failure: Arc<Mutex<Option<String>>>,
    #[cfg(test)]
    fail_next: Arc<std::sync::atomic::AtomicBool>,
}

impl Syncs {
    pub(super) fn new(disk: &Arc<dyn Disk>) -> Self {
        Syncs {
            disk: disk.clone(),
            failure: Arc::default(),
            #[cfg(test)]
            fail_next: Arc::default(),
        }
    }

    /// Whether the disk keeps what it is told to, as far as is known.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        match self.failure().as_ref() {
            Some(reason) => Err(StoreError::Unsynced(reason.clone())),
            None => Ok(()),
        }
    }

    /// Syncs with `sync`.
    pub(super) fn with(&self, sync: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        #[cfg(test)]
        let sync = || {
            if self.fail_next.swap(false, std::sync::atomic::Ordering::Relaxed) { Err(io::Error::other("test")) } else { sync() }
        };
        sync().inspect_err(|error| {
            self.failure().get_or_insert_with(|| error.to_string());
        })
    }

    /// Syncs the names in a folder. One at a time: a failure is reported to one fsync only, and must be known before another of the same
    /// folder succeeds.
    pub(super) fn folder(&self, folder: &Path) -> io::Result<()> {
        let mut failure = self.failure();
        if let Some(reason) = failure.as_ref() {
            return Err(io::Error::other(reason.clone()));
        }
        self.disk.sync_folder(folder).inspect_err(|error| *failure = Some(error.to_string()))
    }

    fn failure(&self) -> MutexGuard<'_, Option<String>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the next sync of a file fail.
    #[cfg(test)]
    pub(super) fn fail_next(&self) {
        self.fail_next.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::disk::SystemDisk;

    #[test]
    fn the_first_failure_is_kept() {
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        let syncs = Syncs::new(&disk);
        let folder = tempfile::tempdir().unwrap();
        syncs.with(|| Ok(())).unwrap();
        syncs.folder(folder.path()).unwrap();
        syncs.check().unwrap();
        syncs.clone().fail_next();
        syncs.with(|| Ok(())).unwrap_err();
        assert!(matches!(syncs.check(), Err(StoreError::Unsynced(reason)) if reason == "test"));
        syncs.folder(folder.path()).unwrap_err();
        let other = Syncs::new(&disk);
        other.folder(&folder.path().join("none")).unwrap_err();
        other.check().unwrap_err();
    }
}
