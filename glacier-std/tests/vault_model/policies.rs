//! What a policy denies in the reference: one action, or one of archives that are too young.

use glacier_core::Method;
use glacier_core::ops::catalogue::OPERATIONS;
use serde_json::{Value, json};

use crate::reference::Reference;
use crate::time::DAY;

/// Actions that a policy of a sequence may deny. What tells the reference what it cannot know, such as DescribeVault, is not among them.
pub(crate) const ACTIONS: [&str; 14] = [
    "UploadArchive",
    "DeleteArchive",
    "InitiateMultipartUpload",
    "UploadMultipartPart",
    "CompleteMultipartUpload",
    "AbortMultipartUpload",
    "InitiateJob",
    "AddTagsToVault",
    "SetVaultNotifications",
    "SetVaultAccessPolicy",
    "DeleteVaultAccessPolicy",
    "InitiateVaultLock",
    "AbortVaultLock",
    "DeleteVault",
];

/// A statement that denies.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    action: &'static str,
    /// Only for archives of fewer whole days.
    younger_than: Option<u64>,
}

impl Rule {
    pub(crate) fn denying(action: &'static str) -> Self {
        Rule { action, younger_than: None }
    }

    /// DeleteArchive in the first two days.
    pub(crate) fn holding() -> Self {
        Rule { action: "DeleteArchive", younger_than: Some(2) }
    }

    pub(crate) fn statement(&self, arn: &str) -> Value {
        let action = format!("glacier:{}", self.action);
        let mut statement = json!({"Effect": "Deny", "Principal": "*", "Action": action, "Resource": arn});
        if let Some(days) = self.younger_than {
            statement["Condition"] = json!({"NumericLessThan": {"glacier:ArchiveAgeInDays": days.to_string()}});
        }
        statement
    }
}

impl Reference {
    /// Whether the policies of a vault deny a request; `rest` follows its name in the path.
    pub(crate) fn is_denied(&self, vault: usize, method: Method, rest: &str, query: &str) -> bool {
        let Some(vault) = &self.vaults[vault] else { return false };
        let Some(action) = action(method, rest, query) else { return false };
        let is_young = |days: u64| {
            let id = rest.rsplit('/').next().unwrap_or_default();
            vault.archives.iter().any(|archive| archive.id == id && (self.now - archive.created) / DAY < days)
        };
        let rules = vault.access_rule.iter().chain(vault.lock.iter().filter_map(|lock| lock.rule.as_ref()));
        rules.into_iter().any(|rule| rule.action == action && rule.younger_than.is_none_or(is_young))
    }
}

/// The operation that a request is for.
fn action(method: Method, rest: &str, query: &str) -> Option<&'static str> {
    let path = format!("/vaults/name{rest}");
    let is_of = |template: &str| {
        let (ours, theirs): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), template.split('/').collect());
        ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(ours, theirs)| ours == theirs || theirs.starts_with('{'))
    };
    let mut operations = OPERATIONS.iter().filter(|operation| operation.method == method && is_of(operation.path));
    operations.find(|operation| operation.query.is_empty() || operation.query == query).map(|operation| operation.name)
}
