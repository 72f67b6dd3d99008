//! Vaults, their tags and their notification configuration.

use std::collections::HashMap;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::types::VaultNotificationConfig;

use super::check::{ABSENT, INVALID, LIMIT, Outcome, equal, fails, some};
use super::server::{ACCOUNT, arn};

/// Runs first: it looks at all vaults.
pub(super) async fn vaults(sdk: Client) -> Outcome {
    let names: Vec<String> = (0..12).map(|number| format!("v{number:02}")).collect();
    for name in &names {
        let made = sdk.create_vault().vault_name(name).send().await?;
        equal(made.location(), Some(format!("/{ACCOUNT}/vaults/{name}").as_str()), "location")?;
    }
    sdk.create_vault().account_id(ACCOUNT).vault_name("v00").send().await?;
    let described = sdk.describe_vault().vault_name("v05").send().await?;
    equal((described.vault_name(), described.vault_arn()), (Some("v05"), Some(arn("v05").as_str())), "the vault")?;
    equal(described.creation_date().is_some_and(|date| date.ends_with('Z')), true, "its date")?;

    let pages = sdk.list_vaults().into_paginator().page_size(5).send().try_collect().await?;
    let listed: Vec<Vec<&str>> =
        pages.iter().map(|page| page.vault_list().iter().filter_map(|vault| vault.vault_name()).collect()).collect();
    equal(
        listed,
        [&names[..5], &names[5..10], &names[10..]].map(|page| page.iter().map(String::as_str).collect()).into(),
        "pages",
    )?;
    equal(pages[0].marker(), Some(arn("v04").as_str()), "the marker of the first page")?;
    fails(sdk.list_vaults().limit(11).send().await, INVALID)?;

    for name in &names {
        sdk.delete_vault().vault_name(name).send().await?;
    }
    sdk.delete_vault().vault_name("v05").send().await?;
    fails(sdk.delete_vault().vault_name("nosuch").send().await, ABSENT)?;
    equal(sdk.list_vaults().send().await?.vault_list().len(), 0, "the vaults that are left")?;
    let gone = sdk.describe_vault().vault_name("v05").send().await;
    let typed = gone.as_ref().err().and_then(|error| error.as_service_error());
    equal(typed.is_some_and(|error| error.is_resource_not_found_exception()), true, "the error has its type")?;
    fails(gone, ABSENT)?;
    fails(sdk.create_vault().vault_name("no spaces").send().await, INVALID)
}

pub(super) async fn tags(sdk: Client) -> Outcome {
    let vault = "tagged";
    sdk.create_vault().vault_name(vault).send().await?;
    let all =
        async || Ok::<_, super::check::Failure>(sdk.list_tags_for_vault().vault_name(vault).send().await?.tags.unwrap_or_default());
    let add = |tags: HashMap<String, String>| sdk.add_tags_to_vault().vault_name(vault).set_tags(Some(tags)).send();
    let numbered = |word: &str, numbers: std::ops::Range<u32>| {
        numbers.map(|number| (format!("{word} {number}"), number.to_string())).collect::<HashMap<_, _>>()
    };
    equal(all().await?, HashMap::new(), "no tags")?;
    let first = sdk.add_tags_to_vault().vault_name(vault).tags("project", "moon").tags("empty", "").tags("Zo\u{eb}", "a/b = c");
    first.send().await?;
    sdk.add_tags_to_vault().vault_name(vault).tags("project", "mars").send().await?;
    let wanted = [("project", "mars"), ("empty", ""), ("Zo\u{eb}", "a/b = c")];
    equal(all().await?, wanted.map(|(key, value)| (key.into(), value.into())).into(), "tags")?;
    let removed = sdk.remove_tags_from_vault().vault_name(vault).tag_keys("empty").tag_keys("never there").tag_keys("Zo\u{eb}");
    removed.send().await?;
    equal(all().await?, [("project".to_owned(), "mars".to_owned())].into(), "the tags that are left")?;
    for start in [0, 10, 20, 30] {
        add(numbered("key", start..start + 10)).await?;
    }
    fails(add(numbered("more", 0..10)).await, LIMIT)?;
    equal(all().await?.len(), 41, "tags: a call that fails adds none")?;
    fails(add([("aws:reserved".into(), "x".into())].into()).await, INVALID)?;
    fails(sdk.list_tags_for_vault().vault_name("nosuch").send().await, ABSENT)
}

pub(super) async fn notifications(sdk: Client) -> Outcome {
    let vault = "notifying";
    sdk.create_vault().vault_name(vault).send().await?;
    let get = || sdk.get_vault_notifications().vault_name(vault).send();
    let set = |config| sdk.set_vault_notifications().vault_name(vault).vault_notification_config(config).send();
    fails(get().await, ABSENT)?;
    let config = VaultNotificationConfig::builder().sns_topic(format!("arn:aws:sns:eu-west-1:{ACCOUNT}:done"));
    let both = config.clone().events("ArchiveRetrievalCompleted").events("InventoryRetrievalCompleted").build();
    set(both.clone()).await?;
    equal(some(get().await?.vault_notification_config, "the configuration")?, both, "configuration")?;
    fails(set(config.events("Guess").build()).await, INVALID)?;
    for _ in 0..2 {
        sdk.delete_vault_notifications().vault_name(vault).send().await?;
    }
    fails(get().await, ABSENT)
}
