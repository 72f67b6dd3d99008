//! Opening the vaults in a folder, or in memory.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use glacier_core::Timestamp;
use tokio::sync::Notify;
use tokio::task::spawn_blocking;

use super::delivery::Delivery;
#[cfg(feature = "serve")]
use super::notifications_url::NotificationsUrl;
use super::request_log::RequestLog;
use super::seeded::Seeded;
use super::settings::Settings;
use super::system::SystemRandom;
use super::vault_clock::VaultClock;
use crate::local::faults::Faults;
#[cfg(feature = "serve")]
use crate::local::model::Post;
use crate::local::model::{ApiError, FailedNotification, Ids, Moment, TimeMode, Times, What};
use crate::local::ops::{OperationContext, OperationError, catch_up};
use crate::local::request::Verifier;
use crate::local::store::{Finding, OpenError, ReadOutbox, ReadRecords, Store, StoreError};

/// The vaults in one folder, or in memory. A clone is another handle to the same vaults.
#[derive(Clone)]
pub struct Vaults {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) settings: Settings,
    pub(super) verifier: Verifier,
    pub(super) context: Arc<OperationContext>,
    delivery: Arc<Delivery>,
    /// Whoever posts notifications looks for more.
    posts_changed: Notify,
    clock: VaultClock,
    pub(super) faults: Faults,
    /// The last requests, if they are remembered.
    pub(super) log: Option<RequestLog>,
    found: Vec<Finding>,
}

impl Vaults {
    /// Opens the vaults in `folder`, or begins with none in a folder that is empty or absent. No archive is deleted by this: what records and files
    /// do not agree on is kept and reported by [`found`](Vaults::found).
    ///
    /// Waits up to two seconds for another process that has the folder open. This blocks the thread.
    ///
    /// # Errors
    /// [`OpenError`], which names the folder.
    pub fn open(folder: impl AsRef<Path>, settings: Settings) -> Result<Self, OpenError> {
        settings.check()?;
        let (store, found) = Store::open(folder.as_ref(), settings.finding_observer.clone())?;
        Vaults::of(store, found, settings, folder.as_ref())
    }

    /// Begins with no vaults, in memory: they are gone with the last handle. Everything else is as in a folder, and no time is spent on
    /// syncing, so this is for tests.
    ///
    /// ```
    /// use glacier_std::local::{LocalTransport, Settings, Vaults};
    ///
    /// let vaults = Vaults::in_memory(Settings::default())?;
    /// let transport = LocalTransport::new(&vaults);
    /// # Ok::<(), glacier_std::local::OpenError>(())
    /// ```
    ///
    /// # Errors
    /// [`OpenError::Settings`] if the settings are not valid.
    pub fn in_memory(settings: Settings) -> Result<Self, OpenError> {
        settings.check()?;
        let store = Store::in_memory(settings.finding_observer.clone())?;
        Vaults::of(store, Vec::new(), settings, Path::new("memory"))
    }

    /// Opens the vaults in `folder` of a disk.
    #[cfg(test)]
    pub(crate) fn open_on(disk: Arc<dyn crate::local::disk::Disk>, folder: &Path, settings: Settings) -> Result<Self, OpenError> {
        let (store, found) = Store::open_on(disk, folder, settings.finding_observer.clone())?;
        Vaults::of(store, found, settings, folder)
    }

    /// The store under the vaults.
    #[cfg(test)]
    pub(crate) fn store(&self) -> &Store {
        &self.inner.context.store
    }

    fn of(store: Store, found: Vec<Finding>, settings: Settings, folder: &Path) -> Result<Self, OpenError> {
        let failed = |error| OpenError::recovery(folder, error);
        let read = store.records.read(|records| Ok::<_, StoreError>((records.times()?, records.sequence()?)));
        let (stored, changes) = read.map_err(failed)?;
        let clock = VaultClock::new(settings.time, stored, Moment(settings.clock.unix_millis()));
        let context = OperationContext {
            store,
            ids: settings.seed.map_or_else(|| Ids::new(SystemRandom), |seed| Ids::new(Seeded::new(seed, changes))),
            time: settings.time,
            due: Mutex::default(),
            expedited_needs_capacity: settings.expedited_needs_capacity,
            posts_notifications: settings.notifications_url.is_some(),
            observer: settings.observer.clone(),
        };
        let file = context.store.notifications_file(settings.notifications_file.as_deref())?;
        let delivery = Delivery::new(file, settings.notification_observer.clone(), settings.finding_observer.clone());
        let (context, delivery, posts_changed) = (Arc::new(context), Arc::new(delivery), Notify::new());
        let log = settings.request_log.then(RequestLog::default);
        let (verifier, faults) = (Verifier::new(), Faults::default());
        let inner = Inner { settings, verifier, context, delivery, posts_changed, clock, faults, log, found };
        inner.keep_pace().map_err(failed)?;
        // What a crash left.
        inner.delivery.deliver(&inner.context.store);
        Ok(Vaults { inner: Arc::new(inner) })
    }

