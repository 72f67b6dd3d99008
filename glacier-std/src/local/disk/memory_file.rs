//! A file in memory. It has no name: the disk gives it one, and takes it away.

use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::file_id::FileId;
use super::interface::{DiskFile, Entry, EntryKind};

/// The bytes of a file, shared by all who have it open.
#[derive(Debug)]
pub(super) struct Content {
    id: FileId,
    bytes: RwLock<Vec<u8>>,
    changes: AtomicU64,
    locked: AtomicBool,
}

impl Content {
    pub(super) fn new(id: FileId) -> Self {
        Content { id, bytes: RwLock::default(), changes: AtomicU64::new(0), locked: AtomicBool::new(false) }
    }

    pub(super) fn entry(&self) -> Entry {
        let length = self.bytes.read().unwrap_or_else(PoisonError::into_inner).len() as u64;
        let changed = self.changes.load(Ordering::Relaxed);
        Entry { kind: EntryKind::File, length, id: self.id, mode: Some(0o600), changed }
    }
}

/// An open file.
#[derive(Debug)]
pub(super) struct MemoryFile {
    content: Arc<Content>,
    /// Whether this is the one that has locked the file.
    holds_lock: AtomicBool,
}

impl MemoryFile {
    pub(super) fn new(content: Arc<Content>) -> Self {
        MemoryFile { content, holds_lock: AtomicBool::new(false) }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        self.content.changes.fetch_add(1, Ordering::Relaxed);
        change(&mut self.content.bytes.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl DiskFile for MemoryFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.content.entry().length)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let bytes = self.content.bytes.read().unwrap_or_else(PoisonError::into_inner);
        let start = index(offset)?;
        let found = start.checked_add(into.len()).and_then(|end| bytes.get(start..end));
        into.copy_from_slice(found.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, offset: u64, from: &[u8]) -> io::Result<()> {
        let start = index(offset)?;
        let end = start.checked_add(from.len()).ok_or(ErrorKind::FileTooLarge)?;
        self.change(|bytes| {
            if start == bytes.len() {
                bytes.extend_from_slice(from);
                return;
            }
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            if let Some(place) = bytes.get_mut(start..end) {
                place.copy_from_slice(from);
            }
        });
        Ok(())
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        let length = index(length)?;
        self.change(|bytes| bytes.resize(length, 0));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self) -> io::Result<bool> {
        let free = !self.content.locked.swap(true, Ordering::AcqRel);
        if free {
            self.holds_lock.store(true, Ordering::Relaxed);
        }
        Ok(free)
    }

    fn unlock(&self) -> io::Result<()> {
        if self.holds_lock.swap(false, Ordering::Relaxed) {
            self.content.locked.store(false, Ordering::Release);
        }
        Ok(())
    }
}

impl Drop for MemoryFile {
    fn drop(&mut self) {
        let _ = self.unlock();
    }
}

fn index(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(|_| ErrorKind::FileTooLarge.into())
}
