//! Whether a request is authorized: the policies of its vault decide, as they are in the transaction that asks.
//!
//! Sources: "Vault Access Policies", "Vault Lock Policies" and "Actions, resources, and condition keys" of the Amazon Glacier developer
//! guide; "Troubleshoot access denied error messages" of the IAM user guide.

use glacier_core::ErrorCode;

use super::condition_context::condition_context;
use super::error::OperationError;
use crate::local::model::{ApiError, ArchiveRecord, LockRecord, Tags, VaultNumber};
use crate::local::request::ApiRequest;
use crate::local::store::{ReadSettings, VaultPolicy};
use crate::policy::{AccessRequest, Caller, Decision, Policy, StatementRef, decide};

/// Operations that no vault policy speaks of: they are about an account, or about a vault that is not there yet.
const OF_THE_ACCOUNT: [&str; 6] = [
    "CreateVault",
    "ListVaults",
    "SetDataRetrievalPolicy",
    "GetDataRetrievalPolicy",
    "PurchaseProvisionedCapacity",
    "ListProvisionedCapacity",
];

/// Operations on a vault that no policy can allow to another account.
const OF_THE_OWNER: [&str; 7] = [
    "AddTagsToVault",
    "ListTagsForVault",
    "RemoveTagsFromVault",
    "InitiateVaultLock",
    "GetVaultLock",
    "AbortVaultLock",
    "CompleteVaultLock",
];

/// Operations whose conditions can ask for the tags of the vault.
const WITH_TAGS: [&str; 15] = [
    "DeleteVault",
    "AddTagsToVault",
    "RemoveTagsFromVault",
    "SetVaultNotifications",
    "DeleteVaultNotifications",
    "SetVaultAccessPolicy",
    "DeleteVaultAccessPolicy",
    "InitiateVaultLock",
    "CompleteVaultLock",
    "UploadArchive",
    "DeleteArchive",
    "InitiateMultipartUpload",
    "UploadMultipartPart",
    "CompleteMultipartUpload",
    "InitiateJob",
];

/// Checks that the caller's account may ask for this operation at all.
pub(super) fn check_account(request: &ApiRequest) -> Result<(), ApiError> {
    let name = request.operation.name;
    if OF_THE_ACCOUNT.contains(&name) || OF_THE_OWNER.contains(&name) { request.check_owner() } else { Ok(()) }
}

/// Checks that the policies of the vault in the path allow the request; `archive` is what a request for one archive finds. If there is no such
/// vault, there is no policy either: another account is denied, and does not learn that it does not exist.
pub(super) fn authorize(
    records: &impl ReadSettings,
    request: &ApiRequest,
    vault: Option<VaultNumber>,
    archive: Option<&ArchiveRecord>,
) -> Result<(), OperationError> {
    let (access, lock) = match vault {
        Some(vault) => policies(records, request, vault)?,
        None => (None, None),
    };
    let is_own = request.caller.account == request.owner;
    if is_own && access.is_none() && lock.is_none() {
        return Ok(());
    }
    let tags = match vault {
        Some(vault) if WITH_TAGS.contains(&request.operation.name) => records.setting::<Tags>(vault)?.unwrap_or_default(),
        _ => Tags::default(),
    };
    let asked = AccessRequest {
        action: &format!("glacier:{}", request.operation.name),
        resource: &request.arn(),
        caller: Some(Caller { arn: &request.caller.principal, account: &request.caller.account }),
        owner: &request.owner,
        context: &condition_context(request, &tags, archive),
    };
    match decide(&asked, access.as_ref(), lock.as_ref()) {
        Decision::Allow(_) => Ok(()),
        Decision::Deny(by) => Err(denied(&asked, by).into()),
    }
}

