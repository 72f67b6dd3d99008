//! Why the folder of a vault service cannot be opened.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::error::StoreError;

/// The folder was not opened. No archive in it was changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The settings are not valid; the folder was not read.
    Settings {
        /// What is wrong with them.
        reason: String,
    },
    /// Another process has the folder open.
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder holds other files and no vaults.
    NotEmpty {
        /// The folder.
        folder: PathBuf,
        /// One of those files.
        found: String,
    },
    /// The folder was used and its index, the file that names all archives, is not there. A new one would name none of them.
    NoIndex {
        /// The folder.
        folder: PathBuf,
        /// The name of the file.
        index: &'static str,
        /// Files with bytes of archives that are there.
        bodies: u64,
    },
    /// Something else stands in the place of a file or folder of the vaults, such as a symbolic link.
    Irregular {
        /// Where.
        path: PathBuf,
        /// What it is.
        is: &'static str,
    },
    /// A version of this program with another format wrote the folder.
    Format {
        /// The folder.
        folder: PathBuf,
        /// The format found.
        found: String,
        /// The format that this program reads.
        known: &'static str,
    },
    /// The folder cannot be read or written.
    Io {
        /// The folder.
        folder: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
    /// The database of records cannot be read.
    Database {
        /// The folder.
        folder: PathBuf,
        /// The cause.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl OpenError {
    pub(crate) fn io(folder: &Path, error: io::Error) -> Self {
        OpenError::Io { folder: folder.into(), error }
    }

    pub(crate) fn database(folder: &Path, error: redb::Error) -> Self {
        let folder = folder.into();
        match error {
            redb::Error::DatabaseAlreadyOpen => OpenError::InUse { folder },
            // So redb calls what is no database.
            redb::Error::Io(error) if error.kind() != io::ErrorKind::InvalidData => OpenError::Io { folder, error },
            error => OpenError::Database { folder, error: error.into() },
        }
    }

    pub(crate) fn recovery(folder: &Path, error: StoreError) -> Self {
        match error {
            StoreError::Disk(error) => OpenError::io(folder, error),
            error => OpenError::Database { folder: folder.into(), error: error.into() },
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings { reason } => f.write_str(reason),
            Self::InUse { folder } => write!(
                f,
                "the folder {} is in use by another process: wait until it ends, or send requests to it if it is `glacier serve`",
                folder.display()
            ),
            Self::NotEmpty { folder, found } => write!(
                f,
                "the folder {} is not empty and holds no vaults (found {found}): give an empty folder, or one that does not exist yet",
                folder.display()
            ),
            Self::NoIndex { folder, index, bodies } => write!(
                f,
                "the folder {} has vaults with {bodies} files of archives, but {index} with their records is missing: put it back; without it \
                 nobody knows which archives they are, so nothing was changed",
                folder.display()
            ),
            Self::Irregular { path, is } => write!(
                f,
                "{} is {is}: inside a folder of vaults are only files and folders of its own; remove it, or put back what was there",
                path.display()
            ),
            Self::Format { folder, found, known } if is_earlier(found, known) => write!(
                f,
                "the vaults in {} were written by an earlier version of this program (format {found}; this one reads {known}): with that version, \
                 restore the archives that you need, and upload them to a new folder with this one; nothing was changed",
                folder.display()
            ),
            Self::Format { folder, found, known } => write!(
                f,
                "the vaults in {} have format {found:?}, and this program reads format {known}: use the version that wrote them, or a newer one",
                folder.display()
            ),
            Self::Io { folder, error } => write!(f, "the folder {} cannot be used: {error}", folder.display()),
            Self::Database { folder, error } => {
                write!(
                    f,
                    "the records of the vaults in {} cannot be read ({error}): put back glacier.redb from a copy, and leave the other files as \
                     they are",
                    folder.display()
                )
            }
        }
    }
}

fn is_earlier(found: &str, known: &str) -> bool {
    found.parse::<u64>().is_ok_and(|found| known.parse().is_ok_and(|known| found < known))
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::Database { error, .. } => Some(&**error),
            Self::Settings { .. } | Self::InUse { .. } | Self::NotEmpty { .. } | Self::Format { .. } => None,
            Self::NoIndex { .. } | Self::Irregular { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_format_says_which_version_to_use() {
        let text = |found: &str| OpenError::Format { folder: "/data".into(), found: found.into(), known: "10" }.to_string();
        assert!(text("9").contains("upload them to a new folder") && text("9").contains("/data"), "{}", text("9"));
        for newer in ["11", "", "x"] {
            assert!(text(newer).contains("use the version that wrote them, or a newer one"), "{}", text(newer));
        }
    }
}
