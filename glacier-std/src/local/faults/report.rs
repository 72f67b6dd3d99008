//! A script that is in force, with what has become of it.

use serde::Serialize;

use super::rule::FaultRule;

/// The fault script in force, with how often each rule has hit.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FaultReport {
    /// The script's seed.
    pub seed: u64,
    /// The rules, in order.
    pub rules: Vec<RuleReport>,
}

/// A rule, with how often it has hit.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RuleReport {
    /// The rule as it was set.
    #[serde(flatten)]
    pub rule: FaultRule,
    /// How often the fault happened.
    pub hits: u64,
}

impl RuleReport {
    pub(super) fn new(rule: FaultRule, hits: u64) -> Self {
        RuleReport { rule, hits }
    }
}

impl FaultReport {
    pub(super) fn new(seed: u64, rules: Vec<RuleReport>) -> Self {
        FaultReport { seed, rules }
    }
}
