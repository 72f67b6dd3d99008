//! Which vaults there are, and what is in one.

use core::fmt::Display;
use core::pin::pin;

use glacier_core::VaultRef;
use glacier_core::ops::{DescribeVault, ListVaults};
use glacier_core::pages::Pages;
use glacier_core::retry::Retry;

use crate::apart::apart;
use crate::console::Console;
use crate::describe::OrDash;
use crate::link::Link;
use crate::why::Failed;

/// Lists all vaults.
pub(crate) async fn list(link: &mut Link<'_>) -> Result<(), Failed> {
    let list = ListVaults::default();
    let mut pages = Pages::new(&list);
    let Link { client, surroundings, buf, why, console, control, .. } = link;
    loop {
        let mut retry = Retry::new(*control);
        let page = loop {
            let now = apart(pin!(client.now(surroundings, buf))).await;
            let error = match now {
                // A page that could not be opened is opened by the next turn.
                Ok(now) => {
                    let opened = apart(pin!(pages.next(client, now, buf))).await;
                    match opened {
                        Ok(page) => break page,
                        Err(error) => error,
                    }
                }
                Err(error) => error,
            };
            let recovered = apart(pin!(client.recover(&mut retry, error, true, surroundings))).await;
            recovered.map_err(|error| why.call(&error))?;
        };
        let Some(mut page) = page else { return Ok(()) };
        while let Some(vault) = page.next().await.map_err(|error| why.call(&error))? {
            say(*console, &OrDash(vault.vault_name), vault.number_of_archives, vault.size_in_bytes);
        }
    }
}

/// Describes one vault.
pub(crate) async fn describe(link: &mut Link<'_>, vault: VaultRef<'_>) -> Result<(), Failed> {
    let console = link.console;
    let described = link.call(&DescribeVault { vault }, link.control).await?;
    say(console, &vault.name.as_str(), described.number_of_archives, described.size_in_bytes);
    Ok(())
}

fn say(console: Console, name: &dyn Display, archives: Option<u64>, bytes: Option<u64>) {
    console.line(format_args!("vault name={name} archives={} bytes={}", OrDash(archives), OrDash(bytes)));
}
