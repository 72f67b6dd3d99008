//! What the firmware can be told to do.

mod archive;
mod generated;
mod inventory;
mod vaults;

use core::net::SocketAddr;
use core::pin::pin;
use core::time::Duration;

use embassy_futures::select::{Either, select};
use embassy_net::{Ipv4Address, Ipv4Cidr, StaticConfigV4};
use embassy_net_driver::Driver;
use embassy_time::Delay;
use embedded_sdmmc::BlockDevice;
use glacier_core::retry::RetryPolicy;
use glacier_core::{Client, Credentials, Service, Timestamp, VaultRef};
use glacier_embedded::{HttpTransport, Timeouts};

use crate::clock::{Clock, Origin};
use crate::console::Console;
use crate::environment::Surroundings;
use crate::link::{Link, Net};
use crate::memory::Memory;
use crate::settings::{BadSetting, ClockFrom, Settings, Task};
use crate::stop::Stop;

/// The address in QEMU's user network, where the host is 10.0.2.2.
const ADDRESS: Ipv4Cidr = Ipv4Cidr::new(Ipv4Address::new(10, 0, 2, 15), 24);
const GATEWAY: Ipv4Address = Ipv4Address::new(10, 0, 2, 2);

/// Sets the clock, starts the network, and does the task.
pub(crate) async fn run<E: Driver, D: BlockDevice>(
    board: &'static str,
    console: Console,
    settings: &Settings<'_>,
    ethernet: E,
    card: D,
    host_time: fn() -> Option<u64>,
    memory: &mut Memory,
) -> Result<(), Stop<D>> {
    let clock = Clock::new(console);
    if settings.task != Task::Archive {
        console.line(format_args!("boot board={board} dev={} boot=-", settings.device));
    }
    match settings.clock {
        ClockFrom::Host => {
            if let Some(now) = host_time() {
                clock.set(Origin::Host, Timestamp::from_unix(now));
            }
        }
        ClockFrom::Set(now) => clock.set(Origin::Set, Timestamp::from_unix(now)),
        ClockFrom::Sntp(_) | ClockFrom::Service => {}
    }

    let address = StaticConfigV4 { address: ADDRESS, gateway: Some(GATEWAY), dns_servers: Default::default() };
    let seed = host_time().unwrap_or_default();
    let (stack, mut runner) = embassy_net::new(ethernet, embassy_net::Config::ipv4_static(address), &mut memory.sockets, seed);

    let net = Net::new(stack, &memory.windows);
    let timeouts = Timeouts { silence: Duration::from_secs(settings.silence.into()), ..Timeouts::default() };
    let transport = HttpTransport::new(&net, SocketAddr::V4(settings.server), Delay, timeouts, &mut memory.receive, &mut memory.send);
    let service = Service::new(settings.region, settings.host).map_err(Stop::Service)?;
    let credentials = Credentials::new(settings.key, settings.secret, settings.token).map_err(Stop::Credentials)?;
    let policy = |usual: RetryPolicy| RetryPolicy { max_attempts: settings.tries.unwrap_or(usual.max_attempts), ..usual };
    let mut link = Link {
        client: Client::new(transport, service, credentials),
        surroundings: Surroundings::new(&clock, console),
        console,
        buf: &mut memory.buf,
        uploads: policy(RetryPolicy::TRANSFER),
        control: policy(RetryPolicy::default()),
    };
    let task = pin!(async {
        match settings.task {
            Task::Archive => archive::archive(&mut link, board, settings, vault(settings)?, card).await,
            Task::Generated => generated::generated(&mut link, settings, vault(settings)?).await,
            Task::Vaults => vaults::list(&mut link).await,
            Task::Describe => vaults::describe(&mut link, vault(settings)?).await,
            Task::Inventory => inventory::inventory(&mut link, settings, vault(settings)?, &mut memory.item).await,
        }
    });
    match select(task, pin!(runner.run())).await {
        Either::First(done) => done,
        Either::Second(never) => never,
    }
}

fn vault<'a, D: BlockDevice>(settings: &Settings<'a>) -> Result<VaultRef<'a>, Stop<D>> {
    settings.vault.ok_or(BadSetting::Missing("vault"))?.try_into().map_err(Stop::Vault)
}
