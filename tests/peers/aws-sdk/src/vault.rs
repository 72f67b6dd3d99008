//! Vaults, their tags, notifications.

use std::error::Error;

use aws_sdk_glacier::types::VaultNotificationConfig;
use glacier_core::ops::{
    AddTagsToVault, CreateVault, DeleteVault, DeleteVaultNotifications, DescribeVault, GetVaultNotifications, ListTagsForVault,
    ListVaults, NotificationEvent, RemoveTagsFromVault, SetVaultNotifications, TagKeys, Tags,
};
use glacier_core::{AccountId, VaultName, VaultRef};

use crate::pair::Pair;
use crate::{ACCOUNT, VAULT, vault};

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:a-topic";

pub(crate) async fn all(pair: &mut Pair) -> Result<(), Box<dyn Error>> {
    let (sdk, vault) = (pair.sdk.clone(), vault()?);

    pair.operation("CreateVault", sdk.create_vault().vault_name(VAULT).send(), &CreateVault { vault }).await;

    let named = VaultRef { account: AccountId::try_from(ACCOUNT)?, name: VaultName::try_from(VAULT)? };
    let theirs = sdk.describe_vault().account_id(ACCOUNT).vault_name(VAULT).send();
    pair.operation("DescribeVault", theirs, &DescribeVault { vault: named }).await;

    let marker = "arn:aws:glacier:eu-west-1:111122223333:vaults/my_vault";
    let theirs = sdk.list_vaults().limit(10).marker(marker).send();
    let ours = ListVaults { account: AccountId::SIGNER, limit: Some(10), marker: Some(marker) };
    pair.list("ListVaults", theirs, &ours).await;

    pair.operation("DeleteVault", sdk.delete_vault().vault_name(VAULT).send(), &DeleteVault { vault }).await;

    let theirs = sdk.add_tags_to_vault().vault_name(VAULT).tags("Who", "Zo\u{eb} & \"co\"").tags("a key/1", "").send();
    let tags = Tags::new(&[("Who", "Zo\u{eb} & \"co\""), ("a key/1", "")])?;
    pair.operation("AddTagsToVault", theirs, &AddTagsToVault { vault, tags }).await;

    pair.list("ListTagsForVault", sdk.list_tags_for_vault().vault_name(VAULT).send(), &ListTagsForVault { vault }).await;

    let theirs = sdk.remove_tags_from_vault().vault_name(VAULT).tag_keys("Who").tag_keys("a key/1").send();
    let keys = TagKeys::new(&["Who", "a key/1"])?;
    pair.operation("RemoveTagsFromVault", theirs, &RemoveTagsFromVault { vault, keys }).await;

    let configuration = VaultNotificationConfig::builder()
        .sns_topic(TOPIC)
        .events("ArchiveRetrievalCompleted")
        .events("InventoryRetrievalCompleted")
        .build();
    let theirs = sdk.set_vault_notifications().vault_name(VAULT).vault_notification_config(configuration).send();
    let events = [NotificationEvent::ArchiveRetrievalCompleted, NotificationEvent::InventoryRetrievalCompleted];
    let ours = SetVaultNotifications { vault, sns_topic: Some(TOPIC), events: Some(&events) };
    pair.operation("SetVaultNotifications", theirs, &ours).await;

    let theirs = sdk.get_vault_notifications().vault_name(VAULT).send();
    pair.operation("GetVaultNotifications", theirs, &GetVaultNotifications { vault }).await;

    let theirs = sdk.delete_vault_notifications().vault_name(VAULT).send();
    pair.operation("DeleteVaultNotifications", theirs, &DeleteVaultNotifications { vault }).await;
    Ok(())
}
