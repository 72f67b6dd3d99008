//! Delivering notifications to the file, after what made them was committed and never while a transaction is open.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, TryLockError};
use std::time::{Duration, Instant};

use crate::local::model::Notification;
use crate::local::store::{Finding, FindingObserver, NotificationsFile, ReadOutbox, Store, StoreError};

/// Called with each notification once it is in the file, on the thread that wrote it; it should return soon.
pub type NotificationObserver = Arc<dyn Fn(&Notification) + Send + Sync>;

/// Notifications that are written at a time.
const BATCH: usize = 256;
/// How long nothing is tried after a failure, so that a file that cannot be written slows down no request.
const PAUSE: Duration = Duration::from_secs(1);

/// Delivers notifications to the file.
pub(super) struct Delivery {
    file: NotificationsFile,
    observer: Option<NotificationObserver>,
    findings: Option<FindingObserver>,
    /// Whether there may be something to deliver.
    is_waiting: AtomicBool,
    /// Held while something is delivered: the last failure, if it was not overcome yet.
    failure: Mutex<Option<(Instant, String)>>,
}

impl Delivery {
    pub(super) fn new(file: NotificationsFile, observer: Option<NotificationObserver>, findings: Option<FindingObserver>) -> Self {
        Delivery { file, observer, findings, is_waiting: AtomicBool::new(true), failure: Mutex::default() }
    }

    /// Whether there may be something to deliver.
    pub(super) fn is_waiting(&self) -> bool {
        self.is_waiting.load(Ordering::Acquire)
    }

    /// There may be something to deliver.
    pub(super) fn expect_more(&self) {
        self.is_waiting.store(true, Ordering::Release);
    }

    /// Delivers what there is. What cannot be delivered is kept, and tried again from the next second on.
    pub(super) fn deliver(&self, store: &Store) {
        while self.is_waiting() {
            // Whoever holds it looks again afterwards.
            let mut failure = match self.failure.try_lock() {
                Ok(failure) => failure,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => return,
            };
            if failure.as_ref().is_some_and(|(when, _)| when.elapsed() < PAUSE) {
                return;
            }
            self.is_waiting.store(false, Ordering::Release);
            match self.empty(store) {
                Ok(()) => *failure = None,
                Err(error) => {
                    self.expect_more();
                    let error = error.to_string();
                    let is_known = failure.as_ref().is_some_and(|(_, last)| *last == error);
                    *failure = Some((Instant::now(), error.clone()));
                    if let Some(observer) = self.findings.as_ref().filter(|_| !is_known) {
                        observer(&Finding::NotNotified { file: self.file.path().into(), error });
                    }
                    return;
                }
            }
        }
    }

    fn empty(&self, store: &Store) -> Result<(), DeliveryError> {
        loop {
            let (queue, written) = store
                .records
                .read(|records| Ok::<_, StoreError>((records.unwritten_notifications(BATCH)?, records.written_length()?)))?;
            let Some((last, _)) = queue.last() else { return Ok(()) };
            let lines: String = queue.iter().flat_map(|(_, notification)| [notification.to_line(), "\n".to_owned()]).collect();
            let place = self.file.place(written, &lines)?;
            if written != Some(place.from) {
                store.write::<_, StoreError>(|records| records.set_written_length(place.from))?;
            }
            let length = self.file.write(&place, &lines)?;
            store.write::<_, StoreError>(|records| records.set_notifications_written(*last, length))?;
            if let Some(observer) = &self.observer {
                queue.iter().for_each(|(_, notification)| observer(notification));
            }
        }
    }
}

/// Why nothing could be delivered.
enum DeliveryError {
    File(io::Error),
    Store(StoreError),
}

impl std::fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DeliveryError::File(error) => error.fmt(f),
            DeliveryError::Store(error) => error.fmt(f),
        }
    }
}

impl From<io::Error> for DeliveryError {
    fn from(error: io::Error) -> Self {
        DeliveryError::File(error)
    }
}

impl From<StoreError> for DeliveryError {
    fn from(error: StoreError) -> Self {
        DeliveryError::Store(error)
    }
}
