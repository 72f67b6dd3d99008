//! Files with the bytes of archives: staged while they arrive, synced, and renamed into place.
//!
//! A file in `blobs` that no record names is no archive's: the rename comes before the record, so a crash between them leaves one,
//! and it is removed when the folder is opened next. Names are random numbers, never anything that came with a request.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::ids;
use super::records::Blob;
use super::refuse::Refused;

/// The two folders.
#[derive(Clone, Debug)]
pub(super) struct Blobs {
    staged: PathBuf,
    placed: PathBuf,
}

impl Blobs {
    /// Names of the folders inside the service's own.
    pub(super) const FOLDERS: [&str; 2] = ["staged", "blobs"];

    /// Opens the folders inside `folder`, or makes them.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let [staged, placed] = Self::FOLDERS.map(|name| folder.join(name));
        fs::create_dir_all(&staged)?;
        fs::create_dir_all(&placed)?;
        sync_folder(folder)?;
        Ok(Blobs { staged, placed })
    }

    /// A new file to write into.
    pub(super) fn stage(&self) -> Result<Staged, Refused> {
        let blob = Blob::from(ids::blob()?);
        let path = self.staged.join(blob.to_string());
        let file = File::create_new(&path)?;
        Ok(Staged { blob, file, place: self.path(blob), file_in: Removed(Some(path)), folder: self.placed.clone() })
    }

    /// Where a file in place lies.
    pub(super) fn path(&self, blob: Blob) -> PathBuf {
        self.placed.join(blob.to_string())
    }

    /// Removes files that no record names any more. What cannot be removed now is removed at the next opening.
    pub(super) fn remove(&self, blobs: &[Blob]) {
        for blob in blobs {
            let _ = fs::remove_file(self.path(*blob));
        }
    }

    /// Removes what a crash left: all staged files, and the files in place that are not known. Files with other names than ours are
    /// left alone.
    pub(super) fn sweep(&self, mut is_known: impl FnMut(Blob) -> Result<bool, Refused>) -> Result<Swept, Refused> {
        let mut swept = Swept::default();
        for (folder, staged) in [(&self.staged, true), (&self.placed, false)] {
            for entry in fs::read_dir(folder)? {
                let name = entry?.file_name();
                let Some(blob) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
                if !staged && is_known(blob)? {
                    swept.known += 1;
                } else {
                    fs::remove_file(folder.join(<_ as AsRef<OsStr>>::as_ref(&name)))?;
                    swept.removed += 1;
                }
            }
        }
        Ok(swept)
    }
}

/// What a sweep found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Swept {
    /// Files that belonged to nothing, and are gone.
    pub(super) removed: u64,
    /// Files in place that records name.
    pub(super) known: u64,
}

/// A file that is being written. It is removed when it is dropped.
pub(super) struct Staged {
    blob: Blob,
    file: File,
    file_in: Removed,
    place: PathBuf,
    folder: PathBuf,
}

impl Staged {
    /// Syncs the file and puts it in its place.
    pub(super) fn place(mut self) -> io::Result<Placed> {
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

/// A file in its place that no record names yet. It is removed when it is dropped, unless it was recorded.
pub(super) struct Placed {
    pub(super) blob: Blob,
    file_in: Removed,
}

impl Placed {
    /// A record names the file now: it stays.
    pub(super) fn recorded(mut self) {
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

/// Makes the names in a folder last. Where folders cannot be opened like files, the file system is trusted to do so by itself.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn only_what_is_recorded_stays() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let stage = || {
            let mut staged = blobs.stage().unwrap();
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
    fn a_sweep_removes_ours_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let [known, orphan, staged] = [1, 2, 3].map(Blob::from);
        fs::write(blobs.path(known), "").unwrap();
        fs::write(blobs.path(orphan), "").unwrap();
        fs::write(blobs.staged.join(staged.to_string()), "").unwrap();
        fs::write(blobs.placed.join("notes.txt"), "").unwrap();
        let swept = blobs.sweep(|blob| Ok(blob == known)).unwrap();
        assert_eq!(swept, Swept { removed: 2, known: 1 });
        assert!(blobs.path(known).exists() && !blobs.path(orphan).exists() && blobs.placed.join("notes.txt").exists());
    }
}
