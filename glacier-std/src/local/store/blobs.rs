//! Files with the bytes of archives: staged while they are received, synced, and renamed into place.
//!
//! The rename comes before the record. Until the record is written, a note in `staged` says that the file in place belongs to nothing
//! yet; so when the folder is opened, a file that a crash left is told from one whose record was lost. Names are random numbers, never
//! anything that came with a request.

use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::sync::Arc;

use super::error::StoreError;
use super::folder::Folder;
use super::synced::Syncs;
use crate::local::disk::{Disk, DiskFile, EntryKind};
use crate::local::model::BlobId;

/// The end of a note's name, after that of its file.
pub(super) const NOTE: &str = ".unrecorded";

/// The two folders.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    disk: Arc<dyn Disk>,
    staged: PathBuf,
    placed: PathBuf,
    syncs: Syncs,
}

impl Blobs {
    /// Opens the folders inside `folder`, or makes them.
    pub(super) fn open(folder: &Folder, syncs: &Syncs) -> io::Result<Self> {
        folder.make_inside(Folder::STAGED)?;
        folder.make_inside(Folder::BLOBS)?;
        syncs.folder(folder.path())?;
        let (staged, placed) = (folder.entry(Folder::STAGED), folder.entry(Folder::BLOBS));
        Ok(Blobs { disk: folder.disk().clone(), staged, placed, syncs: syncs.clone() })
    }

    /// A new file to write into, by a name that is not in use.
    pub(crate) fn stage(&self, blob: BlobId) -> Result<Staged, StoreError> {
        self.syncs.check()?;
        let path = self.staged.join(blob.to_string());
        let file = self.disk.create(&path)?;
        let file_in = Removed { disk: self.disk.clone(), paths: vec![path] };
        Ok(Staged { blob, file, written: 0, file_in, blobs: self.clone() })
    }

    /// The path of a file in place.
    pub(crate) fn path(&self, blob: BlobId) -> PathBuf {
        self.placed.join(blob.to_string())
    }

    /// The length of a file in place, if it is one.
    pub(super) fn length(&self, blob: BlobId) -> Option<u64> {
        self.disk.entry(&self.path(blob)).ok().filter(|found| found.kind == EntryKind::File).map(|file| file.length)
    }

    /// Opens a file in place to read it.
    pub(super) fn open_to_read(&self, blob: BlobId) -> io::Result<Box<dyn DiskFile>> {
        self.disk.open_to_read(&self.path(blob))
    }

    /// Removes files that records no longer name; those that are gone now.
    pub(super) fn remove(&self, blobs: &[BlobId]) -> Vec<BlobId> {
        let gone = |blob: &&BlobId| match self.disk.remove(&self.path(**blob)) {
            Ok(()) => true,
            Err(error) => error.kind() == ErrorKind::NotFound,
        };
        blobs.iter().filter(gone).copied().collect()
    }

    /// Syncs the names of the files in place.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.syncs.folder(&self.placed)
    }

    fn note(&self, blob: BlobId) -> PathBuf {
        self.staged.join(format!("{blob}{NOTE}"))
    }
}

/// A file that is being written. It is removed when it is dropped.
pub(crate) struct Staged {
    blob: BlobId,
    file: Box<dyn DiskFile>,
    /// Bytes.
    written: u64,
    file_in: Removed,
    blobs: Blobs,
}

impl Staged {
    /// Syncs the file and renames it into place.
    pub(crate) fn place(mut self) -> io::Result<Placed> {
        self.blobs.syncs.with(|| self.file.sync())?;
        let Some(staged) = self.file_in.paths.pop() else { return Err(ErrorKind::NotFound.into()) };
        let (note, place) = (self.blobs.note(self.blob), self.blobs.path(self.blob));
        // The note needs no sync: without it, a file that is not recorded is kept.
        let noted = self.blobs.disk.create(&note).and_then(|_| self.blobs.disk.rename(&staged, &place));
        self.file_in.paths = vec![if noted.is_ok() { place } else { staged }, note];
        noted?;
        self.blobs.sync()?;
        Ok(Placed { blob: self.blob, file_in: self.file_in })
    }
}

impl Write for Staged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_at(self.written, bytes)?;
        self.written += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file in place that no record names yet. It is removed when it is dropped, unless it was recorded.
pub(crate) struct Placed {
    pub(crate) blob: BlobId,
    file_in: Removed,
}

impl Placed {
    /// A record names the file now: it stays, and its note goes.
    pub(crate) fn recorded(mut self) -> io::Result<()> {
        let note = self.file_in.paths.pop();
        self.file_in.paths.clear();
        note.map_or(Ok(()), |note| self.file_in.disk.remove(&note))
    }

    /// A record may name the file: it stays with its note, and opening the folder decides.
    pub(crate) fn keep(mut self) {
        self.file_in.paths.clear();
    }
}

/// Removes files in this order when it is dropped.
struct Removed {
    disk: Arc<dyn Disk>,
    paths: Vec<PathBuf>,
}

impl Drop for Removed {
    fn drop(&mut self) {
        for path in &self.paths {
            let _ = self.disk.remove(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::disk::SystemDisk;
    use std::fs;
    use std::path::Path;

    fn count(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    fn open(folder: &Path) -> Blobs {
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        Blobs::open(&Folder::open(&disk, folder, &mut Vec::new()).unwrap(), &Syncs::new(&disk)).unwrap()
    }

    fn stage(blobs: &Blobs) -> Staged {
        let mut staged = blobs.stage(7.into()).unwrap();
        staged.write_all(b"bytes").unwrap();
        staged
    }

    #[test]
    fn a_file_that_is_not_recorded_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = open(folder.path());
        drop(stage(&blobs));
        assert_eq!(count(&blobs.staged), 0);

        let placed = stage(&blobs).place().unwrap();
        assert!(blobs.note(7.into()).exists());
        assert_eq!((count(&blobs.staged), count(&blobs.placed)), (1, 1));
        drop(placed);
        assert_eq!((count(&blobs.staged), count(&blobs.placed)), (0, 0));

        let placed = stage(&blobs).place().unwrap();
        let path = blobs.path(placed.blob);
        placed.recorded().unwrap();
        assert_eq!(count(&blobs.staged), 0);
        assert_eq!(fs::read(&path).unwrap(), b"bytes");
        assert_eq!((blobs.length(7.into()), blobs.length(8.into())), (Some(5), None));

        assert_eq!(blobs.remove(&[7.into(), 8.into()]), [7.into(), 8.into()]);
        assert!(!path.exists());
        stage(&blobs).place().unwrap().keep();
        assert!(path.exists() && blobs.note(7.into()).exists());
    }

    #[test]
    fn after_a_failed_sync_nothing_is_placed() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = open(folder.path());
        let (first, second) = (stage(&blobs), blobs.stage(8.into()).unwrap());
        blobs.syncs.fail_next();
        assert!(first.place().is_err());
        assert!(second.place().is_err(), "the folder cannot be trusted");
        assert!(matches!(blobs.stage(9.into()), Err(StoreError::Unsynced(_))));
        assert_eq!((count(&blobs.staged), count(&blobs.placed)), (0, 0));
    }

    #[cfg(unix)]
    #[test]
    fn files_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let blobs = open(folder.path());
        stage(&blobs).place().unwrap().recorded().unwrap();
        for (path, mode) in [(blobs.path(7.into()), 0o600), (blobs.staged.clone(), 0o700), (blobs.placed.clone(), 0o700)] {
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o7777, mode, "{}", path.display());
        }
    }
}
