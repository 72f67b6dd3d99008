//! What is uploaded: a file of known size, or a stream.

use std::io;
use std::path::Path;

use glacier_std::file::{FileError, FileErrorKind, FileSource};
use tokio::io::{AsyncBufRead, BufReader};

use super::descriptors::check_input;
use super::error::{CommandError, describe};
use super::invocation::this_command;
use super::named_descriptor::is_standard_input;
use crate::output::quoted;

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
    pub(crate) async fn open(path: &Path) -> Result<Self, CommandError> {
        if is_standard_input(path) {
            check_input()?;
        }
        if path == Path::new("-") {
            return Ok(Input::Stream(Box::new(BufReader::with_capacity(READ_BUFFER, tokio::io::stdin()))));
        }
        match FileSource::open(path) {
            Ok(file) => Ok(Input::File(file)),
            Err(error) => match error.kind() {
                // Such as the shell's <(...). A named pipe without a writer is opened on another thread, so signals are noticed.
                FileErrorKind::NotRegularFile => {
                    let file = tokio::fs::File::open(path).await.map_err(|error| CommandError::file(path, &error))?;
                    Ok(Input::Stream(Box::new(BufReader::with_capacity(READ_BUFFER, file))))
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
                "{} is a directory, and an archive is a single file: pack it, for example with {} | {}",
                path.display(),
                tar(path),
                this_command().with_value("file", "-"),
            )),
            FileErrorKind::NotFound => {
                CommandError::other(format_args!("{}: {}", path.display(), describe(&io::ErrorKind::NotFound.into())))
            }
            _ => CommandError::other(error),
        }
    }
}

/// The command that packs a directory. It names the real one: of a link, tar would pack only the link.
fn tar(directory: &Path) -> String {
    let real = std::fs::canonicalize(directory).unwrap_or_else(|_| directory.to_owned());
    match (real.parent(), real.file_name()) {
        (Some(parent), Some(name)) => format!("tar -c -C {} {}", quoted(parent), quoted(Path::new(".").join(name))),
        _ => format!("tar -c -C {} .", quoted(real)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_packed_under_its_real_name() {
        assert_eq!(tar(Path::new("/")), "tar -c -C / .");
        assert_eq!(tar(Path::new("/nosuch folder/-a b")), "tar -c -C '/nosuch folder' './-a b'");
    }
}
