//! The file under the database, locked by this process, with its fsyncs watched.

use std::io;

use redb::StorageBackend;

use super::synced::Syncs;
use crate::local::disk::DiskFile;

/// The file of the database.
#[derive(Debug)]
pub(super) struct IndexBackend {
    file: Box<dyn DiskFile>,
    syncs: Syncs,
}

impl IndexBackend {
    /// Takes the file, which must not be in use elsewhere.
    pub(super) fn new(file: Box<dyn DiskFile>, syncs: &Syncs) -> Result<Self, redb::Error> {
        if file.lock()? { Ok(IndexBackend { file, syncs: syncs.clone() }) } else { Err(redb::Error::DatabaseAlreadyOpen) }
    }
}

impl StorageBackend for IndexBackend {
    fn len(&self) -> io::Result<u64> {
        self.file.length()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_at(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_length(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.syncs.with(|| self.file.sync())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write_at(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.unlock()
    }
}
