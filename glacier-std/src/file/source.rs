//! A file, or a range of a file, as a request's body.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use embedded_io_async::{ErrorType, Read};
use glacier_core::{ByteRange, Source};

use super::error::{FileError, FileErrorKind};

/// A file, or a range of it, to be uploaded.
///
/// Its size and time of modification are recorded when it is opened, and compared before the last bytes are read. If the file was
/// written to, reading fails, so that the request is aborted and nothing becomes an archive.
///
/// Reads block the thread for as long as the system needs: 20 to 50 microseconds for 128 KiB from the page cache, which is less
/// than a switch to another thread and back; a read from the disk takes longer. Every few megabytes a read yields, so that a long
/// pass shares its thread and can be cancelled.
#[derive(Clone, Debug)]
pub struct FileSource {
    opened: Arc<Opened>,
    /// Where the body begins in the file.
    start: u64,
    len: u64,
    /// Where the next read begins in the body.
    at: u64,
}

/// An open file, and its size and time of modification when it was opened.
#[derive(Debug)]
struct Opened {
    path: PathBuf,
    file: File,
    size: u64,
    modified: Option<SystemTime>,
}

impl FileSource {
    /// Opens a file. An empty one can be opened and hashed, though the service does not accept it.
    ///
    /// # Errors
    /// [`FileError`] when it does not exist, may not be read, or is not a regular file. A file of `/proc` or `/sys`, whose size is
    /// known only once it is read, counts as not regular.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let failed = |error| FileError::opening(path, error);
        // Before it is opened, as opening a pipe waits for a writer.
        check_kind(path, &std::fs::metadata(path).map_err(failed)?)?;
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        check_kind(path, &metadata)?;
        let (size, modified) = (metadata.len(), metadata.modified().ok());
        let opened = Opened { path: path.to_owned(), file, size, modified };
        if !opened.has_its_size() && opened.check_unchanged().is_ok() {
            return Err(FileError::new(path, FileErrorKind::NotRegularFile));
        }
        let opened = Arc::new(opened);
        Ok(FileSource { opened, start: 0, len: size, at: 0 })
    }

    /// A range of this body as another body, such as a part. Both share the open file.
    ///
    /// # Errors
    /// [`FileError`] when the range ends after the end of this body.
    pub fn range(&self, range: ByteRange) -> Result<FileSource, FileError> {
        if range.last() >= self.len {
            return Err(FileError::new(&self.opened.path, FileErrorKind::OutOfRange { last: range.last(), size: self.len }));
        }
        Ok(FileSource { opened: Arc::clone(&self.opened), start: self.start + range.first(), len: range.len(), at: 0 })
    }

    /// The path by which it was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.opened.path
    }

    /// As [`read`](Read::read), for a thread that may block.
    pub(crate) fn read_blocking(&mut self, into: &mut [u8]) -> Result<usize, FileError> {
        let left = self.len.saturating_sub(self.at);
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(into.len());
        let Some(room) = into.get_mut(..most).filter(|room| !room.is_empty()) else { return Ok(0) };
        let got = self.opened.read_at(room, self.start + self.at).map_err(|error| self.failed(error))?;
        // The file is shorter now, or these are the last bytes.
        if got == 0 || got as u64 == left {
            self.opened.check_unchanged()?;
        }
        self.at += got as u64;
        Ok(got)
    }

    /// The error of a read.
    pub(crate) fn failed(&self, error: io::Error) -> FileError {
        self.opened.failed(error)
    }

    /// When the file was last modified before it was opened, if the system knows.
    #[must_use]
    pub fn modified(&self) -> Option<SystemTime> {
        self.opened.modified
    }
}

impl Opened {
    fn failed(&self, error: io::Error) -> FileError {
        FileError::io(&self.path, error)
    }

    fn check_unchanged(&self) -> Result<(), FileError> {
        let now = self.file.metadata().map_err(|error| self.failed(error))?;
        let same = now.len() == self.size && now.modified().ok() == self.modified;
        if same { Ok(()) } else { Err(FileError::new(&self.path, FileErrorKind::Changed { was: self.size, is: now.len() })) }
    }

    /// Whether the file ends where the system says. One that is made while it is read, as in `/proc`, does not.
    fn has_its_size(&self) -> bool {
        let mut byte = [0];
        let mut bytes_at = |offset| self.read_at(&mut byte, offset).ok();
        let last = self.size.checked_sub(1).map_or(Some(1), &mut bytes_at);
        // A file that cannot be read fails later, with its own error.
        last != Some(0) && bytes_at(self.size) != Some(1)
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        loop {
            match read_at(&self.file, into, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, offset)
}

#[cfg(windows)]
fn read_at(file: &File, into: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, offset)
}

fn check_kind(path: &Path, metadata: &Metadata) -> Result<(), FileError> {
    match (metadata.is_file(), metadata.is_dir()) {
        (true, _) => Ok(()),
        (false, true) => Err(FileError::new(path, FileErrorKind::IsDirectory)),
        (false, false) => Err(FileError::new(path, FileErrorKind::NotRegularFile)),
    }
}

impl ErrorType for FileSource {
    type Error = FileError;
}

impl Read for FileSource {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, FileError> {
        tokio::task::coop::consume_budget().await;
        self.read_blocking(into)
    }
}

impl Source for FileSource {
    fn size(&self) -> u64 {
        self.len
    }

