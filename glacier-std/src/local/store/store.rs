//! The store of one folder: records and files together.

use std::path::Path;

use super::blobs::Blobs;
use super::error::StoreError;
use super::open_error::OpenError;
use super::reader::ReadRecords;
use super::records::Records;

/// Records and files of one folder.
pub(crate) struct Store {
    pub(crate) records: Records,
    pub(crate) blobs: Blobs,
}

/// What opening a folder found and repaired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovery {
    /// Files that belonged to nothing acknowledged, left by a crash. They were removed.
    pub removed: u64,
    /// Files that records name and that are absent. The archives they belong to cannot be downloaded.
    pub missing: u64,
}

impl Store {
    /// Opens the store in `folder`, or makes one in a folder that is empty or absent. Files that a crash left are removed.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Recovery), OpenError> {
        let records = Records::open(folder)?;
        let blobs = Blobs::open(folder).map_err(|error| OpenError::io(folder, error))?;
        let store = Store { records, blobs };
        let recovery = store.sweep().map_err(|error| OpenError::recovery(folder, error))?;
        Ok((store, recovery))
    }

    fn sweep(&self) -> Result<Recovery, StoreError> {
        self.records.read(|reader| {
            let swept = self.blobs.sweep(|blob| reader.has_blob(blob))?;
            Ok(Recovery { removed: swept.removed, missing: reader.blob_count()?.saturating_sub(swept.named) })
        })
    }
}
