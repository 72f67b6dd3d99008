//! Lists all vaults, and describes one.

use core::fmt::Display;
use core::pin::pin;

use embedded_io_async::Read;
use glacier_core::VaultRef;
use glacier_core::ops::{DescribeVault, ListVaults};
use glacier_core::pages::{Page, Pages};

use crate::console::Console;
use crate::description::OrDash;
use crate::own_frame::in_own_frame;
use crate::service::{Failed, Link, Reason};

/// Lists all vaults.
pub(crate) async fn list(link: &mut Link<'_>) -> Result<(), Failed> {
    let Link { client, environment, buf, reason, console, control, .. } = link;
    let list = ListVaults::default();
    let mut pages = Pages::new(&list);
    loop {
        match &mut in_own_frame(pin!(pages.next_retrying(client, *control, environment, buf))).await {
            Ok(Some(page)) => in_own_frame(pin!(print_page(*console, reason, page))).await?,
            Ok(None) => return Ok(()),
            Err(error) => return Err(reason.call(error)),
        }
    }
}

async fn print_page<B: Read>(
    console: Console,
    reason: &mut Reason,
    page: &mut Page<'_, '_, '_, B, ListVaults<'_>>,
) -> Result<(), Failed> {
    while let Some(vault) = page.next().await.map_err(|error| reason.this(&error))? {
        print(console, &OrDash(vault.vault_name), vault.number_of_archives, vault.size_in_bytes);
    }
    Ok(())
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