    async fn rewind(&mut self) -> Result<(), FileError> {
        self.at = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::OpenOptions;
    use std::io::Write;
    use std::time::Duration;

    async fn all(source: &mut FileSource, step: usize) -> Result<Vec<u8>, FileError> {
        let (mut read, mut piece) = (Vec::new(), vec![0; step]);
        loop {
            match source.read(&mut piece).await? {
                0 => return Ok(read),
                count => read.extend_from_slice(&piece[..count]),
            }
        }
    }

    fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    #[tokio::test]
    async fn a_file_and_its_ranges_can_be_read_repeatedly() {
        let bytes: Vec<u8> = (0..=255).collect();
        let (_folder, path) = file(&bytes);
        let mut whole = FileSource::open(&path).unwrap();
        assert_eq!(whole.size(), 256);
        for step in [1, 100, 256, 1000] {
            whole.rewind().await.unwrap();
            assert_eq!(all(&mut whole, step).await.unwrap(), bytes);
        }
        let mut part = whole.range(ByteRange::new(10, 99).unwrap()).unwrap();
        let mut inner = part.range(ByteRange::new(5, 5).unwrap()).unwrap();
        assert_eq!((part.size(), inner.size()), (90, 1));
        assert_eq!(all(&mut part, 7).await.unwrap(), bytes[10..100]);
        assert_eq!(all(&mut inner, 7).await.unwrap(), [15]);
        for beyond in [ByteRange::new(256, 256), ByteRange::new(0, 256)] {
            assert!(matches!(whole.range(beyond.unwrap()).unwrap_err().kind(), FileErrorKind::OutOfRange { size: 256, .. }));
        }
        assert!(part.range(ByteRange::new(0, 90).unwrap()).is_err(), "after the end of the part, not of the file");
    }

    #[tokio::test]
    async fn a_change_is_detected_before_the_last_bytes_are_read() {
        type Change = fn(&Path);
        let changes: [(&str, Change); 4] = [
            ("longer", |path| OpenOptions::new().append(true).open(path).unwrap().write_all(b"x").unwrap()),
            ("shorter", |path| OpenOptions::new().write(true).open(path).unwrap().set_len(50).unwrap()),
            ("empty", |path| OpenOptions::new().write(true).open(path).unwrap().set_len(0).unwrap()),
            ("same size", |path| {
                let file = OpenOptions::new().write(true).open(path).unwrap();
                file.set_modified(SystemTime::now() + Duration::from_secs(5)).unwrap();
            }),
        ];
        for (name, change) in changes {
            let (_folder, path) = file(&[7; 100]);
            let mut source = FileSource::open(&path).unwrap();
            let mut first = [0; 20];
            source.read(&mut first).await.unwrap();
            change(&path);
            let (mut given, mut piece) = (20, [0; 20]);
            let error = loop {
                match source.read(&mut piece).await {
                    Ok(0) => panic!("{name}: ended without an error"),
                    Ok(count) => given += count,
                    Err(error) => break error,
                }
            };
            assert!(given < 100, "{name}: all bytes were read");
            assert!(matches!(error.kind(), FileErrorKind::Changed { was: 100, .. }), "{name}: {error}");
            assert!(error.to_string().contains("upload it again"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_replaced_file_is_read_as_it_was_when_opened() {
        let (folder, path) = file(b"first");
        let mut source = FileSource::open(&path).unwrap();
        std::fs::write(folder.path().join("new"), b"second").unwrap();
        std::fs::rename(folder.path().join("new"), &path).unwrap();
        assert_eq!(all(&mut source, 100).await.unwrap(), b"first");
    }

    #[test]
    fn the_error_says_why_a_file_cannot_be_opened() {
        let folder = tempfile::tempdir().unwrap();
        let missing = FileSource::open(&folder.path().join("none")).unwrap_err();
        let source = std::error::Error::source(&missing).and_then(|source| source.downcast_ref::<io::Error>());
        assert_eq!(source.map(io::Error::kind), Some(io::ErrorKind::NotFound));
        assert!(matches!(missing.kind(), FileErrorKind::NotFound), "{missing}");
        let directory = FileSource::open(folder.path()).unwrap_err();
        assert!(matches!(directory.kind(), FileErrorKind::IsDirectory) && directory.to_string().contains("tar"), "{directory}");
        assert_eq!(directory.path(), folder.path());
    }

    #[cfg(unix)]
    #[test]
    fn devices_and_unreadable_files_are_errors() {
        use std::os::unix::fs::PermissionsExt;
        let device = FileSource::open(Path::new("/dev/null")).unwrap_err();
        assert!(matches!(device.kind(), FileErrorKind::NotRegularFile), "{device}");
        let (_folder, path) = file(b"secret");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
        match FileSource::open(&path) {
            Err(error) => assert!(matches!(error.kind(), FileErrorKind::PermissionDenied), "{error}"),
            // Root may read it anyway.
            Ok(_) => assert!(File::open(&path).is_ok()),
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_without_its_size_is_not_regular() {
        // 0 bytes by its metadata, and 4096.
        for path in ["/proc/cpuinfo", "/sys/kernel/mm/transparent_hugepage/enabled"].map(Path::new) {
            if std::fs::read(path).is_ok() {
                let error = FileSource::open(path).unwrap_err();
                assert!(matches!(error.kind(), FileErrorKind::NotRegularFile), "{error}");
            }
        }
    }

    #[tokio::test]
    async fn an_empty_file_has_no_bytes() {
        let (_folder, path) = file(b"");
        let mut source = FileSource::open(&path).unwrap();
        assert_eq!((source.size(), all(&mut source, 10).await.unwrap().len()), (0, 0));
    }
}
