//! Files that were found damaged while they were read: who is told, and what is checked before they are read again.

use std::sync::{Arc, Mutex, PoisonError};

use super::finding::{Finding, FindingObserver};
use crate::local::model::BlobId;

/// Bodies that were found damaged, and who is told.
#[derive(Clone)]
pub(super) struct Damage {
    found: Arc<Mutex<Vec<BlobId>>>,
    observer: Option<FindingObserver>,
}

impl Damage {
    pub(super) fn new(observer: Option<FindingObserver>) -> Self {
        Damage { found: Arc::default(), observer }
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
