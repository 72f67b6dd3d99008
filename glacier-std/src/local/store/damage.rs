//! What goes wrong while the store is used: who is told, and which files are checked before they are read again.

use std::sync::{Arc, Mutex, PoisonError};

use super::error::StoreError;
use super::finding::{Finding, FindingObserver};
use crate::local::model::BlobId;

/// Bodies that were found damaged, and who is told.
#[derive(Clone)]
pub(super) struct Damage {
    found: Arc<Mutex<Vec<BlobId>>>,
    /// The failure that was reported last, until something succeeds.
    failure: Arc<Mutex<Option<String>>>,
    observer: Option<FindingObserver>,
}

impl Damage {
    pub(super) fn new(observer: Option<FindingObserver>) -> Self {
        Damage { found: Arc::default(), failure: Arc::default(), observer }
    }

    /// Reports a failure of the store, unless it is the one that was reported last. A file that is missing or damaged was reported when it
    /// was found.
    pub(super) fn report_failure(&self, error: &StoreError) {
        if matches!(error, StoreError::MissingBlob(_) | StoreError::DamagedBlob(_) | StoreError::DeletedBlob) {
            return;
        }
        let reason = error.to_string();
        let last = self.failure.lock().unwrap_or_else(PoisonError::into_inner).replace(reason.clone());
        if let Some(observer) = self.observer.as_ref().filter(|_| last.as_ref() != Some(&reason)) {
            observer(&Finding::Failed { reason });
        }
    }

    /// Something was stored: the next failure is another one.
    pub(super) fn succeeded(&self) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether the file was found damaged.
    pub(super) fn is_known(&self, blob: BlobId) -> bool {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).contains(&blob)
    }

    /// Remembers and reports a damaged file.
    pub(super) fn report(&self, blob: BlobId, finding: &Finding) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if !found.contains(&blob) {
            found.push(blob);
        }
        drop(found);
        if let Some(observer) = &self.observer {
            observer(finding);
        }
    }

    /// Forgets a file that is good again.
    pub(super) fn forget(&self, blob: BlobId) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).retain(|found| *found != blob);
    }
}
