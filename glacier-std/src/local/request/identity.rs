//! Who makes a request, and from where.

use std::net::{IpAddr, Ipv4Addr};

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

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// The address of the peer; that of the loopback interface for requests made in this process.
    pub(crate) address: IpAddr,
}

impl Origin {
    /// This process.
    pub(crate) const IN_PROCESS: Origin = Origin { address: IpAddr::V4(Ipv4Addr::LOCALHOST) };

    /// Whether the peer is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.address.to_canonical().is_loopback()
    }
}
