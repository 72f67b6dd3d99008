//! SetVaultAccessPolicy, GetVaultAccessPolicy, DeleteVaultAccessPolicy.

use super::context::{Handler, OperationContext, document, find_vault};
use super::error::OperationError;
use crate::local::model::ApiError;
use crate::local::request::{ApiRequest, PolicyBody, json_body};
use crate::local::response::{AccessPolicyDocument, LocalResponse};
use crate::local::store::{ReadSettings, VaultPolicy};
use crate::policy::Policy;

/// The operations that this file performs.
pub(super) const HANDLERS: &[(&str, Handler)] =
    &[("SetVaultAccessPolicy", set), ("GetVaultAccessPolicy", get), ("DeleteVaultAccessPolicy", delete)];

fn set(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let policy = policy_text(request, "access")?;
    context.change(request, |records| {
        let vault = find_vault(records, request)?;
        Ok(records.save_setting(vault, &VaultPolicy(policy))?)
    })?;
    Ok(LocalResponse::empty(204))
}

/// The policy in the body, which can be that of the vault in the path.
pub(super) fn policy_text(request: &ApiRequest, kind: &str) -> Result<String, ApiError> {
    let text = json_body::<PolicyBody>(&request.body)?.policy.ok_or_else(|| ApiError::missing("Policy"))?;
    let checked = Policy::parse(&text).and_then(|policy| policy.check_for(&request.arn()));
    checked.map_err(|error| {
        ApiError::invalid(format!("The specified vault {kind} policy is invalid. Provide a valid policy. {error}"))
    })?;
    Ok(text)
}

fn get(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let policy = context.store.records.read(|records| {
        let vault = find_vault(records, request)?;
        Ok::<_, OperationError>(records.setting::<VaultPolicy>(vault)?)
    })?;
    let none = || ApiError::not_found(format!("No vault access policy is set for vault: {}", request.arn()));
    document(&AccessPolicyDocument { policy: policy.ok_or_else(none)?.0 })
}

/// It is not an error if there is none.
fn delete(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    context.change(request, |records| {
        let vault = find_vault(records, request)?;
        Ok(records.remove_setting::<VaultPolicy>(vault)?)
    })?;
    Ok(LocalResponse::empty(204))
}
