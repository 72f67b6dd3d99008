//! Where a restored archive goes.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use glacier_std::transfer::{NewFile, Restart, RestoreWriter};

use super::error::CommandError;
use super::named_descriptor::open_for_writing;
use super::unfinished;
use crate::output::quoted;

/// Where a restored archive goes, under the name that the user gave it.
pub(crate) enum Destination {
    /// A file that appears once everything is verified.
    File(NewFile, PathBuf),
    /// Standard output, a pipe or a device: it gets the bytes as they arrive.
    Stream(Stream, PathBuf),
}

impl Destination {
    /// Opens `path`, or else a new file of this directory named after the archive.
    pub(crate) async fn open(path: Option<&Path>, archive_id: &str) -> Result<Self, CommandError> {
        let Some(path) = path else {
            let path = PathBuf::from(default_name(archive_id));
            return match NewFile::beside(&path, false) {
                Ok(file) => Ok(Destination::file(file, &path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(CommandError::usage(format_args!(
                    "{} already exists: use -o FILE, which replaces an existing file",
                    path.display()
                ))),
                Err(error) => Err(CommandError::file(&path, &error)),
            };
        };
        if path == Path::new("-") {
            let stdout = io::stdout().lock();
            refuse_terminal(&stdout, "standard output")?;
            return Ok(Destination::Stream(Stream(Box::new(stdout)), "standard output".into()));
        }
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::IsADirectory => CommandError::usage(format_args!(
                "{} is a directory: name a file in it, for example -o {}",
                path.display(),
                quoted(path.join(default_name(archive_id)))
            )),
            _ => CommandError::file(path, &error),
        };
        if let Some(descriptor) = open_for_writing(path) {
            let file = descriptor.map_err(|error| CommandError::usage(format_args!("{}: {error}", path.display())))?;
            refuse_terminal(&file, &path.display().to_string())?;
            return Ok(Destination::Stream(Stream(Box::new(file)), path.to_owned()));
        }
        match fs::metadata(path) {
            Ok(found) if !found.is_file() && !found.is_dir() => {
                let file = open_when_ready(path).await.map_err(failed)?;
                Ok(Destination::Stream(Stream(Box::new(file)), path.to_owned()))
            }
            _ => Ok(Destination::file(NewFile::beside(path, true).map_err(failed)?, path)),
        }
    }

    fn file(file: NewFile, path: &Path) -> Self {
        unfinished::remove_on_exit(file.temporary_path());
        Destination::File(file, path.to_owned())
    }

    pub(crate) fn name(&self) -> PathBuf {
        let (Destination::File(_, name) | Destination::Stream(_, name)) = self;
        name.clone()
    }
}

/// Opens a pipe or a device on another thread: a pipe without a reader would hold this one, and signals with it.
async fn open_when_ready(path: &Path) -> io::Result<fs::File> {
    let path = path.to_owned();
    let opened = tokio::task::spawn_blocking(move || fs::OpenOptions::new().write(true).open(path)).await;
    opened.unwrap_or_else(|failed| Err(io::Error::other(failed)))
}

/// An archive is binary, and could do anything to a terminal.
fn refuse_terminal(stream: &impl IsTerminal, name: &str) -> Result<(), CommandError> {
    if !stream.is_terminal() {
        return Ok(());
    }
    Err(CommandError::usage(format_args!(
        "{name} is a terminal, and an archive is binary data, which can disturb it: name a file with -o FILE, send it to a program with \
         -o - | PROGRAM, or use -o /dev/tty to see it all the same"
    )))
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
