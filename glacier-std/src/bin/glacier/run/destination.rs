//! Where a restored archive goes.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use glacier_std::transfer::{NewFile, Restart, RestoreWriter};

use super::error::CommandError;

/// Where a restored archive goes, under the name that the user gave it.
pub(crate) enum Destination {
    /// A file that appears once everything is verified.
    File(NewFile, PathBuf),
    /// Standard output, a pipe or a device: it gets the bytes as they arrive.
    Stream(Stream, PathBuf),
}

impl Destination {
    /// Opens `path`, or else a new file of this directory named after the archive.
    pub(crate) fn open(path: Option<&Path>, archive_id: &str) -> Result<Self, CommandError> {
        let Some(path) = path else {
            let path = PathBuf::from(default_name(archive_id));
            return match NewFile::beside(&path, false) {
                Ok(file) => Ok(Destination::File(file, path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(CommandError::usage(format_args!(
                    "{} already exists: use -o FILE, which replaces an existing file",
                    path.display()
                ))),
                Err(error) => Err(CommandError::file(&path, &error)),
            };
        };
        if path == Path::new("-") {
            return Ok(Destination::Stream(Stream(Box::new(io::stdout().lock())), "standard output".into()));
        }
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::IsADirectory => CommandError::usage(format_args!(
                "{} is a directory: name a file in it, for example -o {}",
                path.display(),
                path.join(default_name(archive_id)).display()
            )),
            _ => CommandError::file(path, &error),
        };
        match fs::metadata(path) {
            Ok(found) if !found.is_file() && !found.is_dir() => {
                let file = fs::OpenOptions::new().write(true).open(path).map_err(failed)?;
                Ok(Destination::Stream(Stream(Box::new(file)), path.to_owned()))
            }
            _ => Ok(Destination::File(NewFile::beside(path, true).map_err(failed)?, path.to_owned())),
        }
    }

    pub(crate) fn name(&self) -> PathBuf {
        let (Destination::File(_, name) | Destination::Stream(_, name)) = self;
        name.clone()
    }
}

/// Takes bytes and cannot take them back.
pub(crate) struct Stream(Box<dyn Write>);

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl RestoreWriter for Stream {
    fn restart(&mut self) -> io::Result<Restart> {
        Ok(Restart::Impossible)
    }
}

/// A file name made from an archive id: neither an option nor a path.
fn default_name(archive_id: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    format!("archive-{}", archive_id.chars().take(16).map(safe).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_name_is_a_plain_file_name() {
        assert_eq!(default_name("-abcdefghijklmnopqrst"), "archive--abcdefghijklmno");
        assert_eq!(default_name("../é b"), "archive-..___b");
    }
}
