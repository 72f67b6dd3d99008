//! A file, or a range of one, as a body that can be read twice.

use std::fmt;
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use embedded_io_async::{ErrorKind, ErrorType, Read};
use glacier_core::{ByteRange, Source};

/// A file, or a range of it, to be uploaded.
///
/// What the file was when it was opened is remembered. Before a pass over it gives its last bytes, the file is looked at again; if it was
/// written to, reading fails, so that the request is broken off and nothing becomes an archive.
///
/// Reads block the thread for as long as the system takes: some 20 to 50 microseconds for 128 KiB from the page cache, which is less than handing
/// the read to another thread and back would cost; a disk takes longer, as the kernel reads ahead mostly once every few reads. Every few
/// megabytes a read lets other tasks run, so a long hashing pass can be cancelled and shares its thread.
#[derive(Clone, Debug)]
pub struct FileSource {
    opened: Arc<Opened>,
    /// Where in the file this body begins.
    start: u64,
    len: u64,
    /// Where in the body the next read goes on.
    at: u64,
}

/// A file and what it was like when it was opened.
#[derive(Debug)]
struct Opened {
    path: PathBuf,
    file: File,
    size: u64,
    modified: Option<SystemTime>,
}

impl FileSource {
    /// Opens a file. An empty one can be opened and hashed; it is the service that refuses to keep it.
    ///
    /// # Errors
    /// [`FileError`] when there is none, it may not be read, or it is no regular file.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let failed = |error| FileError::new(path, Fault::from_open(error));
        // Before it is opened: opening a pipe waits for a writer.
        check_kind(path, &std::fs::metadata(path).map_err(failed)?)?;
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        check_kind(path, &metadata)?;
        let (size, modified) = (metadata.len(), metadata.modified().ok());
        let opened = Arc::new(Opened { path: path.to_owned(), file, size, modified });
        Ok(FileSource { opened, start: 0, len: size, at: 0 })
    }

    /// A range of this body as a body of its own: a part. It shares the open file.
    ///
    /// # Errors
    /// [`FileError`] when the range reaches beyond the end.
    pub fn range(&self, range: ByteRange) -> Result<FileSource, FileError> {
        if range.last() >= self.len {
            return Err(FileError::new(&self.opened.path, Fault::Beyond { last: range.last(), size: self.len }));
        }
        Ok(FileSource { opened: Arc::clone(&self.opened), start: self.start + range.first(), len: range.len(), at: 0 })
    }

    /// The path it was opened by.
    pub fn path(&self) -> &Path {
        &self.opened.path
    }

    /// As [`read`](Read::read), for a thread that may wait.
    pub(crate) fn read_blocking(&mut self, into: &mut [u8]) -> Result<usize, FileError> {
        let left = self.len.saturating_sub(self.at);
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(into.len());
        let Some(room) = into.get_mut(..most).filter(|room| !room.is_empty()) else { return Ok(0) };
        let got = self.opened.read_at(room, self.start + self.at).map_err(|error| self.failed(error))?;
        // It has become shorter, or these are the last bytes.
        if got == 0 || got as u64 == left {
            self.opened.check_unchanged()?;
        }
        self.at += got as u64;
        Ok(got)
    }

    /// Why it could not be read.
    pub(crate) fn failed(&self, error: io::Error) -> FileError {
        self.opened.fail(Fault::Read(error))
    }

    /// When the file was last written to before it was opened, where the system knows.
    pub fn modified(&self) -> Option<SystemTime> {
        self.opened.modified
    }
}

impl Opened {
    fn fail(&self, fault: Fault) -> FileError {
        FileError::new(&self.path, fault)
    }

    fn check_unchanged(&self) -> Result<(), FileError> {
        let now = self.file.metadata().map_err(|error| self.fail(Fault::Read(error)))?;
        let same = now.len() == self.size && now.modified().ok() == self.modified;
        if same { Ok(()) } else { Err(self.fail(Fault::Changed { was: self.size, is: now.len() })) }
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
        (false, true) => Err(FileError::new(path, Fault::Directory)),
        (false, false) => Err(FileError::new(path, Fault::Special)),
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

/// What is wrong with a file.
#[derive(Debug)]
pub struct FileError {
    path: PathBuf,
    fault: Fault,
}

/// Which thing it is that is wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// There is no such file.
    Missing,
    /// It may not be read.
    Denied,
    /// It is a folder.
    Directory,
    /// It is a pipe, a device or a socket.
    Special,
    /// It was written to since it was opened.
    Changed {
        /// Its size when it was opened, in bytes.
        was: u64,
        /// Its size now.
        is: u64,
    },
    /// A range of it ends behind its end.
    Beyond {
        /// The range's last byte.
        last: u64,
        /// Bytes in the file.
        size: u64,
    },
    /// Anything else that the system says.
    Read(io::Error),
}

impl Fault {
    fn from_open(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Fault::Missing,
            io::ErrorKind::PermissionDenied => Fault::Denied,
            _ => Fault::Read(error),
        }
    }
}

