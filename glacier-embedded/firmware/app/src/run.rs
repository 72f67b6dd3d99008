//! A run: starts the network, sets the clock, and does the task of the settings.

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

use crate::board::{Board, Devices, Outcome, StackUse};
use crate::clock::Clock;
use crate::console::{Console, Quoted};
use crate::memory::{Memory, UdpBuffers};
use crate::own_frame::in_own_frame;
use crate::service::{DeviceEnvironment, Failed, Link, Net, Reason};
use crate::settings::{BadSetting, ClockFrom, Settings, Task};
use crate::tasks;

/// The device's address in QEMU's user network, where the host is 10.0.2.2.
const ADDRESS: Ipv4Cidr = Ipv4Cidr::new(Ipv4Address::new(10, 0, 2, 15), 24);
const GATEWAY: Ipv4Address = Ipv4Address::new(10, 0, 2, 2);

/// Does what the settings say, and prints how it ended. The settings are `key=value` words separated by spaces, after the program's name.
pub async fn run<E: Driver, D: BlockDevice>(
    board: &Board,
    settings: &str,
    devices: Devices<'_, E, D>,
    memory: &mut Memory,
) -> Outcome {
    let Board { console, stack_use, .. } = *board;
    let done = match Settings::parse(settings) {
        Ok(settings) => in_own_frame(pin!(run_task(board, &settings, devices, memory))).await,
        Err(error) => Err(memory.reason.all(&error)),
    };
    let StackUse { used, free } = stack_use();
    console.line(format_args!("memory stack_used={used} stack_free={free}"));
    match done {
        Ok(()) => {
            console.line(format_args!("done"));
            Outcome::Done
        }
        Err(_) => {
            console.line(format_args!("stopped why={}", memory.reason));
            Outcome::Stopped
        }
    }
}

async fn run_task<E: Driver, D: BlockDevice>(
    board: &Board,
    settings: &Settings<'_>,
    devices: Devices<'_, E, D>,
    memory: &mut Memory,
) -> Result<(), Failed> {
    let (console, clock) = (board.console, Clock::default());
    let host_time = (board.host_time)();
    let seed = host_time.unwrap_or_default();
    let Memory { sockets, tcp, udp, receive, send, buf, reason } = memory;
    let (stack, mut runner) = network(devices.ethernet, sockets, seed);
    let net = Net::new(stack, tcp);
    let mut link = None;
    init_link(&mut link, settings, DeviceEnvironment::new(&clock, console, seed), console, &net, (receive, send, buf), reason)?;
    let Some(link) = &mut link else { return Err(Failed::All) };
    let task = pin!(async {
        if settings.task != Task::Archive {
            console.line(format_args!("boot board={} dev={} boot=-", board.name, settings.device));
        }
        match settings.clock {
            ClockFrom::Host => host_time.into_iter().for_each(|now| link.environment.set_clock(now, "host")),
            ClockFrom::Set(now) => link.environment.set_clock(now, "set"),
            ClockFrom::Sntp(server) => {
                in_own_frame(pin!(synchronize(console, &mut link.environment, stack, udp, server))).await;
            }
            // The first request sets it.
            ClockFrom::Service => {}
        }
        match settings.task {
            Task::Archive => {
                let vault = vault(settings, link.reason)?;
                in_own_frame(pin!(tasks::archive(link, board.name, settings, &clock, vault, devices.card))).await
            }
            Task::Generated => {
                let vault = vault(settings, link.reason)?;
                in_own_frame(pin!(tasks::generated::<D>(link, settings, vault))).await
            }
            #[cfg(feature = "queries")]
            Task::Vaults => in_own_frame(pin!(tasks::list(link))).await,
            #[cfg(feature = "queries")]
            Task::Describe => {
                let vault = vault(settings, link.reason)?;
                in_own_frame(pin!(tasks::describe(link, vault))).await
            }
            #[cfg(feature = "queries")]
            Task::Inventory => {
                let vault = vault(settings, link.reason)?;
                in_own_frame(pin!(tasks::inventory(link, settings, vault))).await
            }
            #[cfg(not(feature = "queries"))]
            _ => Err(link.reason.all(&"this image only uploads: build it without --uploads-only")),
        }
    });
    match select(task, in_own_frame(pin!(runner.run()))).await {
        Either::First(done) => done,
        Either::Second(never) => never,
    }
}

/// Creates the client and what belongs to it in `place`. Not inlined and not returned: the pieces would be in the frame of the caller, which
/// awaits everything else.
#[inline(never)]
fn init_link<'n>(
    place: &mut Option<Link<'n>>,
    settings: &Settings<'n>,
    environment: DeviceEnvironment<'n>,
    console: Console,
    net: &'n Net<'n>,
    (receive, send, buf): (&'n mut [u8], &'n mut [u8], &'n mut [u8]),
    reason: &'n mut Reason,
) -> Result<(), Failed> {
    let mut timeouts = Timeouts::default();
    timeouts.idle = Duration::from_secs(settings.timeout.into());
    let transport = HttpTransport::new(net, SocketAddr::V4(settings.server), Delay, timeouts, receive, send);
    let endpoint = Endpoint::new(settings.region, settings.host).map_err(|error| reason.all(&error))?;
    let credentials = Credentials::new(settings.key, settings.secret, settings.token).map_err(|error| reason.all(&error))?;
    let policy = |default: RetryPolicy| default.with_max_attempts(settings.attempts.unwrap_or(default.max_attempts));
    *place = Some(Link {
        client: Client::new(transport, endpoint, credentials),
        environment,
        console,
        buf,
        uploads: policy(RetryPolicy::TRANSFER),
        control: policy(RetryPolicy::default()),
        reason,
    });
    Ok(())
}

/// The TCP/IP stack, and the runner that drives it.
#[inline(never)]
fn network<'d, E: Driver>(
    ethernet: &'d mut E,
    sockets: &'d mut StackResources<2>,
    seed: u64,
) -> (Stack<'d>, Runner<'d, &'d mut E>) {
    let address = StaticConfigV4 { address: ADDRESS, gateway: Some(GATEWAY), dns_servers: Default::default() };
    embassy_net::new(ethernet, embassy_net::Config::ipv4_static(address), sockets, seed)
}

fn vault<'a>(settings: &Settings<'a>, reason: &mut Reason) -> Result<VaultRef<'a>, Failed> {
    let name = settings.vault.ok_or_else(|| reason.all(&BadSetting::Missing("vault")))?;
    // Without the error's own text, which shows a character with `Debug` and links tables of Unicode.
    name.try_into().map_err(|_| reason.all(&BadSetting::Value("vault")))
}

/// Sets the clock from a time server. If that fails, the first request sets it, as without a time server.
async fn synchronize(
    console: Console,
    environment: &mut DeviceEnvironment<'_>,
    stack: Stack<'_>,
    udp: &mut UdpBuffers,
    server: SocketAddrV4,
) {
    let (mut received, mut sent) = ([PacketMetadata::EMPTY], [PacketMetadata::EMPTY]);
    let socket = UdpSocket::new(stack, &mut received, &mut udp.receive, &mut sent, &mut udp.send);
    let peer = (*server.ip(), server.port()).into();
    let synchronized = match EmbassyUdp::connect(socket, peer) {
        Ok(mut server) => environment.synchronize(&mut server).await,
        Err(_) => return console.line(format_args!("clock from=none why=\"no free UDP port\"")),
    };
    if let Err(error) = synchronized {
        console.line(format_args!("clock from=none why={}", Quoted(error)));
    }
}
