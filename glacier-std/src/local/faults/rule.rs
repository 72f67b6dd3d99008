//! One rule of a script: which requests it matches, and which of the matches go wrong.

use glacier_core::VaultName;
use glacier_core::ops::catalogue::{OPERATIONS, OperationInfo};
use serde::Serialize;

use super::fault::Fault;

/// What happens to some of the requests for an operation.
///
/// ```
/// use glacier_std::local::{Fault, FaultRule};
///
/// // The response to the second upload to `photos` is lost.
/// let rule = FaultRule { vault: Some("photos".into()), nth: Some(2), ..FaultRule::new("UploadArchive", Fault::LoseReply) };
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FaultRule {
    /// The name of an operation, or `*` for all of them.
    pub operation: String,
    /// The name of the vault, in any account and region; all requests match without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
    /// The first match that goes wrong, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// How many matches go wrong from there: by default one with `nth`, and otherwise all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// How many of these matches go wrong in fact, 0 to 100 percent; by default all. Which ones follows from the script's seed, the place of the
    /// rule and the number of the match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
    /// What goes wrong.
    pub fault: Fault,
}

impl FaultRule {
    /// This fault for each request for an operation, or for any operation with `*`.
    #[must_use]
    pub fn new(operation: impl Into<String>, fault: Fault) -> Self {
        FaultRule { operation: operation.into(), vault: None, nth: None, times: None, percent: None, fault }
    }

    /// Whether the rule can be obeyed; otherwise the member, its value and what to do.
    pub(super) fn check(&self) -> Result<(), String> {
        let FaultRule { operation, vault, nth, times, percent, fault } = self;
        let info = OperationInfo::of(operation);
        if info.is_none() && operation != "*" {
            let names = OPERATIONS.map(|operation| operation.name).join(", ");
            return Err(format!("operation is {operation:?}, which is not one: use * for all, or one of {names}"));
        }
        if let Some(vault) = vault {
            if info.is_some_and(|info| !info.path.contains("{vaultName}")) {
                return Err(format!("vault is {vault:?}, but {operation} is about no vault: leave vault out"));
            }
            if let Err(error) = VaultName::try_from(vault.as_str()) {
                return Err(format!("vault is {vault:?}, which is not a name of a vault: {error}"));
            }
        }
        if *nth == Some(0) {
            return Err("nth is 0: matches are counted from 1".into());
        }
        if *times == Some(0) {
            return Err("times is 0: use 1 or more, or leave the rule out".into());
        }
        if let Some(percent) = percent.filter(|percent| !(0.0..=100.0).contains(percent)) {
            return Err(format!("percent is {percent}: use 0 to 100"));
        }
        fault.check(operation).map_err(|error| format!("fault.{error}"))
    }

    pub(super) fn matches(&self, operation: &str, vault: &str) -> bool {
        (self.operation == "*" || self.operation == operation) && self.vault.as_deref().is_none_or(|name| name == vault)
    }

    /// Whether the match with this number goes wrong if `percent` allows it.
    pub(super) fn includes(&self, number: u64) -> bool {
        let first = self.nth.unwrap_or(1);
        let times = self.times.or(self.nth.and(Some(1)));
        number >= first && times.is_none_or(|times| number - first < times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nth_and_times_say_which_matches() {
        let included = |nth, times| {
            let rule = FaultRule { nth, times, ..FaultRule::new("*", Fault::Throttle) };
            (1..=6).filter(|number| rule.includes(*number)).collect::<Vec<_>>()
        };
        assert_eq!(included(None, None), [1, 2, 3, 4, 5, 6]);
        assert_eq!(included(Some(2), None), [2]);
        assert_eq!(included(Some(2), Some(3)), [2, 3, 4]);
        assert_eq!(included(None, Some(2)), [1, 2]);
        assert_eq!(included(Some(5), Some(u64::MAX)), [5, 6]);
    }

    #[test]
    fn a_rule_matches_by_operation_and_vault() {
        let rule =
            |operation, vault: Option<&str>| FaultRule { vault: vault.map(Into::into), ..FaultRule::new(operation, Fault::Reset) };
        assert!(rule("*", None).matches("ListVaults", ""));
        assert!(rule("*", Some("v")).matches("DeleteVault", "v"));
        assert!(!rule("*", Some("v")).matches("ListVaults", "") && !rule("*", Some("v")).matches("DeleteVault", "w"));
        assert!(rule("DeleteVault", None).matches("DeleteVault", "w") && !rule("DeleteVault", None).matches("CreateVault", "w"));
    }
}
