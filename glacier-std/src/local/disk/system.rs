//! The disk of the operating system. Folders are made with mode 0700 and files with 0600; where the system has no such modes, its own rules
//! apply.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, FileType, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::file_id::FileId;
use super::interface::{Disk, DiskFile, Entry, EntryKind};
use super::system_file::SystemFile;

/// The disk of the operating system.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemDisk;

impl Disk for SystemDisk {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        #[cfg_attr(not(unix), expect(unused_mut))]
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        boxed(private().read(true).write(true).create_new(true).open(path))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        boxed(private().read(true).write(true).open(path))
    }

    fn open_to_read(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        boxed(File::open(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    /// Where folders cannot be opened like files, the file system is trusted to do so by itself.
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }

    fn entry(&self, path: &Path) -> io::Result<Entry> {
        Ok(entry(&path.symlink_metadata()?))
    }

    fn target(&self, path: &Path) -> io::Result<Entry> {
        Ok(entry(&path.metadata()?))
    }

    fn names(&self, folder: &Path, visit: &mut dyn FnMut(&OsStr, EntryKind) -> io::Result<()>) -> io::Result<()> {
        for found in fs::read_dir(folder)? {
            let found = found?;
            visit(&found.file_name(), kind(found.file_type()?))?;
        }
        Ok(())
    }

    fn close_to_others(&self, path: &Path, entry: &Entry) -> io::Result<()> {
        match entry.mode {
            #[cfg(unix)]
            Some(mode) => fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode & 0o700)),
            _ => Ok(()),
        }
    }

    fn without_links(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize()
    }
}

fn boxed(file: io::Result<File>) -> io::Result<Box<dyn DiskFile>> {
    Ok(Box::new(SystemFile::new(file?)))
}

fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn entry(found: &Metadata) -> Entry {
    #[cfg(unix)]
    let (device, number, mode) = {
        use std::os::unix::fs::MetadataExt;
        (found.dev(), found.ino(), Some(found.mode() & 0o7777))
    };
    #[cfg(not(unix))]
    let (device, number, mode) = (0, u64::from(found.is_file()), None);
    let changed = found.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Entry {
        kind: kind(found.file_type()),
        length: found.len(),
        id: FileId::new(device, number),
        mode,
        // It is only compared, and wraps in the year 2554.
        changed: changed.as_nanos() as u64,
    }
}

fn kind(found: FileType) -> EntryKind {
    match () {
        () if found.is_symlink() => EntryKind::Link,
        () if found.is_dir() => EntryKind::Folder,
        () if found.is_file() => EntryKind::File,
        () => EntryKind::Other,
    }
}
