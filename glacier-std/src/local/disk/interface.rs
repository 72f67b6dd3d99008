//! What the store asks of a disk.
//!
//! The rules are those of a POSIX file system: what was written counts after its file was synced, and a name, made, renamed or removed,
//! counts after its folder was synced. New folders and files are private to their owner.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::file_id::FileId;

/// A disk.
pub(crate) trait Disk: fmt::Debug + Send + Sync {
    /// Makes a folder; the one above must exist.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// Makes a file that does not exist yet, to read and write.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file that exists, to read and write.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file that exists, to read.
    fn open_to_read(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Gives a file another name, in place of the file that has it, if one does.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file. Whoever has it open can go on reading it.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Syncs the names in a folder.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// What is at a path, which may be a link.
    fn entry(&self, path: &Path) -> io::Result<Entry>;

    /// What is at the end of a path, and of the link that may be there.
    fn target(&self, path: &Path) -> io::Result<Entry>;

    /// Visits the names in a folder, in any order, until the visitor fails. This looks at no file.
    fn names(&self, folder: &Path, visit: &mut dyn FnMut(&OsStr, EntryKind) -> io::Result<()>) -> io::Result<()>;

    /// Takes a file or folder away from others than its owner.
    fn close_to_others(&self, path: &Path, entry: &Entry) -> io::Result<()>;

    /// The path without links.
    fn without_links(&self, path: &Path) -> io::Result<PathBuf>;
}

/// An open file.
pub(crate) trait DiskFile: fmt::Debug + Send + Sync {
    /// Bytes.
    fn length(&self) -> io::Result<u64>;

    /// Fills `into` with the bytes from `offset` on. A file that ends before is an error of the kind `UnexpectedEof`.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()>;

    /// Writes all `bytes` from `offset` on.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file, or fills it up with zeros.
    fn set_length(&self, length: u64) -> io::Result<()>;

    /// Syncs the bytes and the length.
    fn sync(&self) -> io::Result<()>;

    /// Locks the file against all who open it elsewhere, until it is unlocked or dropped; whether it was free.
    fn lock(&self) -> io::Result<bool>;

    /// Gives the lock back.
    fn unlock(&self) -> io::Result<()>;
}

/// What is at a path.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) kind: EntryKind,
    /// Bytes of a file.
    pub(crate) length: u64,
    pub(crate) id: FileId,
    /// Permissions, where the disk has some.
    pub(crate) mode: Option<u32>,
    /// When bytes of a file, or names in a folder, were last changed: a number that differs after a change.
    pub(crate) changed: u64,
}

impl Entry {
    /// The mode, if others than the owner are allowed anything.
    pub(crate) fn open_to_others(&self) -> Option<u32> {
        self.mode.filter(|mode| mode & 0o077 != 0)
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    File,
    Folder,
    Link,
    Other,
}

impl EntryKind {
    /// For a sentence.
    pub(crate) fn text(self) -> &'static str {
        match self {
            EntryKind::File => "a file",
            EntryKind::Folder => "a folder",
            EntryKind::Link => "a symbolic link",
            EntryKind::Other => "no regular file",
        }
    }
}