/// The access policy, and the lock policy from when it is in progress on.
fn policies(
    records: &impl ReadSettings,
    request: &ApiRequest,
    vault: VaultNumber,
) -> Result<(Option<Policy>, Option<Policy>), OperationError> {
    // They were accepted when they were set. What cannot be read denies nothing by itself, so it must not allow anything either.
    let parse = |kind: &str, text: &str| {
        Policy::parse(text).map_err(|error| ApiError::unavailable(format!("The vault {kind} policy cannot be read: {error}")))
    };
    let access = records.setting::<VaultPolicy>(vault)?.map(|policy| parse("access", &policy.0)).transpose()?;
    let lock = records.setting::<LockRecord>(vault)?.filter(|lock| lock.is_in_force(request.now()));
    Ok((access, lock.map(|lock| parse("lock", &lock.policy)).transpose()?))
}

/// The error, in AWS's words and with the reason at its end.
fn denied(asked: &AccessRequest<'_>, by: Option<StatementRef>) -> ApiError {
    let AccessRequest { action, resource, owner, .. } = asked;
    let (caller, account) = asked.caller.map_or(("anonymous", ""), |caller| (caller.arn, caller.account));
    let reason = match by {
        Some(statement) => format!("with an explicit deny in a resource-based policy: {statement}"),
        None => format!(
            "because no resource-based policy allows the {action} action: the vault is of account {owner}, and no statement allows it \
             for account {account}"
        ),
    };
    ApiError::new(
        ErrorCode::AccessDenied,
        format!("User: {caller} is not authorized to perform: {action} on resource: {resource} {reason}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::ops::catalogue::{OPERATIONS, OperationInfo};
    use serde_json::{Value, json};

    use crate::policy::{ConditionContext, PolicyKind};

    /// The permissions reference of the guide, as the golden policies have it.
    #[test]
    fn operations_are_as_the_permissions_reference_has_them() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/policies.json");
        // The published crate has no vectors.
        let Ok(text) = std::fs::read(path) else { return };
        let golden: Value = serde_json::from_slice(&text).unwrap();
        for OperationInfo { name, path, .. } in OPERATIONS {
            let action = &golden["actions"][format!("glacier:{name}")];
            assert_eq!(OF_THE_ACCOUNT.contains(&name), !action["onAVault"].as_bool().unwrap(), "{name}");
            let keys = action["glacierKeys"].as_array().unwrap();
            assert_eq!(WITH_TAGS.contains(&name), keys.contains(&json!("glacier:ResourceTag/")), "{name}");
            let about = ["/tags", "/lock-policy"].iter().any(|part| path.contains(part));
            assert_eq!(OF_THE_OWNER.contains(&name), about, "{name}");
        }
        let aged: Vec<&String> = golden["actions"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, action)| action["glacierKeys"].as_array().unwrap().contains(&json!("glacier:ArchiveAgeInDays")))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(aged, ["glacier:DeleteArchive", "glacier:InitiateJob"], "the two that find an archive");
    }

    #[test]
    fn a_message_ends_with_what_denied() {
        let context = ConditionContext::new();
        let (user, account) = ("arn:aws:iam::111122223333:user/clerk", "111122223333");
        let caller = Some(Caller { arn: user, account });
        let resource = "arn:aws:glacier:us-west-2:444455556666:vaults/v";
        let asked = AccessRequest { action: "glacier:ListJobs", resource, caller, owner: "444455556666", context: &context };
        let by = StatementRef { policy: PolicyKind::Lock, index: 1, sid: Some("hold".into()) };
        let start = format!("User: {user} is not authorized to perform: glacier:ListJobs on resource: {resource} ");
        for (by, end) in [
            (Some(by), "with an explicit deny in a resource-based policy: statement 1 (hold) of the vault lock policy"),
            (
                None,
                "because no resource-based policy allows the glacier:ListJobs action: the vault is of account 444455556666, and no statement \
                 allows it for account 111122223333",
            ),
        ] {
            let error = denied(&asked, by);
            assert_eq!((error.code, error.message), (ErrorCode::AccessDenied, format!("{start}{end}")));
        }
    }
}