    /// Vault time, that of all dates that the service tells, rounded down to a second.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.times().vault.timestamp()
    }

    /// Moves vault time on, in every mode, up to the end of the year 9999: what becomes due meanwhile is done before the next request is
    /// handled.
    pub fn advance(&self, by: Duration) {
        self.inner.clock.advance(by);
    }

    /// Does what has become due, such as ending jobs. This is also done before each request; a program that handles none for a long time
    /// gives space on the disk free with it.
    ///
    /// Needs a tokio runtime.
    ///
    /// # Cancel safety
    /// The future can be dropped at any point; what was begun is done all the same.
    ///
    /// # Errors
    /// If the store cannot be changed, as on a full disk. It is tried again before the next request.
    pub async fn catch_up(&self) -> io::Result<()> {
        self.inner.catch_up(self.inner.times()).await.map_err(|error| io::Error::other(error.into_api_error().message))
    }

    /// Keeps vault time on the disk, where it passes by itself and does not follow from wall time: it goes on from there when the process is
    /// killed. It is kept with each change, too, and when the last handle is dropped.
    #[cfg(feature = "serve")]
    pub(crate) async fn keep_time(&self) {
        let inner = self.inner.clone();
        // A failure is told by the next change.
        let _ = spawn_blocking(move || matches!(inner.settings.time, TimeMode::Scaled(_)).then(|| inner.keep_time())).await;
    }

    /// How long it takes until something is due; `None` if vault time has to be [advanced](Self::advance) before.
    #[must_use]
    pub fn until_due(&self) -> Option<Duration> {
        let Times { vault, .. } = self.inner.times();
        self.inner.clock.until(self.inner.context.store.records.next_due(), vault)
    }

    /// The notifications that could not be posted, oldest first: the last 1,000 of them, also of earlier services in the same folder.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn failed_notifications(&self) -> io::Result<Vec<FailedNotification>> {
        let failed = self.inner.context.store.records.read(ReadOutbox::failed_posts).map_err(io::Error::other)?;
        Ok(failed.into_iter().map(|(_, failed)| failed).collect())
    }

    /// What opening the folder found; nothing if all is well.
    #[must_use]
    pub fn found(&self) -> &[Finding] {
        self.inner.found()
    }
}

/// For the task that posts notifications.
#[cfg(feature = "serve")]
impl Vaults {
    pub(crate) fn notifications_url(&self) -> Option<&NotificationsUrl> {
        self.inner.settings.notifications_url.as_ref()
    }

    /// The oldest notifications that are not posted yet, each with its place in the sequence; none if they cannot be read now.
    pub(crate) async fn posts(&self, limit: usize) -> Vec<(u64, Post)> {
        let context = self.inner.context.clone();
        let read = spawn_blocking(move || context.store.records.read(|records| records.posts(limit)));
        read.await.ok().and_then(Result::ok).unwrap_or_default()
    }

    /// Waits until there may be more of them.
    pub(crate) async fn posts_changed(&self) {
        self.inner.posts_changed.notified().await;
    }

    /// A notification was posted, or could not be, and then this is why.
    pub(crate) async fn end_post(&self, place: u64, post: Post, error: Option<String>) -> io::Result<()> {
        let context = self.inner.context.clone();
        let work = move || context.store.write::<_, StoreError>(|records| records.end_post(place, &post, error));
        spawn_blocking(work).await?.map_err(io::Error::other)
    }
}

impl Inner {
    /// What opening the folder found.
    pub(super) fn found(&self) -> &[Finding] {
        &self.found
    }

    pub(super) fn times(&self) -> Times {
        let wall = Moment(self.settings.clock.unix_millis());
        Times { vault: self.clock.at(wall), wall }
    }

    /// Where nothing takes time any more, what was begun in another mode is due now.
    fn keep_pace(&self) -> Result<(), StoreError> {
        let is_instant = self.settings.time.is_instant();
        let times = self.times();
        if self.context.store.records.read(|records| records.is_instant())? == is_instant {
            return self.keep_time();
        }
        self.context.store.write(|records| {
            records.set_instant(is_instant)?;
            records.keep_times(times)?;
            if is_instant { records.hasten(times.vault, What::takes_time) } else { Ok(()) }
        })
    }

    /// Keeps vault time where it does not follow from wall time.
    fn keep_time(&self) -> Result<(), StoreError> {
        match self.settings.time {
            TimeMode::Instant | TimeMode::Real => Ok(()),
            TimeMode::Scaled(_) | TimeMode::Manual => self.context.store.write(|records| records.keep_times(self.times())),
        }
    }

    /// Does what is due, and tells of it.
    pub(super) async fn catch_up(&self, times: Times) -> Result<(), OperationError> {
        let is_due = self.context.store.records.is_due(times.vault);
        if !is_due && !self.delivery.is_waiting() {
            return Ok(());
        }
        let (context, delivery) = (self.context.clone(), self.delivery.clone());
        let work = move || {
            let done = if is_due { catch_up(&context, times) } else { Ok(()) };
            if is_due {
                delivery.expect_more();
            }
            delivery.deliver(&context.store);
            done
        };
        let done = spawn_blocking(work).await;
        if is_due {
            self.posts_changed.notify_one();
        }
        done.unwrap_or_else(|_| Err(ApiError::unavailable("The service failed while it did what was due: try again").into()))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Without it, time goes on from the last change.
        let _ = self.keep_time();
    }
}

impl fmt::Debug for Vaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vaults").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}
