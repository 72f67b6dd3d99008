//! Who makes a request.

/// Who signed a request.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'c> {
    /// Its ARN: an account's root, a user, or a session.
    pub arn: &'c str,
    /// Its account's id.
    pub account: &'c str,
}

impl<'c> Caller<'c> {
    /// The caller with this ARN, in whose fifth part is the account.
    #[must_use]
    pub fn from_arn(arn: &'c str) -> Option<Self> {
        let account = super::arn::parts(arn)?[4];
        super::arn::is_account(account).then_some(Caller { arn, account })
    }
}
