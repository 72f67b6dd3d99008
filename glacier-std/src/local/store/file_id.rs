//! Which file is at a path: a moved or replaced one is told from the one that was opened.

use std::io;
use std::path::Path;

/// The identity of a file, where the system has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    number: u64,
}

impl FileId {
    /// The file at a path, which is no link.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let found = path.symlink_metadata()?;
        #[cfg(unix)]
        let (device, number) = (std::os::unix::fs::MetadataExt::dev(&found), std::os::unix::fs::MetadataExt::ino(&found));
        #[cfg(not(unix))]
        let (device, number) = (0, u64::from(found.is_file()));
        Ok(FileId { device, number })
    }
}
