//! Operations of the API that the vault does not implement.

use glacier_core::Method::{self, Delete, Get, Post, Put};

use crate::harness::Harness;

const UNIMPLEMENTED: [(Method, &str, &str, &str); 17] = [
    (Post, "/-/vaults/v/tags", "operation=add", "AddTagsToVault"),
    (Get, "/-/vaults/v/tags", "", "ListTagsForVault"),
    (Post, "/-/vaults/v/tags", "operation=remove", "RemoveTagsFromVault"),
    (Put, "/-/vaults/v/notification-configuration", "", "SetVaultNotifications"),
    (Get, "/-/vaults/v/notification-configuration", "", "GetVaultNotifications"),
    (Delete, "/-/vaults/v/notification-configuration", "", "DeleteVaultNotifications"),
    (Put, "/-/vaults/v/access-policy", "", "SetVaultAccessPolicy"),
    (Get, "/-/vaults/v/access-policy", "", "GetVaultAccessPolicy"),
    (Delete, "/-/vaults/v/access-policy", "", "DeleteVaultAccessPolicy"),
    (Post, "/-/vaults/v/lock-policy", "", "InitiateVaultLock"),
    (Get, "/-/vaults/v/lock-policy", "", "GetVaultLock"),
    (Delete, "/-/vaults/v/lock-policy", "", "AbortVaultLock"),
    (Post, "/-/vaults/v/lock-policy/id", "", "CompleteVaultLock"),
    (Put, "/-/policies/data-retrieval", "", "SetDataRetrievalPolicy"),
    (Get, "/-/policies/data-retrieval", "", "GetDataRetrievalPolicy"),
    (Post, "/-/provisioned-capacity", "", "PurchaseProvisionedCapacity"),
    (Get, "/-/provisioned-capacity", "", "ListProvisionedCapacity"),
];

#[tokio::test]
async fn an_operation_that_is_not_implemented_is_named() {
    let harness = Harness::with_vault().await;
    for (method, path, query, name) in UNIMPLEMENTED {
        let response = harness.raw(method, path, query, &[], b"").await;
        assert_eq!((response.status, response.code.as_str()), (501, "NotImplementedException"), "{name}");
        assert_eq!(response.message, format!("{name} is not implemented by this local vault"));
    }
}
