//! The JSON documents of what is set for a vault or an account (sections 3.6 to 3.15 and 3.31 to 3.33 of the API reference).

use serde::Serialize;

use crate::local::model::{CapacityUnit, LockRecord, RetrievalPolicy, Tags};

/// The output of ListTagsForVault.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagsDocument {
    pub(crate) tags: Tags,
}

/// The output of GetVaultAccessPolicy.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccessPolicyDocument {
    pub(crate) policy: String,
}

/// The output of GetVaultLock.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LockDocument {
    creation_date: String,
    expiration_date: Option<String>,
    policy: String,
    state: &'static str,
}

impl LockDocument {
    pub(crate) fn new(lock: LockRecord) -> Self {
        LockDocument {
            creation_date: lock.created.to_string(),
            expiration_date: lock.expires.map(|expires| expires.to_string()),
            state: lock.state(),
            policy: lock.policy,
        }
    }
}

/// The output of GetDataRetrievalPolicy.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RetrievalPolicyDocument {
    policy: RetrievalRules,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RetrievalRules {
    rules: [RetrievalRule; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RetrievalRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_per_hour: Option<u64>,
    strategy: &'static str,
}

impl RetrievalPolicyDocument {
    pub(crate) fn new(policy: RetrievalPolicy) -> Self {
        let rule = RetrievalRule { bytes_per_hour: policy.bytes_per_hour(), strategy: policy.strategy() };
        RetrievalPolicyDocument { policy: RetrievalRules { rules: [rule] } }
    }
}

/// The output of ListProvisionedCapacity.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CapacityDocument {
    provisioned_capacity_list: Vec<CapacityUnitDocument>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CapacityUnitDocument {
    capacity_id: String,
    expiration_date: String,
    start_date: String,
}

impl CapacityDocument {
    pub(crate) fn new<'u>(units: impl Iterator<Item = &'u CapacityUnit>) -> Self {
        let unit = |unit: &CapacityUnit| CapacityUnitDocument {
            capacity_id: unit.id.clone(),
            expiration_date: unit.end.to_string(),
            start_date: unit.start.to_string(),
        };
        CapacityDocument { provisioned_capacity_list: units.map(unit).collect() }
    }
}
