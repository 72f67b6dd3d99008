//! Control: what a test does to the vaults from outside the API. None of it is signed, and no policy is asked.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use glacier_core::ErrorCode;
use tokio::task::spawn_blocking;

use super::request_log::RequestLog;
use super::settings::TEST_REGION;
use super::vaults::{Inner, Vaults};
use crate::local::faults::FaultScript;
use crate::local::model::{ApiError, TimeMode, Times, VaultKey};
use crate::local::ops::{OperationContext, OperationError, control, overview};
use crate::local::response::{LoggedRequest, ServiceState, TakenInventory, VaultContents};
use crate::local::store::TransactionError;

/// The furthest that [`Vaults::advance_now`] moves vault time: a hundred years.
const MAX_ADVANCE: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// Control over the vaults, as `glacier serve --control` offers it over HTTP. All of it needs a tokio runtime.
impl Vaults {
    /// Moves vault time on, keeps it on the disk, and does what has become due. Vault time then, as the API writes dates.
    ///
    /// # Errors
    /// [`ControlError::RealTime`] in the mode [`TimeMode::Real`], [`ControlError::TooFar`] beyond a hundred years, and
    /// [`ControlError::Failed`] if the store cannot be changed: vault time has moved on all the same.
    ///
    /// # Cancel safety
    /// Once polled, time is moved on; what becomes due is then done before the next request.
    pub async fn advance_now(&self, by: Duration) -> Result<String, ControlError> {
        if self.inner.settings.time == TimeMode::Real {
            return Err(ControlError::RealTime);
        }
        if by > MAX_ADVANCE {
            return Err(ControlError::TooFar { seconds: by.as_secs() });
        }
        self.advance(by);
        self.control(control::keep_times).await?;
        Ok(self.inner.times().vault.to_string())
    }

    /// Takes an inventory of what a vault has now. Without an account it is a vault of [`Settings::account`](super::Settings::account); without
    /// a region, of the only region in which the account has a vault of this name, or else of us-east-1.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] without such a vault, [`ControlError::Failed`] if the store cannot be changed.
    ///
    /// # Cancel safety
    /// The future can be dropped at any point; what was begun is done all the same.
    pub async fn take_inventory(
        &self,
        account: Option<&str>,
        region: Option<&str>,
        vault: &str,
    ) -> Result<TakenInventory, ControlError> {
        let account = account.unwrap_or(&self.inner.settings.account).to_owned();
        let (region, name) = (region.map(str::to_owned), vault.to_owned());
        let taken = self.control(move |context, times| {
            let region = region.map_or_else(|| control::region_of(context, &account, &name), |region| Ok(Some(region)))?;
            let region = region.unwrap_or_else(|| TEST_REGION.to_owned());
            control::take_inventory(context, &VaultKey { account, region, name }, times)
        });
        taken.await
    }

    /// Removes all vaults with all that is in them and set for them, what is set for accounts, faults, and the log of requests. Vault time,
    /// credentials and settings stay. A download under way goes on to its end.
    ///
    /// # Errors
    /// [`ControlError::Failed`] if the store cannot be changed: nothing is removed then.
    ///
    /// # Cancel safety
    /// The future can be dropped at any point; vaults are then removed or not, and faults and log may stay.
    pub async fn reset(&self) -> Result<(), ControlError> {
        self.control(control::reset).await?;
        self.set_faults(FaultScript::default());
        if let Some(log) = &self.inner.log {
            log.clear();
        }
        Ok(())
    }

    /// The last 1,000 requests, oldest first; none unless [`Settings::request_log`](super::Settings::request_log) is set.
    #[must_use]
    pub fn log(&self) -> Vec<LoggedRequest> {
        self.inner.log.as_ref().map(RequestLog::all).unwrap_or_default()
    }

    /// Those of the last requests that came after the one with this id; `None` if it is not remembered.
    #[cfg(feature = "serve")]
    pub(crate) fn log_after(&self, request_id: &str) -> Option<Vec<LoggedRequest>> {
        self.inner.log.as_ref().and_then(|log| log.after(request_id))
    }

    /// The vaults at this moment, and what happens next. It costs the same whatever they hold.
    ///
    /// # Errors
    /// [`ControlError::Failed`] if the store cannot be read.
    pub async fn state(&self) -> Result<ServiceState, ControlError> {
        let inner = self.inner.clone();
        self.look(move |context, times| overview::state(context, times.vault, inner.found())).await
    }

    /// The first archives, uploads and jobs of a vault.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] without such a vault, [`ControlError::Failed`] if the store cannot be read.
    pub async fn contents(&self, account: &str, region: &str, vault: &str) -> Result<VaultContents, ControlError> {
        let key = VaultKey { account: account.to_owned(), region: region.to_owned(), name: vault.to_owned() };
        let contents = self.look(move |context, _| {
            let found = overview::contents(context, &key)?;
            found.ok_or_else(|| ApiError::not_found(format!("There is no vault {key}")).into())
        });
        contents.await
    }

    /// Does what is due, and then this.
    async fn control<T: Send + 'static>(
        &self,
        work: impl FnOnce(&OperationContext, Times) -> Result<T, OperationError> + Send + 'static,
    ) -> Result<T, ControlError> {
        let times = self.inner.times();
        let due = self.inner.catch_up(times).await;
        due.map_err(|error| self.inner.control_error(error))?;
        self.blocking(times, work).await
    }

    /// Does what is due, and then this, also if the former fails: it tells what was true before.
    async fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&OperationContext, Times) -> Result<T, OperationError> + Send + 'static,
    ) -> Result<T, ControlError> {
        let times = self.inner.times();
        let _ = self.inner.catch_up(times).await;
        self.blocking(times, work).await
    }

    /// On a thread that may wait for the disk.
    async fn blocking<T: Send + 'static>(
        &self,
        times: Times,
        work: impl FnOnce(&OperationContext, Times) -> Result<T, OperationError> + Send + 'static,
    ) -> Result<T, ControlError> {
        let context: Arc<OperationContext> = self.inner.context.clone();
        match spawn_blocking(move || work(&context, times)).await {
            Ok(done) => done.map_err(|error| self.inner.control_error(error)),
            Err(_) => Err(ControlError::Failed { reason: "The service failed while it did this: try again".into() }),
        }
    }
}

impl Inner {
    /// Reports a failure of the store, and says what went wrong.
    fn control_error(&self, error: OperationError) -> ControlError {
        if let Some(error) = error.store_error() {
            self.context.store.report(error);
        }
        let ApiError { code, message, .. } = error.into_api_error();
        if code == ErrorCode::ResourceNotFound {
            ControlError::NotFound { what: message }
        } else {
            ControlError::Failed { reason: message }
        }
    }
}

/// Control could not do what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ControlError {
    /// Vault time is real time, which cannot be moved on.
    RealTime,
    /// Vault time is moved on by a hundred years at most.
    TooFar {
        /// By so many it should.
        seconds: u64,
    },
    /// There is no such vault.
    NotFound {
        /// Which one, in a sentence.
        what: String,
    },
    /// The store failed.
    Failed {
        /// Why, and what to do.
        reason: String,
    },
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ControlError::RealTime => f.write_str(
                "vault time cannot be moved on in the time mode real: use the mode instant, manual or scaled:N (serve --time MODE)",
            ),
            ControlError::TooFar { seconds } => {
                write!(f, "vault time is moved on by at most {} seconds at once; {seconds} is too far", MAX_ADVANCE.as_secs())
            }
            ControlError::NotFound { what } => f.write_str(what),
            ControlError::Failed { reason } => f.write_str(reason),
        }
    }
}

impl std::error::Error for ControlError {}
