//! Why a folder cannot be opened as a vault service's own.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why the folder was not opened. Nothing in it was changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The settings are not usable; the folder was not looked at.
    Settings {
        /// What is wrong with them.
        reason: String,
    },
    /// Another process has it open.
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// There is something else in the folder, and no vaults.
    NotEmpty {
        /// The folder.
        folder: PathBuf,
        /// One thing that is in it.
        found: String,
    },
    /// Another version of this program wrote it.
    Format {
        /// The folder.
        folder: PathBuf,
        /// The version found.
        found: String,
        /// The version that this program knows.
        known: &'static str,
    },
    /// The folder cannot be read or written.
    Io {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file with the records cannot be read.
    Store {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl OpenError {
    pub(super) fn io(folder: &Path, error: io::Error) -> Self {
        OpenError::Io { folder: folder.into(), error }
    }

    pub(super) fn store(folder: &Path, error: redb::Error) -> Self {
        let folder = folder.into();
        match error {
            redb::Error::DatabaseAlreadyOpen => OpenError::InUse { folder },
            redb::Error::Io(error) => OpenError::Io { folder, error },
            error => OpenError::Store { folder, error: error.into() },
        }
    }
}

impl OpenError {
    pub(super) fn damaged(folder: &Path, message: String) -> Self {
        OpenError::Store { folder: folder.into(), error: message.into() }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings { reason } => f.write_str(reason),
            Self::InUse { folder } => write!(
                f,
                "the folder {} is in use by another process: wait until it ends, or talk to it if it is a `glacier serve`",
                folder.display()
            ),
            Self::NotEmpty { folder, found } => write!(
                f,
                "the folder {} holds no vaults, and is not empty ({found}): give an empty folder, or one that does not exist yet",
                folder.display()
            ),
            Self::Format { folder, found, known } => write!(
                f,
                "the vaults in {} have format {found:?}, and this program knows format {known}: use the version that wrote them, or a newer one",
                folder.display()
            ),
            Self::Io { folder, error } => write!(f, "the folder {} cannot be used: {error}", folder.display()),
            Self::Store { folder, error } => write!(f, "the records of the vaults in {} cannot be read: {error}", folder.display()),
        }
    }
}

impl std::error::Error for OpenError {}
