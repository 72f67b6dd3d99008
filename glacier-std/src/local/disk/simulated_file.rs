//! An open file of a simulated disk.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::interface::DiskFile;
use super::simulated_state::{Inner, place};

/// An open file.
#[derive(Debug)]
pub(super) struct SimulatedFile {
    inner: Arc<Mutex<Inner>>,
    node: usize,
    /// The name that it was opened by.
    path: PathBuf,
}

impl SimulatedFile {
    pub(super) fn new(inner: Arc<Mutex<Inner>>, node: usize, path: &Path) -> Self {
        SimulatedFile { inner, node, path: path.into() }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DiskFile for SimulatedFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.inner().state.bytes(self.node).len() as u64)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let inner = self.inner();
        let start = usize::try_from(offset).unwrap();
        let found = inner.state.bytes(self.node).get(start..start + into.len());
        into.copy_from_slice(found.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.inner();
        inner.before("write", &self.path)?;
        inner.state.write(self.node, usize::try_from(offset).unwrap(), bytes);
        Ok(())
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        let mut inner = self.inner();
        inner.before("set length", &self.path)?;
        inner.state.set_length(self.node, usize::try_from(length).unwrap());
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut inner = self.inner();
        if let Err(error) = inner.before("sync", &self.path) {
            let Inner { state, random, .. } = &mut *inner;
            state.lose_unsynced(self.node, random);
            return Err(error);
        }
        if !inner.state.is_ignored(&format!("sync {}", place(&self.path))) {
            inner.state.sync_file(self.node);
        }
        Ok(())
    }

    fn lock(&self) -> io::Result<bool> {
        Ok(self.inner().state.lock(self.node, true))
    }

    fn unlock(&self) -> io::Result<()> {
        self.inner().state.lock(self.node, false);
        Ok(())
    }
}
