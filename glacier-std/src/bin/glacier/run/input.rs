//! What is uploaded: a file of known size, or a stream.

use std::fs;
use std::io;
use std::path::Path;

use glacier_std::file::{FileError, FileErrorKind, FileSource};
use tokio::io::{AsyncBufRead, BufReader};

use super::error::{CommandError, describe};

/// Bytes to read at once from a stream.
const READ_BUFFER: usize = 64 << 10;

/// What is uploaded.
pub(crate) enum Input {
    /// A regular file.
    File(FileSource),
    /// Standard input, a named pipe, a device.
    Stream(Box<dyn AsyncBufRead + Unpin + Send>),
}

impl Input {
    /// Opens the file at `path`, or standard input for `-`.
    pub(crate) fn open(path: &Path) -> Result<Self, CommandError> {
        if path == Path::new("-") {
            return Ok(Input::Stream(Box::new(BufReader::with_capacity(READ_BUFFER, tokio::io::stdin()))));
        }
        match FileSource::open(path) {
            Ok(file) => Ok(Input::File(file)),
            Err(error) => match error.kind() {
                // Such as the shell's <(...).
                FileErrorKind::NotRegularFile => {
                    let file = fs::File::open(path).map_err(|error| CommandError::file(path, &error))?;
                    Ok(Input::Stream(Box::new(BufReader::with_capacity(READ_BUFFER, tokio::fs::File::from_std(file)))))
                }
                _ => Err(CommandError::input(path, &error)),
            },
        }
    }
}

impl CommandError {
    /// A file that cannot be uploaded.
    pub(crate) fn input(path: &Path, error: &FileError) -> Self {
        match error.kind() {
            FileErrorKind::IsDirectory => CommandError::usage(format_args!(
                "{0} is a directory, and an archive is a single file: pack it, for example tar -c {0} | glacier upload VAULT -",
                path.display()
            )),
            FileErrorKind::NotFound => {
                CommandError::other(format_args!("{}: {}", path.display(), describe(&io::ErrorKind::NotFound.into())))
            }
            _ => CommandError::other(error),
        }
    }
}