impl FileError {
    fn new(path: &Path, fault: Fault) -> Self {
        FileError { path: path.to_owned(), fault }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong with it.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.fault {
            Fault::Missing => write!(f, "{path}: there is no such file"),
            Fault::Denied => write!(f, "{path}: no permission to read it"),
            Fault::Directory => write!(f, "{path}: it is a folder; pack it into one file first, for example with tar"),
            Fault::Special => write!(f, "{path}: it is no regular file; to upload what comes out of it, give it on standard input"),
            Fault::Changed { was, is } if was != is => {
                write!(
                    f,
                    "{path}: it changed while it was read ({was} bytes before, {is} now); upload it again when nothing writes to it"
                )
            }
            Fault::Changed { .. } => write!(f, "{path}: it changed while it was read; upload it again when nothing writes to it"),
            Fault::Beyond { last, size } => write!(f, "{path}: byte {last} is behind its end, it has {size} bytes"),
            Fault::Read(error) => write!(f, "{path}: {error}"),
        }
    }
}

impl std::error::Error for FileError {}

impl embedded_io_async::Error for FileError {
    fn kind(&self) -> ErrorKind {
        match &self.fault {
            Fault::Missing => ErrorKind::NotFound,
            Fault::Denied => ErrorKind::PermissionDenied,
            Fault::Directory | Fault::Special | Fault::Beyond { .. } => ErrorKind::InvalidInput,
            Fault::Changed { .. } => ErrorKind::InvalidData,
            Fault::Read(error) => error.kind().into(),
        }
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
    async fn a_file_and_its_ranges_are_read_as_often_as_wanted() {
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
            assert!(matches!(whole.range(beyond.unwrap()).unwrap_err().fault(), Fault::Beyond { size: 256, .. }));
        }
        assert!(part.range(ByteRange::new(0, 90).unwrap()).is_err(), "beyond the part, not the file");
    }

    #[tokio::test]
    async fn a_change_is_noticed_before_the_last_bytes_are_given() {
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
                    Ok(0) => panic!("{name}: ended as if nothing had happened"),
                    Ok(count) => given += count,
                    Err(error) => break error,
                }
            };
            assert!(given < 100, "{name}: all bytes were given");
            assert!(matches!(error.fault(), Fault::Changed { was: 100, .. }), "{name}: {error}");
            assert!(error.to_string().contains("upload it again"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_file_replaced_by_another_is_still_the_one_that_was_opened() {
        let (folder, path) = file(b"first");
        let mut source = FileSource::open(&path).unwrap();
        std::fs::write(folder.path().join("new"), b"second").unwrap();
        std::fs::rename(folder.path().join("new"), &path).unwrap();
        assert_eq!(all(&mut source, 100).await.unwrap(), b"first");
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let missing = FileSource::open(&folder.path().join("none")).unwrap_err();
        assert!(matches!(missing.fault(), Fault::Missing), "{missing}");
        let directory = FileSource::open(folder.path()).unwrap_err();
        assert!(matches!(directory.fault(), Fault::Directory) && directory.to_string().contains("tar"), "{directory}");
        assert_eq!(directory.path(), folder.path());
    }

    #[cfg(unix)]
    #[test]
    fn pipes_and_files_of_others_are_refused() {
        use std::os::unix::fs::PermissionsExt;
        let device = FileSource::open(Path::new("/dev/null")).unwrap_err();
        assert!(matches!(device.fault(), Fault::Special), "{device}");
        let (_folder, path) = file(b"secret");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
        match FileSource::open(&path) {
            Err(error) => assert!(matches!(error.fault(), Fault::Denied), "{error}"),
            // Root may read it all the same.
            Ok(_) => assert!(File::open(&path).is_ok()),
        }
    }

    #[tokio::test]
    async fn an_empty_file_has_an_end() {
        let (_folder, path) = file(b"");
        let mut source = FileSource::open(&path).unwrap();
        assert_eq!((source.size(), all(&mut source, 10).await.unwrap().len()), (0, 0));
    }
}
