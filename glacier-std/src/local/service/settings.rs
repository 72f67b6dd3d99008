//! The settings of a vault service: which keys it accepts, whose vaults it holds, and its clock.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use glacier_core::Credentials;

use super::delivery::NotificationObserver;
use super::notifications_url::NotificationsUrl;
use super::system::SystemClock;
use crate::local::model::{Clock, TimeMode, is_account, principal_account};
use crate::local::ops::RequestObserver;
use crate::local::request::AccessKey;
use crate::local::store::{FindingObserver, OpenError};

/// The id of the access key that is accepted by default.
pub const TEST_ACCESS_KEY_ID: &str = "test";
/// The secret of [`TEST_ACCESS_KEY_ID`].
pub const TEST_SECRET: &str = "test";
/// The account that owns the vaults by default.
pub const TEST_ACCOUNT: &str = "000000000000";
/// A region to sign for in tests; the service accepts any.
pub const TEST_REGION: &str = "us-east-1";

/// The settings of a vault service.
///
/// ```
/// use glacier_std::local::{AccessKey, Settings};
///
/// let settings = Settings::default().with_account("111122223333").with_access_keys(vec![AccessKey::new("AKIDEXAMPLE", "secret")]);
/// assert_eq!(settings.account, "111122223333");
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// The access keys that are accepted; by default `test` with the secret `test`.
    pub access_keys: Vec<AccessKey>,
    /// The account of access keys that name no other, 12 digits; by default [`TEST_ACCOUNT`].
    pub account: String,
    /// The clock of the wall, which signatures are judged by and vault time follows; by default [`SystemClock`].
    pub clock: Arc<dyn Clock>,
    /// How vault time passes; by default [`TimeMode::Instant`].
    pub time: TimeMode,
    /// What ids are made from: the same ones in the same order, from an empty store on. By default they are random.
    pub seed: Option<u64>,
    /// Whether Expedited retrievals need provisioned capacity; by default they do not.
    pub expedited_needs_capacity: bool,
    /// Whether signatures are verified, as they are by default. Otherwise any key, and any signature or none, is that of `account`: whoever
    /// reaches the service can do everything. Hashes of bodies are verified all the same.
    pub verify_signatures: bool,
    /// Whether every peer is told what the service signs where a signature does not match, and not only peers on this machine; by default not.
    pub explain_signatures: bool,
    /// Whether the last 1,000 requests are remembered, for [`Vaults::log`](super::Vaults::log); by default not.
    pub request_log: bool,
    /// Called with each phase of each request that changes the store; by default none.
    pub observer: Option<RequestObserver>,
    /// Called with what is found in the folder while it is served, such as a damaged file; by default none.
    pub finding_observer: Option<FindingObserver>,
    /// The file that notifications are appended to, of this service alone; by default `notifications.jsonl` in the folder.
    pub notifications_file: Option<PathBuf>,
    /// Where a running `serve::Server` posts each notification, too, in the form of SNS; by default nowhere.
    pub notifications_url: Option<NotificationsUrl>,
    /// Called with each notification once it is in the file; by default none.
    pub notification_observer: Option<NotificationObserver>,
}

impl Settings {
    /// Accepts these access keys and no others.
    #[must_use]
    pub fn with_access_keys(self, access_keys: Vec<AccessKey>) -> Self {
        Settings { access_keys, ..self }
    }

    /// Makes this account, 12 digits, that of access keys that name no other.
    #[must_use]
    pub fn with_account(self, account: impl Into<String>) -> Self {
        Settings { account: account.into(), ..self }
    }

    /// Verifies signatures, or accepts any request as one of the default account.
    #[must_use]
    pub fn with_verify_signatures(self, verify_signatures: bool) -> Self {
        Settings { verify_signatures, ..self }
    }

    /// Tells every peer what the service signs where a signature does not match.
    #[must_use]
    pub fn with_explain_signatures(self, explain_signatures: bool) -> Self {
        Settings { explain_signatures, ..self }
    }

