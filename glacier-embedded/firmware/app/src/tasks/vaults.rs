//! Which vaults there are, and what is in one.

use core::fmt::Display;

use embedded_sdmmc::BlockDevice;
use glacier_core::VaultRef;
use glacier_core::ops::{DescribeVault, ListVaults};
use glacier_core::pages::Pages;

use crate::console::Console;
use crate::describe::OrDash;
use crate::link::Link;
use crate::stop::Stop;

/// Lists all vaults.
pub(crate) async fn list<D: BlockDevice>(link: &mut Link<'_>) -> Result<(), Stop<D>> {
    let list = ListVaults::default();
    let mut pages = Pages::new(&list);
    loop {
        let now = link.now().await?;
        let Some(mut page) = pages.next(&mut link.client, now, link.buf).await? else { return Ok(()) };
        while let Some(vault) = page.next().await? {
            say(link.console, &OrDash(vault.vault_name), vault.number_of_archives, vault.size_in_bytes);
        }
    }
}

/// Describes one vault.
pub(crate) async fn describe<D: BlockDevice>(link: &mut Link<'_>, vault: VaultRef<'_>) -> Result<(), Stop<D>> {
    let console = link.console;
    let described = link.call(&DescribeVault { vault }).await?;
    say(console, &vault.name.as_str(), described.number_of_archives, described.size_in_bytes);
    Ok(())
}

fn say(console: Console, name: &dyn Display, archives: Option<u64>, bytes: Option<u64>) {
    console.line(format_args!("vault name={name} archives={} bytes={}", OrDash(archives), OrDash(bytes)));
}
