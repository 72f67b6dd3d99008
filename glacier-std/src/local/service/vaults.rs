//! Opening the vaults in a folder, or in memory.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::settings::Settings;
use super::system::SystemRandom;
use crate::local::model::{Ids, Moment};
use crate::local::ops::OperationContext;
use crate::local::request::Verifier;
use crate::local::store::{Finding, OpenError, Store};

/// The vaults in one folder, or in memory. A clone is another handle to the same vaults.
#[derive(Clone)]
pub struct Vaults {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) settings: Settings,
    pub(super) verifier: Verifier,
    pub(super) context: Arc<OperationContext>,
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
        Ok(Vaults::of(store, found, settings))
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
        Ok(Vaults::of(store, Vec::new(), settings))
    }

    fn of(store: Store, found: Vec<Finding>, settings: Settings) -> Self {
        let context = OperationContext { store, ids: Ids::new(SystemRandom), observer: settings.observer.clone() };
        let inner = Inner { settings, verifier: Verifier::new(), context: Arc::new(context), found };
        Vaults { inner: Arc::new(inner) }
    }

    /// What opening the folder found; nothing if all is well.
    #[must_use]
    pub fn found(&self) -> &[Finding] {
        &self.inner.found
    }
}

impl Inner {
    pub(super) fn now(&self) -> Moment {
        Moment(self.settings.clock.unix_millis())
    }
}

impl fmt::Debug for Vaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vaults").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}
