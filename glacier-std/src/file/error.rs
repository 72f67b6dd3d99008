//! Why a file cannot be uploaded.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use embedded_io_async::ErrorKind;

/// Why a file cannot be uploaded.
#[derive(Debug)]
pub struct FileError {
    path: PathBuf,
    kind: FileErrorKind,
    /// What the system said, if it said anything.
    source: Option<io::Error>,
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileErrorKind {
    /// There is no such file.
    NotFound,
    /// It may not be read.
    PermissionDenied,
    /// It is a directory.
    IsDirectory,
    /// It is a pipe, a device or a socket, or a file whose size is not known before it is read, as those of `/proc`.
    NotRegularFile,
    /// It was written to after it was opened.
    Changed {
        /// Its size when it was opened, in bytes.
        was: u64,
        /// Its size now.
        is: u64,
    },
    /// A range ends after the end of the file.
    OutOfRange {
        /// The range's last byte.
        last: u64,
        /// Bytes in the file.
        size: u64,
    },
    /// Another error of the system, which is the [source](std::error::Error::source).
    Io,
}

impl FileError {
    pub(super) fn new(path: &Path, kind: FileErrorKind) -> Self {
        FileError { path: path.to_owned(), kind, source: None }
    }

    /// The file could not be opened.
    pub(super) fn opening(path: &Path, error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::NotFound => FileErrorKind::NotFound,
            io::ErrorKind::PermissionDenied => FileErrorKind::PermissionDenied,
            _ => FileErrorKind::Io,
        };
        FileError { source: Some(error), ..FileError::new(path, kind) }
    }

    /// Another error of the system.
    pub(super) fn io(path: &Path, error: io::Error) -> Self {
        FileError { source: Some(error), ..FileError::new(path, FileErrorKind::Io) }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong with it.
    #[must_use]
    pub fn kind(&self) -> FileErrorKind {
        self.kind
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.kind {
            FileErrorKind::NotFound => write!(f, "{path}: no such file"),
            FileErrorKind::PermissionDenied => write!(f, "{path}: no permission to read it"),
            FileErrorKind::IsDirectory => write!(f, "{path}: it is a directory; pack it into one file first, for example with tar"),
            FileErrorKind::NotRegularFile => {
                write!(f, "{path}: it is not a regular file; to upload what it supplies, read it from standard input")
            }
            FileErrorKind::Changed { was, is } if was != is => {
                write!(
                    f,
                    "{path}: it changed while it was read ({was} bytes before, {is} now); upload it again when nothing writes to it"
                )
            }
            FileErrorKind::Changed { .. } => {
                write!(f, "{path}: it changed while it was read; upload it again when nothing writes to it")
            }
            FileErrorKind::OutOfRange { last, size } => write!(f, "{path}: byte {last} is after its end, it has {size} bytes"),
            FileErrorKind::Io => match &self.source {
                Some(error) => write!(f, "{path}: {error}"),
                None => write!(f, "{path}: it cannot be read"),
            },
        }
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

impl embedded_io_async::Error for FileError {
    fn kind(&self) -> ErrorKind {
        match &self.kind {
            FileErrorKind::NotFound => ErrorKind::NotFound,
            FileErrorKind::PermissionDenied => ErrorKind::PermissionDenied,
            FileErrorKind::IsDirectory | FileErrorKind::NotRegularFile | FileErrorKind::OutOfRange { .. } => {
                ErrorKind::InvalidInput
            }
            FileErrorKind::Changed { .. } => ErrorKind::InvalidData,
            FileErrorKind::Io => self.source.as_ref().map_or(ErrorKind::Other, |error| error.kind().into()),
        }
    }
}
