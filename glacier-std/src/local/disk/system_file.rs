//! An open file of the operating system.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};

use super::interface::DiskFile;

/// An open file.
#[derive(Debug)]
pub(super) struct SystemFile {
    file: File,
}

impl SystemFile {
    pub(super) fn new(file: File) -> Self {
        SystemFile { file }
    }
}

impl DiskFile for SystemFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::read_exact_at(&self.file, into, offset);
        #[cfg(windows)]
        {
            let mut done = 0;
            while let Some(rest) = into.get_mut(done..).filter(|rest| !rest.is_empty()) {
                match std::os::windows::fs::FileExt::seek_read(&self.file, rest, offset + done as u64)? {
                    0 => return Err(ErrorKind::UnexpectedEof.into()),
                    read => done += read,
                }
            }
            Ok(())
        }
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::write_all_at(&self.file, bytes, offset);
        #[cfg(windows)]
        {
            let mut done = 0;
            while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
                match std::os::windows::fs::FileExt::seek_write(&self.file, rest, offset + done as u64)? {
                    0 => return Err(ErrorKind::WriteZero.into()),
                    written => done += written,
                }
            }
            Ok(())
        }
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// On a file system without locks, whoever uses it has to see to it that there is one process.
    fn lock(&self) -> io::Result<bool> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn unlock(&self) -> io::Result<()> {
        match self.file.unlock() {
            Err(error) if error.kind() != ErrorKind::Unsupported => Err(error),
            _ => Ok(()),
        }
    }
}
