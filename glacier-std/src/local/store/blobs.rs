//! Files with the bytes of archives: staged while they are received, synced, and renamed into place.
//!
//! The rename comes before the record, so a crash between them leaves a file in `blobs` that no record names. It belongs to no
//! archive and is removed when the folder is opened next. Names are random numbers, never anything that came with a request.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::StoreError;
use crate::local::model::BlobId;

/// The two folders.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    staged: PathBuf,
    placed: PathBuf,
}

impl Blobs {
    /// Names of the folders inside the service's own.
    pub(crate) const FOLDERS: [&str; 2] = ["staged", "blobs"];

    /// Opens the folders inside `folder`, or makes them.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let [staged, placed] = Self::FOLDERS.map(|name| folder.join(name));
        fs::create_dir_all(&staged)?;
        fs::create_dir_all(&placed)?;
        sync_folder(folder)?;
        Ok(Blobs { staged, placed })
    }

    /// A new file to write into, by a name that is not in use.
    pub(crate) fn stage(&self, blob: BlobId) -> Result<Staged, StoreError> {
        let path = self.staged.join(blob.to_string());
        let file = File::create_new(&path)?;
        Ok(Staged { blob, file, place: self.path(blob), file_in: Removed(Some(path)), folder: self.placed.clone() })
    }

    /// The path of a file in place.
    pub(crate) fn path(&self, blob: BlobId) -> PathBuf {
        self.placed.join(blob.to_string())
    }

    /// Removes files that records no longer name. What cannot be removed now is removed when the folder is opened next.
    pub(crate) fn remove(&self, blobs: &[BlobId]) {
        for blob in blobs {
            let _ = fs::remove_file(self.path(*blob));
        }
    }

    /// Removes what a crash left: all staged files, and the files in place that no record names. Files with other names than ours
    /// are left alone.
    pub(crate) fn sweep(&self, mut is_named: impl FnMut(BlobId) -> Result<bool, StoreError>) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        for (folder, staged) in [(&self.staged, true), (&self.placed, false)] {
            for entry in fs::read_dir(folder)? {
                let name = entry?.file_name();
                let Some(blob) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
                if !staged && is_named(blob)? {
                    swept.named += 1;
                } else {
                    fs::remove_file(folder.join(<_ as AsRef<OsStr>>::as_ref(&name)))?;
                    swept.removed += 1;
                }
            }
        }
        Ok(swept)
    }
}

/// What [`Blobs::sweep`] found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Swept {
    /// Files that were removed.
    pub(crate) removed: u64,
    /// Files in place that records name.
    pub(crate) named: u64,
}

/// A file that is being written. It is removed when it is dropped.
pub(crate) struct Staged {
    blob: BlobId,
    file: File,
    file_in: Removed,
    place: PathBuf,
    folder: PathBuf,
}

impl Staged {
    /// Syncs the file and renames it into place.
    pub(crate) fn place(mut self) -> io::Result<Placed> {
        self.file.sync_all()?;
        let Some(staged) = self.file_in.0.as_ref() else { return Err(io::ErrorKind::NotFound.into()) };
        fs::rename(staged, &self.place)?;
        self.file_in.0 = Some(self.place);
        sync_folder(&self.folder)?;
        Ok(Placed { blob: self.blob, file_in: self.file_in })
    }
}

impl Write for Staged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file in place that no record names yet. It is removed when it is dropped, unless it was recorded.
pub(crate) struct Placed {
    pub(crate) blob: BlobId,
    file_in: Removed,
}

impl Placed {
    /// A record names the file now: it stays.
    pub(crate) fn recorded(mut self) {
        self.file_in.0 = None;
    }
}

/// Removes a file when it is dropped.
struct Removed(Option<PathBuf>);

impl Drop for Removed {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

/// Syncs the names in a folder. Where folders cannot be opened like files, the file system is trusted to do so by itself.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_file_that_is_not_recorded_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let stage = || {
            let mut staged = blobs.stage(7.into()).unwrap();
            staged.write_all(b"bytes").unwrap();
            staged
        };
        drop(stage());
        assert_eq!(count(&blobs.staged), 0);

        let placed = stage().place().unwrap();
        assert_eq!((count(&blobs.staged), count(&blobs.placed)), (0, 1));
        drop(placed);
        assert_eq!(count(&blobs.placed), 0);

        let placed = stage().place().unwrap();
        let path = blobs.path(placed.blob);
        placed.recorded();
        assert_eq!(fs::read(path).unwrap(), b"bytes");
    }

    #[test]
    fn a_sweep_removes_orphans_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let [named, orphan, staged] = [1, 2, 3].map(BlobId::from);
        fs::write(blobs.path(named), "").unwrap();
        fs::write(blobs.path(orphan), "").unwrap();
        fs::write(blobs.staged.join(staged.to_string()), "").unwrap();
        fs::write(blobs.placed.join("notes.txt"), "").unwrap();
        let swept = blobs.sweep(|blob| Ok(blob == named)).unwrap();
        assert_eq!(swept, Swept { removed: 2, named: 1 });
        assert!(blobs.path(named).exists() && !blobs.path(orphan).exists() && blobs.placed.join("notes.txt").exists());
    }
}
