//! The folder on a disk: records in one database file, and the bytes of archives in a file each, both synced before they count.
//! It knows no HTTP and none of the service's rules: it stores and finds what it is given.

mod blob_reader;
mod blobs;
mod check;
mod commits;
mod damage;
mod database_file;
mod error;
mod finding;
mod folder;
mod index_backend;
mod notifications_file;
mod open_error;
mod outbox;
mod overview;
mod pins;
mod reader;
mod records;
mod recovery;
mod settings;
mod store;
mod synced;
mod tables;
mod writer;

pub(crate) use blob_reader::BlobReader;
pub(crate) use blobs::Staged;
pub use check::{CheckSummary, check_folder};
pub(crate) use error::{StoreError, TransactionError};
pub use finding::{Finding, FindingObserver};
pub(crate) use notifications_file::NotificationsFile;
pub use open_error::OpenError;
pub(crate) use outbox::ReadOutbox;
pub(crate) use overview::{ReadOverview, RowBudget};
pub(crate) use reader::ReadRecords;
#[cfg(test)]
pub(crate) use reader::Reader;
pub(crate) use settings::{ReadSettings, VaultPolicy};
pub(crate) use store::Store;
pub(crate) use writer::Writer;
