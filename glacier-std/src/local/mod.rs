//! The service itself: vaults in a folder, behind the same requests and answers as AWS's.
//!
//! One [handler](Vaults::answer) takes an encoded request and answers it. It is used twice: in this process by a [`LocalTransport`],
//! so that a client runs its real encoding, signing and decoding without a socket, and over HTTP by `serve`, for any AWS SDK.
//!
//! ```
//! use glacier_core::{Client, Credentials, Endpoint, Timestamp, ops::CreateVault};
//! use glacier_std::local::{LocalTransport, Settings, TEST_ACCESS_KEY_ID, TEST_REGION, TEST_SECRET, Vaults};
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let folder = tempfile::tempdir()?;
//! let vaults = Vaults::open(folder.path(), Settings::default())?;
//! let credentials = Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET, None)?;
//! let service = Endpoint::new(TEST_REGION, "localhost")?;
//! let mut client = Client::new(LocalTransport::new(&vaults), service, credentials);
//!
//! let now = Timestamp::from_unix(std::time::UNIX_EPOCH.elapsed()?.as_secs());
//! let mut buf = [0; 2048];
//! let made = client.send(&CreateVault { vault: "photos".try_into()? }, now, &mut buf).await?;
//! assert_eq!(made.location, Some("/000000000000/vaults/photos"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # What it does as AWS does
//! It verifies Signature Version 4, hashes, tree hashes, ranges, sizes, names and descriptions, and answers with the service's statuses,
//! error codes and texts. Ids have the service's length and characters, and may begin with `-`.
//!
//! # What differs
//! - Jobs are done at the next look, and the last inventory is always of the present.
//! - A vault is empty as soon as its last archive is deleted; with the archive goes the output of its retrieval jobs.
//! - One folder has one set of vaults, which every region shows.
//! - Uploads and jobs do not expire.
//!
//! # In the folder
//! `glacier.redb` has the records; every body lies in a file of its own in `blobs`, and is in `staged` while it arrives. What was acknowledged
//! is on the disk: the body is synced, renamed into place, its folder synced, then the records are committed, and then the answer is given.
//! A process killed at any moment loses nothing acknowledged and leaves nothing half visible. Nothing outside the folder is touched.

mod answer;
mod archives;
mod blobs;
mod call;
mod check;
mod handler;
mod ids;
mod initiate_job;
mod inventory;
mod job_output;
mod jobs;
mod leaves;
mod multipart;
mod open_error;
mod output;
mod page;
mod parts;
mod phase;
mod pieces;
mod receive;
mod records;
mod refuse;
mod routes;
#[cfg(feature = "serve")]
pub mod serve;
mod settings;
mod signature;
mod store;
mod tables;
mod time;
mod transport;
mod uploads;
mod vaults;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use redb::ReadableTableMetadata;

pub use answer::{Answer, AnswerBody};
pub use open_error::OpenError;
pub use phase::{Observer, Phase, Progress};
pub use settings::{AccessKey, Settings, TEST_ACCESS_KEY_ID, TEST_ACCOUNT, TEST_REGION, TEST_SECRET};
pub use time::{Clock, SystemClock};
pub use transport::{LocalError, LocalTransport};

use handler::blocking;

/// The vaults in one folder. A clone is another handle to the same.
#[derive(Clone)]
pub struct Vaults {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    verifier: signature::Verifier,
    store: store::Store,
    blobs: blobs::Blobs,
    found: Found,
}

/// What opening a folder found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Files that belonged to nothing acknowledged, left by a crash: they were removed.
    pub removed: u64,
    /// Files that records name and that are not there: someone took them away. What they belong to cannot be downloaded.
    pub missing: u64,
}

impl Vaults {
    /// Opens the vaults in `folder`, or begins with none in a folder that is empty or absent. What a crash left is removed.
    ///
    /// Waits up to two seconds for another process that has the folder open. This blocks the thread.
    ///
    /// # Errors
    /// [`OpenError`], which names the folder.
    pub fn open(folder: impl AsRef<Path>, settings: Settings) -> Result<Self, OpenError> {
        let folder = folder.as_ref();
        settings.check()?;
        let store = store::Store::open(folder)?;
        let blobs = blobs::Blobs::open(folder).map_err(|error| OpenError::io(folder, error))?;
        let found = sweep(&store, &blobs).map_err(|refused| OpenError::damaged(folder, refused.message))?;
        let inner = Inner { settings, verifier: signature::Verifier::new(), store, blobs, found };
        Ok(Vaults { inner: Arc::new(inner) })
    }

    /// What opening the folder found.
    pub fn found(&self) -> Found {
        self.inner.found
    }
}

fn sweep(store: &store::Store, blobs: &blobs::Blobs) -> Result<Found, refuse::Refused> {
    store.read(|transaction| {
        let table = transaction.open_table(tables::BLOBS)?;
        let swept = blobs.sweep(|blob| Ok(table.get(blob.number())?.is_some()))?;
        Ok(Found { removed: swept.removed, missing: table.len()?.saturating_sub(swept.known) })
    })
}

impl fmt::Debug for Vaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vaults").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}
