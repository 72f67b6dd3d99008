//! What tells a vault from all others.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::arn::vault_arn;

/// Whose vault, where, and its name: names are unique within an account and region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct VaultKey {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
}

/// The number of a vault in the store. A vault of the same name that is created later has another one, so nothing of the earlier can be
/// taken for its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct VaultNumber(pub(crate) u64);

/// An account in a region: what a data retrieval policy and provisioned capacity belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place<'p> {
    pub(crate) account: &'p str,
    pub(crate) region: &'p str,
}

impl VaultKey {
    /// The ARN of the vault.
    pub(crate) fn arn(&self) -> String {
        vault_arn(&self.account, &self.region, &self.name)
    }

    pub(crate) fn place(&self) -> Place<'_> {
        Place { account: &self.account, region: &self.region }
    }
}

impl fmt::Display for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of the account {} in {}", self.name, self.account, self.region)
    }
}

impl fmt::Display for VaultNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
