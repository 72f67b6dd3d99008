//! Why the folder of a vault service cannot be opened.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::error::StoreError;

/// The folder was not opened. Nothing in it was changed.
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
            redb::Error::Io(error) => OpenError::Io { folder, error },
            error => OpenError::Database { folder, error: error.into() },
        }
    }

    pub(crate) fn recovery(folder: &Path, error: StoreError) -> Self {
        OpenError::Database { folder: folder.into(), error: error.into() }
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
            Self::Format { folder, found, known } => write!(
                f,
                "the vaults in {} have format {found:?}, and this program reads format {known}: use the version that wrote them, or a newer one",
                folder.display()
            ),
            Self::Io { folder, error } => write!(f, "the folder {} cannot be used: {error}", folder.display()),
            Self::Database { folder, error } => {
                write!(f, "the records of the vaults in {} cannot be read: {error}", folder.display())
            }
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::Database { error, .. } => Some(&**error),
            Self::Settings { .. } | Self::InUse { .. } | Self::NotEmpty { .. } | Self::Format { .. } => None,
        }
    }
}
