//! Vaults, their tags and their notifications.

use glacier_core::ops::{
    AddTagsToVault, CreateVault, DeleteVault, DeleteVaultNotifications, DescribeVault, GetVaultNotifications, ListTagsForVault,
    ListVaults, NotificationEvent, RemoveTagsFromVault, SetVaultNotifications, TagKeys, Tags,
};
use serde_json::{Map, Value};

use super::super::outputs::Shape;
use super::super::params::{Built, NotBuilt, Params, missing, typed};
use super::row::{Row, VAULT};
use super::{Visit, inexpressible, rule};

/// The operations of this file.
pub(super) const OPERATIONS: &[Row] = &[
    ("AddTagsToVault", &["accountId", "vaultName", "Tags"], r#"{"Tags": {"k": "v"}}"#),
    ("CreateVault", VAULT, r#"{}"#),
    ("DeleteVault", VAULT, r#"{}"#),
    ("DeleteVaultNotifications", VAULT, r#"{}"#),
    ("DescribeVault", VAULT, r#"{}"#),
    ("GetVaultNotifications", VAULT, r#"{}"#),
    ("ListTagsForVault", VAULT, r#"{}"#),
    ("ListVaults", &["accountId", "limit", "marker"], r#"{}"#),
    ("RemoveTagsFromVault", &["accountId", "vaultName", "TagKeys"], r#"{"TagKeys": ["k"]}"#),
    (
        "SetVaultNotifications",
        &["accountId", "vaultName", "vaultNotificationConfig"],
        r#"{"vaultNotificationConfig": {"SNSTopic": "arn:aws:sns:us-west-2:012345678901:t", "Events": ["ArchiveRetrievalCompleted"]}}"#,
    ),
];

pub(super) fn with<V: Visit>(operation: &str, p: &Params<'_>, visit: V) -> Built<V::Out> {
    match operation {
        "CreateVault" => {
            let built = CreateVault { vault: p.vault()? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "DescribeVault" => {
            let built = DescribeVault { vault: p.vault()? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "ListVaults" => {
            let built = ListVaults { account: p.account()?, limit: p.number("limit")?, marker: p.text("marker")? };
            p.finish_operation(operation)?;
            Ok(visit.pages(&built, Shape::PAGE))
        }
        "DeleteVault" => {
            let built = DeleteVault { vault: p.vault()? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "AddTagsToVault" => {
            let vault = p.vault()?;
            let map = p.map("Tags")?.ok_or_else(|| missing("Tags"))?;
            let pairs = pairs(map)?;
            let broken = rule::tags(pairs.len(), pairs.iter().copied());
            let tags = typed("Tags", Tags::new(&pairs), broken)?;
            p.finish_operation(operation)?;
            Ok(visit.operation(&AddTagsToVault { vault, tags }))
        }
        "RemoveTagsFromVault" => {
            let vault = p.vault()?;
            let keys = texts("TagKeys", p.value("TagKeys").ok_or_else(|| missing("TagKeys"))?)?;
            let broken = rule::tags(keys.len(), keys.iter().map(|key| (*key, "")));
            let keys = typed("TagKeys", TagKeys::new(&keys), broken)?;
            p.finish_operation(operation)?;
            Ok(visit.operation(&RemoveTagsFromVault { vault, keys }))
        }
        "ListTagsForVault" => {
            let built = ListTagsForVault { vault: p.vault()? };
            p.finish_operation(operation)?;
            Ok(visit.list(&built, Shape::MAP))
        }
        "SetVaultNotifications" => {
            let vault = p.vault()?;
            let config = p.object("vaultNotificationConfig")?;
            p.finish_operation(operation)?;
            let (mut sns_topic, mut events) = (None, None);
            if let Some(config) = config {
                sns_topic = config.text("SNSTopic")?;
                events = config.value("Events").map(event_list).transpose()?;
                config.finish(|_| false)?;
            }
            let built = SetVaultNotifications { vault, sns_topic, events: events.as_deref() };
            Ok(visit.operation(&built))
        }
        "GetVaultNotifications" => {
            let built = GetVaultNotifications { vault: p.vault()? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "DeleteVaultNotifications" => {
            let built = DeleteVaultNotifications { vault: p.vault()? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        _ => Err(NotBuilt::Unknown(operation.to_string())),
    }
}

/// The pairs of a map of texts.
pub(super) fn pairs(map: &Map<String, Value>) -> Built<Vec<(&str, &str)>> {
    map.iter().map(|(key, value)| Ok((key.as_str(), value.as_str().ok_or_else(|| inexpressible(key, value))?))).collect()
}

fn texts<'a>(name: &str, list: &'a Value) -> Built<Vec<&'a str>> {
    let list = list.as_array().ok_or_else(|| inexpressible(name, list))?;
    list.iter().map(|value| value.as_str().ok_or_else(|| inexpressible(name, value))).collect()
}

fn event_list(list: &Value) -> Built<Vec<NotificationEvent>> {
    texts("Events", list)?
        .into_iter()
        .map(|name| match name {
            "ArchiveRetrievalCompleted" => Ok(NotificationEvent::ArchiveRetrievalCompleted),
            "InventoryRetrievalCompleted" => Ok(NotificationEvent::InventoryRetrievalCompleted),
            other => Err(inexpressible("Events", other)),
        })
        .collect()
}
