//! The embedded transport as in firmware: over embassy-net, with buffers of a microcontroller's size.

use std::net::SocketAddr;
use std::time::Duration;

use embassy_net::tcp::client::{TcpClient, TcpClientState};
use embassy_net::{Config, Ipv4Address, Ipv4Cidr, Stack, StackResources, StaticConfigV4};
use glacier_core::testing::battery::Factory;
use glacier_embedded::{HttpTransport, Timeouts};
use tokio::task::spawn_local;

use crate::gateway;
use crate::link::{Port, cable};

/// The address of the far end of the cable.
pub(crate) const GATEWAY: Ipv4Address = Ipv4Address::new(10, 0, 0, 1);
const DEVICE: Ipv4Address = Ipv4Address::new(10, 0, 0, 2);

/// Connections that the gateway holds at a time: one in use, and some that the device has dropped and the server has not.
const CONNECTIONS: usize = 6;

/// embassy-net's client for one connection, with 1 KiB each way.
pub(crate) type Net = TcpClient<'static, 1, 1024, 1024>;

/// Devices at the end of a cable. It needs a tokio [`LocalSet`](tokio::task::LocalSet) around it, in which both stacks run.
pub(crate) struct Embassy {
    /// See [`cable`].
    pub(crate) lost: Option<u32>,
}

fn stack<const SOCKETS: usize>(port: Port, address: Ipv4Address, seed: u64) -> Stack<'static> {
    let config = StaticConfigV4 { address: Ipv4Cidr::new(address, 24), gateway: None, dns_servers: Default::default() };
    // As in firmware, all of it lives as long as the program.
    let resources = Box::leak(Box::new(StackResources::<SOCKETS>::new()));
    let (stack, mut runner) = embassy_net::new(port, Config::ipv4_static(config), resources, seed);
    spawn_local(async move { runner.run().await });
    stack
}

/// Two stacks, the gateway's and the device's, and a cable between them that loses every `lost`-th frame.
pub(crate) fn pair(lost: Option<u32>) -> (Stack<'static>, Stack<'static>) {
    let (far, near) = cable(lost);
    // The device has as many sockets as firmware: one in use and one to spare.
    (stack::<CONNECTIONS>(far, GATEWAY, 1), stack::<2>(near, DEVICE, 2))
}

impl Embassy {
    /// A device's network, which reaches `server` through a gateway, and the server's address as the device sees it.
    pub(crate) fn net(&self, server: SocketAddr) -> (&'static Net, SocketAddr) {
        let (gateway, device) = pair(self.lost);
        // A port on which nobody listens refuses connections at the gateway too, instead of ending them after they were accepted.
        let refused = std::net::TcpListener::bind(server).is_ok();
        for _ in 0..if refused { 0 } else { CONNECTIONS } {
            spawn_local(gateway::forward(gateway, server));
        }
        let pool = Box::leak(Box::new(TcpClientState::new()));
        (Box::leak(Box::new(TcpClient::new(device, pool))), SocketAddr::new(GATEWAY.into(), server.port()))
    }
}

impl Factory for Embassy {
    type Transport = HttpTransport<'static, Net, embassy_time::Delay>;

    fn transport(&self, server: SocketAddr, idle_timeout: Duration) -> Self::Transport {
        let (net, server) = self.net(server);
        let timeouts = Timeouts::new(Duration::from_secs(60), idle_timeout);
        HttpTransport::new(net, server, embassy_time::Delay, timeouts, vec![0; 1024].leak(), vec![0; 1024].leak())
    }
}
