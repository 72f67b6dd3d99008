//! What can go wrong in the store. All of it is a failure of this service, and none the fault of a request.

use std::fmt;
use std::io;

use crate::local::model::BlobId;

/// The store failed.
#[derive(Debug)]
pub(crate) enum StoreError {
    /// A file could not be read or written.
    Disk(io::Error),
    /// The database failed otherwise.
    Database(Box<redb::Error>),
    /// A record could not be read or written.
    Record(serde_json::Error),
    /// A record is not what was written.
    DamagedRecord,
    /// After a failure, the database could not be opened again.
    Reopen(Box<redb::Error>),
    /// Another thread is opening the database again.
    Reopening,
    /// After a failed fsync, nothing more is stored.
    Unsynced(String),
    /// The file with the records is not where it was: what is stored now would be found by nobody.
    IndexGone,
    /// The file of an archive is absent, or not as long as its record says.
    MissingBlob(BlobId),
    /// The file of an archive has other bytes than were uploaded.
    DamagedBlob(BlobId),
    /// An archive was deleted while it was read.
    DeletedBlob,
}

/// The error of what is done in a transaction: the store has to know its own failures among the others.
pub(crate) trait TransactionError: From<StoreError> {
    /// The store's own failure, if it is one.
    fn store_error(&self) -> Option<&StoreError>;
}

impl TransactionError for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

impl StoreError {
    /// Whether the database has to be opened again: after a failed write it accepts nothing more.
    pub(super) fn closes_database(&self) -> bool {
        matches!(self, StoreError::Disk(_) | StoreError::Database(_))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Disk(error) => match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => write!(
                    f,
                    "The disk that holds the archives is full ({error}): nothing was stored; free some space and try again"
                ),
                _ => write!(f, "The disk that holds the archives failed: {error}"),
            },
            StoreError::Database(error) => write!(f, "The database of the archives failed: {error}"),
            StoreError::Record(error) => write!(f, "A record in the database cannot be read: {error}"),
            StoreError::DamagedRecord => f.write_str(
                "A record in the database of the archives is damaged: stop the service, run `glacier fsck` on the folder, and put back glacier.redb \
                 from a copy",
            ),
            StoreError::Reopen(error) => write!(f, "The database of the archives cannot be opened again: {error}"),
            StoreError::Reopening => f.write_str("The database of the archives is being opened again: try again"),
            StoreError::Unsynced(reason) => write!(
                f,
                "The disk that holds the archives did not keep what it was given ({reason}): nothing more is stored until the folder is \
                 opened again; check the disk first"
            ),
            StoreError::IndexGone => f.write_str(
                "The file with the records was moved or deleted while it is in use, so nothing more is stored: put glacier.redb back",
            ),
            StoreError::MissingBlob(blob) => {
                write!(f, "The stored file blobs/{blob} of the archive is missing or cut: put it back from a copy")
            }
            StoreError::DamagedBlob(blob) => write!(
                f,
                "The stored file blobs/{blob} is damaged, its bytes are not those that were uploaded: put it back from a copy"
            ),
            StoreError::DeletedBlob => f.write_str("The archive was deleted while it was read"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            StoreError::Disk(error) => Some(error),
            StoreError::Database(error) | StoreError::Reopen(error) => Some(error),
            StoreError::Record(error) => Some(error),
            StoreError::DamagedRecord | StoreError::Reopening | StoreError::Unsynced(_) | StoreError::IndexGone => None,
            StoreError::MissingBlob(_) | StoreError::DamagedBlob(_) | StoreError::DeletedBlob => None,
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        StoreError::Disk(error)
    }
}

impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Io(error) => StoreError::Disk(error),
            error => StoreError::Database(Box::new(error)),
        }
    }
}

impl From<redb::TransactionError> for StoreError {
    fn from(error: redb::TransactionError) -> Self {
        redb::Error::from(error).into()
    }
}

impl From<redb::TableError> for StoreError {
    fn from(error: redb::TableError) -> Self {
        redb::Error::from(error).into()
    }
}

impl From<redb::StorageError> for StoreError {
    fn from(error: redb::StorageError) -> Self {
        redb::Error::from(error).into()
    }
}

impl From<redb::CommitError> for StoreError {
    fn from(error: redb::CommitError) -> Self {
        redb::Error::from(error).into()
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        StoreError::Record(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_says_what_to_do_and_keeps_its_cause() {
        let full = StoreError::from(redb::Error::Io(io::ErrorKind::StorageFull.into()));
        assert!(full.to_string().contains("is full") && full.to_string().contains("free some space"), "{full}");
        let source = std::error::Error::source(&full).unwrap().downcast_ref::<io::Error>().unwrap();
        assert_eq!(source.kind(), io::ErrorKind::StorageFull);
        assert!(full.closes_database());
        assert!(!StoreError::MissingBlob(1.into()).closes_database());
    }
}
