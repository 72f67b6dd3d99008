//! The access keys that the service accepts.

use std::fmt;

use glacier_core::Timestamp;
use zeroize::Zeroizing;

use crate::local::model::principal_account;

/// An access key that the service accepts. Who signs with it is the root of the default account, [`Settings::account`], unless the key has an
/// account or a principal of its own.
///
/// [`Settings::account`]: crate::local::Settings::account
#[derive(Clone)]
pub struct AccessKey {
    id: String,
    secret: Zeroizing<String>,
    session_token: Option<Zeroizing<String>>,
    owner: Owner,
    expires: Option<Timestamp>,
    mfa: bool,
}

/// Whose key it is.
#[derive(Clone)]
enum Owner {
    DefaultAccount,
    Account(String),
    Principal(String),
}

impl AccessKey {
    /// A key without a session token.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        let (id, secret) = (id.into(), Zeroizing::new(secret.into()));
        AccessKey { id, secret, session_token: None, owner: Owner::DefaultAccount, expires: None, mfa: false }
    }

    /// Makes it a temporary key, accepted only together with this session token.
    #[must_use]
    pub fn with_session_token(self, token: impl Into<String>) -> Self {
        AccessKey { session_token: Some(Zeroizing::new(token.into())), ..self }
    }

    /// Makes it a key of the root of this account, 12 digits.
    #[must_use]
    pub fn with_account(self, account: impl Into<String>) -> Self {
        AccessKey { owner: Owner::Account(account.into()), ..self }
    }

    /// Makes it a key of this principal, an ARN such as `arn:aws:iam::111122223333:user/backup`, and of the account in it.
    #[must_use]
    pub fn with_principal(self, arn: impl Into<String>) -> Self {
        AccessKey { owner: Owner::Principal(arn.into()), ..self }
    }

    /// Accepts it before this time only, by the wall clock of the service.
    #[must_use]
    pub fn with_expiry(self, expires: Timestamp) -> Self {
        AccessKey { expires: Some(expires), ..self }
    }

    /// Says that multi-factor authentication was used for it, which a policy can ask of a key with a session token.
    #[must_use]
    pub fn with_mfa(self) -> Self {
        AccessKey { mfa: true, ..self }
    }

    pub(super) fn has_mfa(&self) -> bool {
        self.mfa
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    pub(crate) fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref().map(String::as_str)
    }

    /// The account that it belongs to; `None` for the default account, and where the principal has none.
    pub(crate) fn account(&self) -> Option<&str> {
        match &self.owner {
            Owner::DefaultAccount => None,
            Owner::Account(account) => Some(account),
            Owner::Principal(arn) => principal_account(arn),
        }
    }

    /// The principal that it names.
    pub(crate) fn principal(&self) -> Option<&str> {
        match &self.owner {
            Owner::Principal(arn) => Some(arn),
            Owner::DefaultAccount | Owner::Account(_) => None,
        }
    }

    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| now >= expires)
    }
}

/// Shows no secret.
impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("AccessKey");
        shown.field("id", &self.id).field("account", &self.account()).field("principal", &self.principal());
        shown.field("expires", &self.expires).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_of_a_principal_is_in_its_arn() {
        let key = AccessKey::new("AKID", "hush");
        assert_eq!((key.account(), key.principal()), (None, None));
        let key = key.with_account("111122223333");
        assert_eq!((key.account(), key.principal()), (Some("111122223333"), None));
        let key = key.with_principal("arn:aws:iam::444455556666:user/a");
        assert_eq!((key.account(), key.principal()), (Some("444455556666"), Some("arn:aws:iam::444455556666:user/a")));
    }

    #[test]
    fn a_key_expires_at_its_time() {
        let (before, then) = (Timestamp::from_unix(99), Timestamp::from_unix(100));
        let key = AccessKey::new("AKID", "hush");
        assert!(!key.has_expired(then));
        let key = key.with_expiry(then);
        assert!(!key.has_expired(before) && key.has_expired(then));
    }
}
