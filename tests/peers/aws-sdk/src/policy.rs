//! Policies, locks and provisioned capacity.

use std::error::Error;

use aws_sdk_glacier::types::{DataRetrievalPolicy, DataRetrievalRule, VaultAccessPolicy, VaultLockPolicy};
use glacier_core::AccountId;
use glacier_core::ops::{
    AbortVaultLock, BytesPerHour, CompleteVaultLock, DeleteVaultAccessPolicy, GetDataRetrievalPolicy, GetVaultAccessPolicy,
    GetVaultLock, InitiateVaultLock, ListProvisionedCapacity, Policy, PurchaseProvisionedCapacity, RetrievalLimit,
    SetDataRetrievalPolicy, SetVaultAccessPolicy,
};
use glacier_core::values::ids::LockId;

use crate::pair::Pair;
use crate::{ID, VAULT, vault};

/// A JSON document to be embedded in JSON, with characters that have to be escaped there.
const POLICY: &str = "{\n\t\"Version\": \"2012-10-17\", \"Statement\": [{\"Sid\": \"caf\u{e9} \\\"\\u00fc\\\" a/b \u{1f409}\", \"Effect\": \"Deny\"}]}\r\n";

pub(crate) async fn all(pair: &mut Pair) -> Result<(), Box<dyn Error>> {
    let (sdk, vault, account) = (pair.sdk.clone(), vault()?, AccountId::SIGNER);
    let policy = Policy::try_from(POLICY)?;

    let theirs = sdk.set_vault_access_policy().vault_name(VAULT).policy(VaultAccessPolicy::builder().policy(POLICY).build());
    pair.operation("SetVaultAccessPolicy", theirs.send(), &SetVaultAccessPolicy { vault, policy }).await;

    let theirs = sdk.get_vault_access_policy().vault_name(VAULT).send();
    pair.operation("GetVaultAccessPolicy", theirs, &GetVaultAccessPolicy { vault }).await;

    let theirs = sdk.delete_vault_access_policy().vault_name(VAULT).send();
    pair.operation("DeleteVaultAccessPolicy", theirs, &DeleteVaultAccessPolicy { vault }).await;

    let theirs = sdk.initiate_vault_lock().vault_name(VAULT).policy(VaultLockPolicy::builder().policy(POLICY).build());
    pair.operation("InitiateVaultLock", theirs.send(), &InitiateVaultLock { vault, policy }).await;

    pair.operation("GetVaultLock", sdk.get_vault_lock().vault_name(VAULT).send(), &GetVaultLock { vault }).await;

    pair.operation("AbortVaultLock", sdk.abort_vault_lock().vault_name(VAULT).send(), &AbortVaultLock { vault }).await;

    let theirs = sdk.complete_vault_lock().vault_name(VAULT).lock_id(ID).send();
    pair.operation("CompleteVaultLock", theirs, &CompleteVaultLock { vault, lock: LockId::try_from(ID)? }).await;

    // Too large to be represented exactly as a double.
    let bytes = (1 << 53) + 1;
    let rule = DataRetrievalRule::builder().strategy("BytesPerHour").bytes_per_hour(bytes).build();
    let theirs = sdk.set_data_retrieval_policy().policy(DataRetrievalPolicy::builder().rules(rule).build()).send();
    let limit = RetrievalLimit::BytesPerHour(BytesPerHour::try_from(bytes.unsigned_abs())?);
    pair.operation("SetDataRetrievalPolicy", theirs, &SetDataRetrievalPolicy { account, limit }).await;

    let theirs = sdk.get_data_retrieval_policy().send();
    pair.operation("GetDataRetrievalPolicy", theirs, &GetDataRetrievalPolicy { account }).await;

    let theirs = sdk.purchase_provisioned_capacity().send();
    pair.operation("PurchaseProvisionedCapacity", theirs, &PurchaseProvisionedCapacity { account }).await;

    pair.list("ListProvisionedCapacity", sdk.list_provisioned_capacity().send(), &ListProvisionedCapacity { account }).await;
    Ok(())
}
