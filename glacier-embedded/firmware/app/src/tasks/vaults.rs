//! Which vaults there are, and what is in one.

use core::fmt::Display;
use core::pin::pin;

use embedded_io_async::Read;
use glacier_core::VaultRef;
use glacier_core::ops::{DescribeVault, ListVaults};
use glacier_core::pages::{Page, Pages};
use glacier_core::retry::Retry;

use crate::apart::apart;
use crate::console::Console;
use crate::describe::OrDash;
use crate::link::Link;
use crate::why::{Failed, Why};

/// Lists all vaults.
pub(crate) async fn list(link: &mut Link<'_>) -> Result<(), Failed> {
    let list = ListVaults::default();
    let mut pages = Pages::new(&list);
    let Link { client, surroundings, buf, why, console, control, .. } = link;
    let mut retry = Retry::new(*control);
    loop {
        // A page that could not be opened is opened by the next turn.
        let open = async {
            let now = client.now(surroundings, buf).await?;
            pages.next(client, now, buf).await
        };
        let opened = apart(pin!(open)).await;
        match opened {
            Ok(None) => return Ok(()),
            Ok(Some(page)) => {
                apart(pin!(say_page(*console, why, page))).await?;
                retry = Retry::new(*control);
            }
            Err(error) => {
                let recover =
                    async { client.recover(&mut retry, error, true, surroundings).await.map_err(|error| why.call(&error)) };
                apart(pin!(recover)).await?;
            }
        }
    }
}

async fn say_page<B: Read>(console: Console, why: &mut Why, mut page: Page<'_, '_, '_, B, ListVaults<'_>>) -> Result<(), Failed> {
    while let Some(vault) = page.next().await.map_err(|error| why.this(&error))? {
        say(console, &OrDash(vault.vault_name), vault.number_of_archives, vault.size_in_bytes);
    }
    Ok(())
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
