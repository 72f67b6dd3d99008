//! Who makes a request.

use super::access_key::AccessKey;
use crate::local::model::root_arn;

/// Who signed a request: what its access key belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// 12 digits.
    pub(crate) account: String,
    /// An ARN: the root of the account, a user or a session.
    pub(crate) principal: String,
}

impl Identity {
    /// The root of an account.
    pub(super) fn root(account: &str, region: &str) -> Self {
        Identity { account: account.to_owned(), principal: root_arn(account, region) }
    }

    /// The owner of a key. One that names neither account nor principal belongs to the root of `default_account`.
    pub(super) fn of(key: &AccessKey, default_account: &str, region: &str) -> Self {
        let identity = Identity::root(key.account().unwrap_or(default_account), region);
        match key.principal() {
            Some(principal) => Identity { principal: principal.to_owned(), ..identity },
            None => identity,
        }
    }
}
