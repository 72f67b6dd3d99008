//! Policies, locks and provisioned capacity.

use glacier_core::ops::{
    AbortVaultLock, BytesPerHour, CompleteVaultLock, DeleteVaultAccessPolicy, GetDataRetrievalPolicy, GetVaultAccessPolicy,
    GetVaultLock, InitiateVaultLock, ListProvisionedCapacity, Policy, PurchaseProvisionedCapacity, RetrievalLimit,
    SetDataRetrievalPolicy, SetVaultAccessPolicy,
};
use serde_json::Value;

use super::super::outputs::Shape;
use super::super::params::{Built, NotBuilt, Params, missing, typed};
use super::row::{ACCOUNT, Row, VAULT};
use super::{Rule, Visit, inexpressible, rule};

/// The operations of this file.
pub(super) const OPERATIONS: &[Row] = &[
    ("AbortVaultLock", VAULT, r#"{}"#),
    ("CompleteVaultLock", &["accountId", "vaultName", "lockId"], r#"{}"#),
    ("DeleteVaultAccessPolicy", VAULT, r#"{}"#),
    ("GetDataRetrievalPolicy", ACCOUNT, r#"{}"#),
    ("GetVaultAccessPolicy", VAULT, r#"{}"#),
    ("GetVaultLock", VAULT, r#"{}"#),
    ("InitiateVaultLock", &["accountId", "vaultName", "policy"], r#"{"policy": {"Policy": "{}"}}"#),
    ("ListProvisionedCapacity", ACCOUNT, r#"{}"#),
    ("PurchaseProvisionedCapacity", ACCOUNT, r#"{}"#),
    ("SetDataRetrievalPolicy", &["accountId", "Policy"], r#"{"Policy": {"Rules": [{"Strategy": "FreeTier"}]}}"#),
    ("SetVaultAccessPolicy", &["accountId", "vaultName", "policy"], r#"{"policy": {"Policy": "{}"}}"#),
];

pub(super) fn with<V: Visit>(operation: &str, p: &Params<'_>, visit: V) -> Built<V::Out> {
    match operation {
        "SetVaultAccessPolicy" => {
            let built = SetVaultAccessPolicy { vault: p.vault()?, policy: policy(p)? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "GetVaultAccessPolicy" => {
            let built = GetVaultAccessPolicy { vault: p.vault()? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "DeleteVaultAccessPolicy" => {
            let built = DeleteVaultAccessPolicy { vault: p.vault()? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "InitiateVaultLock" => {
            let built = InitiateVaultLock { vault: p.vault()?, policy: policy(p)? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "GetVaultLock" => {
            let built = GetVaultLock { vault: p.vault()? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "AbortVaultLock" => {
            let built = AbortVaultLock { vault: p.vault()? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "CompleteVaultLock" => {
            let built = CompleteVaultLock { vault: p.vault()?, lock: p.id("lockId")? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "SetDataRetrievalPolicy" => {
            let built = SetDataRetrievalPolicy { account: p.account()?, limit: retrieval_limit(p)? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "GetDataRetrievalPolicy" => {
            let built = GetDataRetrievalPolicy { account: p.account()? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "PurchaseProvisionedCapacity" => {
            let built = PurchaseProvisionedCapacity { account: p.account()? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "ListProvisionedCapacity" => {
            let built = ListProvisionedCapacity { account: p.account()? };
            p.finish_operation(operation)?;
            Ok(visit.list(&built, Shape::ALONE))
        }
        _ => Err(NotBuilt::Unknown(operation.to_string())),
    }
}

/// The policy's plain text, from the object around it.
fn policy<'a>(p: &Params<'a>) -> Built<Policy<'a>> {
    let around = p.object("policy")?.ok_or_else(|| missing("policy"))?;
    let text = around.required("Policy")?;
    around.finish(|_| false)?;
    typed("Policy", Policy::try_from(text), rule::policy(text))
}

/// `{"Rules": [one]}`
fn retrieval_limit(p: &Params<'_>) -> Built<RetrievalLimit> {
    let policy = p.object("Policy")?.ok_or_else(|| missing("Policy"))?;
    let rules = policy.value("Rules").ok_or_else(|| missing("Rules"))?;
    policy.finish(|_| false)?;
    let one = match rules.as_array().map(Vec::as_slice) {
        Some([Value::Object(one)]) => Params::new(one),
        Some([]) => return Err(missing("Rules")),
        _ => return Err(inexpressible("Rules", rules)),
    };
    let strategy = one.required("Strategy")?;
    let rate = one.value("BytesPerHour");
    one.finish(|_| false)?;
    match (strategy, rate) {
        ("BytesPerHour", Some(rate)) => {
            let bytes = rate.as_u64().ok_or_else(|| inexpressible("BytesPerHour", rate))?;
            typed("BytesPerHour", BytesPerHour::try_from(bytes), rule::bytes_per_hour(bytes)).map(RetrievalLimit::BytesPerHour)
        }
        ("BytesPerHour", None) => Err(missing("BytesPerHour")),
        ("FreeTier", None) => Ok(RetrievalLimit::FreeTier),
        ("None", None) => Ok(RetrievalLimit::Unlimited),
        ("FreeTier" | "None", Some(rate)) => {
            Err(NotBuilt::Rejected(Rule::Rule, format!("{strategy} has no BytesPerHour, and here is {rate}")))
        }
        (other, _) => Err(inexpressible("Strategy", other)),
    }
}
