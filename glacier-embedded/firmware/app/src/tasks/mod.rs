//! What the firmware can be told to do.

mod archive;
mod generated;
#[cfg(feature = "inquiries")]
mod inventory;
#[cfg(feature = "inquiries")]
mod vaults;

use core::net::{SocketAddr, SocketAddrV4};
use core::pin::pin;
use core::time::Duration;

use embassy_futures::select::{Either, select};
use embassy_net::udp::{PacketMetadata, UdpSocket};
use embassy_net::{Ipv4Address, Ipv4Cidr, Runner, Stack, StackResources, StaticConfigV4};
use embassy_net_driver::Driver;
use embassy_time::Delay;
use embedded_sdmmc::BlockDevice;
use glacier_core::retry::RetryPolicy;
use glacier_core::{Client, Credentials, Endpoint, VaultRef};
use glacier_embedded::{EmbassyUdp, HttpTransport, Timeouts};

use crate::apart::apart;
use crate::clock::Clock;
use crate::console::{Console, Quoted};
use crate::environment::Surroundings;
use crate::link::{Link, Net};
use crate::memory::{Datagrams, Memory};
use crate::settings::{BadSetting, ClockFrom, Settings, Task};
use crate::why::{Failed, Why};
use crate::{Board, Devices};

/// The address in QEMU's user network, where the host is 10.0.2.2.
const ADDRESS: Ipv4Cidr = Ipv4Cidr::new(Ipv4Address::new(10, 0, 2, 15), 24);
const GATEWAY: Ipv4Address = Ipv4Address::new(10, 0, 2, 2);

/// Starts the network, sets the clock, and does the task.
pub(crate) async fn run<E: Driver, D: BlockDevice>(
    board: &Board,
    settings: &Settings<'_>,
    devices: Devices<'_, E, D>,
    memory: &mut Memory,
) -> Result<(), Failed> {
    let (console, clock) = (board.console, Clock::default());
    let host_time = (board.host_time)();
    let seed = host_time.unwrap_or_default();
    let Memory { sockets, windows, datagrams, receive, send, buf, why } = memory;
    let (stack, mut runner) = network(devices.ethernet, sockets, seed);
    let net = Net::new(stack, windows);
    let mut link = None;
    prepare(&mut link, settings, Surroundings::new(&clock, console, seed), console, &net, (receive, send, buf), why)?;
    let Some(link) = &mut link else { return Err(Failed::All) };
    let task = pin!(async {
        if settings.task != Task::Archive {
            console.line(format_args!("boot board={} dev={} boot=-", board.name, settings.device));
        }
        match settings.clock {
            ClockFrom::Host => host_time.into_iter().for_each(|now| link.surroundings.set(now, "host")),
            ClockFrom::Set(now) => link.surroundings.set(now, "set"),
            ClockFrom::Sntp(server) => apart(pin!(ask(console, &mut link.surroundings, stack, datagrams, server))).await,
            // It is learned with the first call.
            ClockFrom::Service => {}
        }
        match settings.task {
            Task::Archive => {
                let vault = vault(settings, link.why)?;
                apart(pin!(archive::archive(link, board.name, settings, &clock, vault, devices.card))).await
            }
            Task::Generated => {
                let vault = vault(settings, link.why)?;
                apart(pin!(generated::generated::<D>(link, settings, vault))).await
            }
            #[cfg(feature = "inquiries")]
            Task::Vaults => apart(pin!(vaults::list(link))).await,
            #[cfg(feature = "inquiries")]
            Task::Describe => {
                let vault = vault(settings, link.why)?;
                apart(pin!(vaults::describe(link, vault))).await
            }
            #[cfg(feature = "inquiries")]
            Task::Inventory => {
                let vault = vault(settings, link.why)?;
                apart(pin!(inventory::inventory(link, settings, vault))).await
            }
            #[cfg(not(feature = "inquiries"))]
            _ => Err(link.why.all(&"this image uploads and nothing else: it was built without inquiries")),
        }
    });
    match select(task, apart(pin!(runner.run()))).await {
        Either::First(done) => done,
        Either::Second(never) => never,
    }
}

/// Puts the client and what it needs in their place. Not inlined, and not returned: their parts would have room in the frame of whoever
/// awaits all the rest.
#[inline(never)]
fn prepare<'n>(
    place: &mut Option<Link<'n>>,
    settings: &Settings<'n>,
    surroundings: Surroundings<'n>,
    console: Console,
    net: &'n Net<'n>,
    (receive, send, buf): (&'n mut [u8], &'n mut [u8], &'n mut [u8]),
    why: &'n mut Why,
) -> Result<(), Failed> {
    let timeouts = Timeouts { silence: Duration::from_secs(settings.silence.into()), ..Timeouts::default() };
    let transport = HttpTransport::new(net, SocketAddr::V4(settings.server), Delay, timeouts, receive, send);
    let service = Endpoint::new(settings.region, settings.host).map_err(|error| why.all(&error))?;
    let credentials = Credentials::new(settings.key, settings.secret, settings.token).map_err(|error| why.all(&error))?;
    let tries = |usual: RetryPolicy| RetryPolicy { max_attempts: settings.tries.unwrap_or(usual.max_attempts), ..usual };
    *place = Some(Link {
        client: Client::new(transport, service, credentials),
        surroundings,
        console,
        buf,
        uploads: tries(RetryPolicy::TRANSFER),
        control: tries(RetryPolicy::default()),
        why,
    });
    Ok(())
}

/// The TCP/IP stack, and what keeps it running.
#[inline(never)]
fn network<'d, E: Driver>(
    ethernet: &'d mut E,
    sockets: &'d mut StackResources<2>,
    seed: u64,
) -> (Stack<'d>, Runner<'d, &'d mut E>) {
    let address = StaticConfigV4 { address: ADDRESS, gateway: Some(GATEWAY), dns_servers: Default::default() };
    embassy_net::new(ethernet, embassy_net::Config::ipv4_static(address), sockets, seed)
}

fn vault<'a>(settings: &Settings<'a>, why: &mut Why) -> Result<VaultRef<'a>, Failed> {
    let name = settings.vault.ok_or_else(|| why.all(&BadSetting::Missing("vault")))?;
    // Without the error's own words, which show a character as Rust does, with all of Unicode's tables.
    name.try_into().map_err(|_| why.all(&BadSetting::Value("vault")))
}

/// Asks a time server. Where that fails the clock is learned from the service, as if there were no time server.
async fn ask(
    console: Console,
    surroundings: &mut Surroundings<'_>,
    stack: Stack<'_>,
    datagrams: &mut Datagrams,
    server: SocketAddrV4,
) {
    let (mut received, mut sent) = ([PacketMetadata::EMPTY], [PacketMetadata::EMPTY]);
    let socket = UdpSocket::new(stack, &mut received, &mut datagrams.receive, &mut sent, &mut datagrams.send);
    let peer = (*server.ip(), server.port()).into();
    let asked = match EmbassyUdp::connect(socket, peer) {
        Ok(mut server) => surroundings.ask(&mut server).await,
        Err(_) => return console.line(format_args!("clock from=none why=\"no port for the time server\"")),
    };
    if let Err(why) = asked {
        console.line(format_args!("clock from=none why={}", Quoted(why)));
    }
}
