//! Lists all vaults, and describes one.

use core::fmt::Display;
use core::ops::ControlFlow;

use glacier_core::VaultRef;
use glacier_core::ops::{DescribeVault, ListVaults};
use glacier_core::pages::Pages;

use crate::console::Console;
use crate::description::OrDash;
use crate::service::{Failed, Link};

/// Lists all vaults.
pub(crate) async fn list(link: &mut Link<'_>) -> Result<(), Failed> {
    let Link { client, environment, buf, reason, console, control, .. } = link;
    let list = ListVaults::default();
    let mut pages = Pages::new(&list);
    let listed = pages.for_each(client, *control, environment, buf, |vault| {
        print(*console, &OrDash(vault.vault_name), vault.number_of_archives, vault.size_in_bytes);
        ControlFlow::Continue(())
    });
    listed.await.map_err(|error| reason.call(&error))
}

/// Describes one vault.
pub(crate) async fn describe(link: &mut Link<'_>, vault: VaultRef<'_>) -> Result<(), Failed> {
    let console = link.console;
    let described = link.call(&DescribeVault { vault }, link.control).await?;
    print(console, &vault.name.as_str(), described.number_of_archives, described.size_in_bytes);
    Ok(())
}

fn print(console: Console, name: &dyn Display, archives: Option<u64>, bytes: Option<u64>) {
    console.line(format_args!("vault name={name} archives={} bytes={}", OrDash(archives), OrDash(bytes)));
}
