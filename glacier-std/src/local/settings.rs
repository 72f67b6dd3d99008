//! What the service is told when it is opened: whom it accepts, whose vaults they are, what time it is.

use std::fmt;
use std::sync::Arc;

use glacier_core::{AccountId, Credentials};
use zeroize::Zeroizing;

use super::open_error::OpenError;
use super::phase::Observer;
use super::time::{Clock, SystemClock};

/// The access key that is accepted unless others are given.
pub const TEST_ACCESS_KEY_ID: &str = "test";
/// The secret of [`TEST_ACCESS_KEY_ID`].
pub const TEST_SECRET: &str = "test";
/// The account that owns all vaults unless another is given.
pub const TEST_ACCOUNT: &str = "000000000000";
/// A region to sign for where there is no other; the service accepts any.
pub const TEST_REGION: &str = "us-east-1";

/// An access key that the service accepts.
#[derive(Clone)]
pub struct AccessKey {
    id: String,
    secret: Zeroizing<String>,
    session_token: Option<Zeroizing<String>>,
}

impl AccessKey {
    /// A key without a session token.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        AccessKey { id: id.into(), secret: Zeroizing::new(secret.into()), session_token: None }
    }

    /// The same key as a temporary one, which is only good together with this token.
    pub fn with_session_token(self, token: impl Into<String>) -> Self {
        AccessKey { session_token: Some(Zeroizing::new(token.into())), ..self }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    pub(super) fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref().map(String::as_str)
    }
}

impl Settings {
    /// Whether a service can be run with these.
    pub(super) fn check(&self) -> Result<(), OpenError> {
        let wrong = |reason| Err(OpenError::Settings { reason });
        for key in &self.access_keys {
            if let Err(error) = Credentials::new(key.id(), key.secret(), key.session_token()) {
                return wrong(format!("the access key {:?} cannot be one that the service accepts: {error}", key.id()));
            }
        }
        let account = self.account.as_str();
        if account.len() != 12 || AccountId::try_from(account).is_err() {
            return wrong(format!(
                "the account that owns the vaults has 12 digits; {account:?} has not: {TEST_ACCOUNT} is the default"
            ));
        }
        Ok(())
    }
}

/// Shows the key's id only.
impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How a vault service behaves.
#[derive(Clone)]
pub struct Settings {
    /// The access keys that are accepted; `test` with the secret `test` by default.
    pub access_keys: Vec<AccessKey>,
    /// The account that owns the vaults, 12 digits.
    pub account: String,
    /// The clock by which dates are written and signatures judged.
    pub clock: Arc<dyn Clock>,
    /// Is told each phase of each writing request.
    pub observer: Option<Observer>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            access_keys: vec![AccessKey::new(TEST_ACCESS_KEY_ID, TEST_SECRET)],
            account: TEST_ACCOUNT.into(),
            clock: Arc::new(SystemClock),
            observer: None,
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
        let shown = format!("{:?}", Settings { access_keys: vec![key], ..Settings::default() });
        assert!(shown.contains("AKID") && !shown.contains("hush") && !shown.contains("token"), "{shown}");
    }

    #[test]
    fn settings_that_cannot_work_are_told_at_the_opening() {
        let with =
            |keys: Vec<AccessKey>, account: &str| Settings { access_keys: keys, account: account.into(), ..Settings::default() };
        assert!(Settings::default().check().is_ok());
        assert!(with(vec![], "111122223333").check().is_ok());
        for (settings, words) in [
            (with(vec![AccessKey::new("a b", "hush")], TEST_ACCOUNT), "\"a b\""),
            (with(vec![AccessKey::new("AKID", "hush\n")], TEST_ACCOUNT), "secret"),
            (with(vec![], "-"), "12 digits"),
            (with(vec![], "1111-2222-33"), "12 digits"),
        ] {
            let error = settings.check().unwrap_err().to_string();
            assert!(error.contains(words) && !error.contains("hush"), "{error}");
        }
    }
}
