//! Files of settings, read whole: bounded in size and, where a file is a pipe or a device, in time.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use zeroize::Zeroizing;

/// How long a pipe or a device may take to supply all of its bytes. A regular file is read at once.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads the file at `path`, of at most `limit` bytes, which may be secret.
///
/// # Errors
/// [`ReadError`]
pub(crate) fn read(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    read_within(path, limit, PATIENCE)
}

fn read_within(path: &Path, limit: u64, patience: Duration) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    let found = std::fs::metadata(path).map_err(ReadError::System)?;
    if found.is_dir() {
        return Err(ReadError::Directory);
    }
    if found.is_file() {
        return read_all(path, limit);
    }
    // Opening a pipe waits for its writer, and nothing can interrupt that; the thread then ends with the process.
    let (sender, receiver) = mpsc::sync_channel(1);
    let path = path.to_owned();
    std::thread::spawn(move || sender.send(read_all(&path, limit)));
    receiver.recv_timeout(patience).unwrap_or(Err(ReadError::Silent { after: patience }))
}

fn read_all(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    let file = File::open(path).map_err(ReadError::System)?;
    let size = file.metadata().map_or(0, |found| found.len()).min(limit);
    // With room for all of it, so that no part of it stays behind in memory that was given back.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1));
    file.take(limit + 1).read_to_end(&mut bytes).map_err(ReadError::System)?;
    if bytes.len() as u64 > limit { Err(ReadError::TooLarge { limit }) } else { Ok(bytes) }
}

/// What is wrong with a file in UTF-16.
pub(crate) const UTF16: &str =
    "it is not UTF-8 text but UTF-16 or binary: save it as UTF-8 (PowerShell: Set-Content -Encoding utf8)";

/// Whether a file begins with the byte order mark of UTF-16.
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF")
}

/// The text of such a file.
///
/// # Errors
/// What is wrong, without the text.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, String> {
    if is_utf16(bytes) || bytes.iter().take(64).any(|byte| *byte == 0) {
        return Err(UTF16.to_owned());
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("line {line}: it is not UTF-8 text: save the file as UTF-8")
    })
}

/// Why a file was not read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The system's error.
    System(io::Error),
    /// It is a directory.
    Directory,
    /// It is larger than any such file.
    TooLarge {
        /// Bytes.
        limit: u64,
    },
    /// A pipe or a device has not come to its end.
    Silent {
        /// The time it was given.
        after: Duration,
    },
}

impl ReadError {
    /// Whether there is no such file.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::System(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory))
    }

    /// The system's error, if it is one.
    pub(crate) fn into_system(self) -> Option<io::Error> {
        match self {
            Self::System(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(error) => error.fmt(f),
            Self::Directory => f.write_str("it is a directory: name a file"),
            Self::TooLarge { limit } => {
                write!(f, "it has more than {} KiB, the maximum for such a file: name another one", limit / 1024)
            }
            Self::Silent { after } => {
                write!(f, "it is a pipe or a device that did not come to its end within {} s: name a file", after.as_secs())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, [b'x'; 10]).unwrap();
        assert_eq!(read(&path, 10).unwrap().as_slice(), [b'x'; 10]);
        assert!(matches!(read(&path, 9), Err(ReadError::TooLarge { limit: 9 })));
        assert!(matches!(read(folder.path(), 9), Err(ReadError::Directory)));
        assert!(read(&folder.path().join("none"), 9).unwrap_err().is_missing());
        assert!(read(&path.join("below"), 9).unwrap_err().is_missing());
    }

    #[cfg(unix)]
    #[test]
    fn devices_and_pipes_are_bounded() {
        assert!(read(Path::new("/dev/null"), 9).unwrap().is_empty());
        assert!(matches!(read(Path::new("/dev/zero"), 1 << 20), Err(ReadError::TooLarge { .. })));
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let silent = read_within(&pipe, 9, Duration::from_millis(50)).unwrap_err();
        assert!(matches!(silent, ReadError::Silent { .. }), "{silent}");
        // A pipe with a writer, as the shell's <(...).
        let pipe = folder.path().join("written");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::write(pipe, "abc")
        });
        assert_eq!(read(&pipe, 9).unwrap().as_slice(), b"abc");
        writer.join().unwrap().unwrap();
    }

    #[test]
    fn text_that_is_not_utf8_is_named() {
        assert_eq!(text("\u{feff}[a]\nü = 1".as_bytes()), Ok("\u{feff}[a]\nü = 1"));
        for utf16 in [&b"\xFF\xFE[\0a\0"[..], b"\xFE\xFF\0[\0a", b"[\0a\0]\0"] {
            assert!(text(utf16).unwrap_err().contains("UTF-16"));
        }
        assert!(text(b"[a]\nb\n\xFF").unwrap_err().starts_with("line 3"));
    }
}