    /// Takes wall time from this clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Settings { clock, ..self }
    }

    /// Lets vault time pass like this.
    #[must_use]
    pub fn with_time(self, time: TimeMode) -> Self {
        Settings { time, ..self }
    }

    /// Makes ids from this number, so that a run can be repeated: for tests, as anyone can guess such ids.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Settings { seed: Some(seed), ..self }
    }

    /// Refuses Expedited retrievals beyond what provisioned capacity guarantees, as the service does when demand is high.
    #[must_use]
    pub fn with_expedited_needs_capacity(self) -> Self {
        Settings { expedited_needs_capacity: true, ..self }
    }

    /// Remembers the last 1,000 requests, and why signatures failed.
    #[must_use]
    pub fn with_request_log(self) -> Self {
        Settings { request_log: true, ..self }
    }

    /// Reports each phase of each request that changes the store.
    #[must_use]
    pub fn with_observer(self, observer: RequestObserver) -> Self {
        Settings { observer: Some(observer), ..self }
    }

    /// Reports what is found in the folder while it is served.
    #[must_use]
    pub fn with_finding_observer(self, observer: FindingObserver) -> Self {
        Settings { finding_observer: Some(observer), ..self }
    }

    /// Appends notifications to this file, a regular file outside the folder that only this service writes to.
    #[must_use]
    pub fn with_notifications_file(self, file: impl Into<PathBuf>) -> Self {
        Settings { notifications_file: Some(file.into()), ..self }
    }

    /// Posts each notification to this URL as SNS does over HTTP, while a `serve::Server` runs: five tries, 1, 4, 15 and 40 seconds apart, each with
    /// the same `MessageId`. A status from 200 to 299 within 15 seconds accepts it. After the fifth try it is one of
    /// [`Vaults::failed_notifications`](super::Vaults::failed_notifications). What is not accepted or tried five times when the server ends is
    /// posted by the next one. `Signature`, `SigningCertURL` and `UnsubscribeURL` are empty, as nothing is signed.
    #[must_use]
    pub fn with_notifications_url(self, url: NotificationsUrl) -> Self {
        Settings { notifications_url: Some(url), ..self }
    }

    /// Reports each notification once it is in the file. In memory there is such a file as well, which nobody else can read.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use glacier_std::local::{Notification, Settings, Vaults};
    ///
    /// let seen: Arc<Mutex<Vec<Notification>>> = Arc::default();
    /// let list = seen.clone();
    /// let observer = Arc::new(move |notification: &Notification| list.lock().unwrap().push(notification.clone()));
    /// let vaults = Vaults::in_memory(Settings::default().with_notification_observer(observer))?;
    /// # Ok::<(), glacier_std::local::OpenError>(())
    /// ```
    #[must_use]
    pub fn with_notification_observer(self, observer: NotificationObserver) -> Self {
        Settings { notification_observer: Some(observer), ..self }
    }

    /// Whether a service can run with these settings.
    pub(super) fn check(&self) -> Result<(), OpenError> {
        let invalid = |reason| Err(OpenError::Settings { reason });
        for (number, key) in self.access_keys.iter().enumerate() {
            if self.access_keys.iter().take(number).any(|other| other.id() == key.id()) {
                return invalid(format!("the access key {:?} is given twice: its id must tell who signs", key.id()));
            }
            if let Err(error) = Credentials::new(key.id(), key.secret(), key.session_token()) {
                return invalid(format!("{:?} is not a valid access key: {error}", key.id()));
            }
            if let Some(arn) = key.principal().filter(|arn| principal_account(arn).is_none()) {
                return invalid(format!(
                    "{arn:?} is not a valid principal: use the ARN of a root, user, role or session, such as arn:aws:iam::{TEST_ACCOUNT}:user/name"
                ));
            }
            if let Some(account) = key.account().filter(|account| !is_account(account)) {
                return invalid(format!("{account:?} is not a valid account: use 12 digits, such as {TEST_ACCOUNT}"));
            }
        }
        let account = self.account.as_str();
        if !is_account(account) {
            return invalid(format!("{account:?} is not a valid account: use 12 digits, such as {TEST_ACCOUNT}"));
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            access_keys: vec![AccessKey::new(TEST_ACCESS_KEY_ID, TEST_SECRET)],
            account: TEST_ACCOUNT.into(),
            clock: Arc::new(SystemClock),
            time: TimeMode::Instant,
            seed: None,
            expedited_needs_capacity: false,
            verify_signatures: true,
            explain_signatures: false,
            request_log: false,
            observer: None,
            finding_observer: None,
            notifications_file: None,
            notifications_url: None,
            notification_observer: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { access_keys, account, .. } = self;
        f.debug_struct("Settings").field("access_keys", access_keys).field("account", account).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let key = AccessKey::new("AKID", "hush").with_session_token("token");
        let shown = format!("{:?}", Settings::default().with_access_keys(vec![key]));
        assert!(shown.contains("AKID") && !shown.contains("hush") && !shown.contains("token"), "{shown}");
    }

    #[test]
    fn invalid_settings_are_reported() {
        let with = |keys, account: &str| Settings::default().with_access_keys(keys).with_account(account);
        assert!(Settings::default().check().is_ok());
        assert!(with(vec![], "111122223333").check().is_ok());
        for (settings, words) in [
            (with(vec![AccessKey::new("a b", "hush")], TEST_ACCOUNT), "\"a b\""),
            (with(vec![AccessKey::new("AKID", "hush\n")], TEST_ACCOUNT), "secret"),
            (with(vec![AccessKey::new("AKID", "hush"), AccessKey::new("AKID", "hush2")], TEST_ACCOUNT), "\"AKID\" is given twice"),
            (with(vec![], "-"), "12 digits"),
            (with(vec![AccessKey::new("AKID", "hush").with_account("1")], TEST_ACCOUNT), "12 digits"),
            (with(vec![AccessKey::new("AKID", "hush").with_principal("a:b")], TEST_ACCOUNT), "\"a:b\" is not a valid principal"),
            (with(vec![], "1111-2222-33"), "12 digits"),
        ] {
            let error = settings.check().unwrap_err().to_string();
            assert!(error.contains(words) && !error.contains("hush"), "{error}");
        }
    }
}
