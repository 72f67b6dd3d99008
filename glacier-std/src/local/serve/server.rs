//! The server: accepts connections and serves each in a task of its own.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, ToSocketAddrs, lookup_host};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::connection::{self, Service};
use super::connections::{Connections, Denied, Slot};
use super::control_access::{ControlAccess, ControlToken};
use super::first::first;
use super::posts::post_all;
use super::timer::keep_up;
use super::tls::Tls;
use crate::local::request::Origin;
use crate::local::service::Vaults;

/// Connections at a time, at most, unless the program says otherwise: a process may usually have 1,024 files open.
const MAX_CONNECTIONS: usize = 512;
/// How long a TLS handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait for requests in progress when the server stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// A server that is bound to an address, and serves once it [runs](Server::run).
#[derive(Debug)]
pub struct Server {
    vaults: Vaults,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
    max_connections: usize,
    control: Option<ControlAccess>,
}

impl Server {
    /// Listens on `address`; port 0 selects a free one. Of a name with several addresses it is the first that can be used, IPv4 before
    /// IPv6. With `tls` it accepts https only.
    ///
    /// # Errors
    /// That of the operating system, if the address cannot be used.
    pub async fn bind(vaults: &Vaults, address: impl ToSocketAddrs, tls: Option<Tls>) -> io::Result<Self> {
        let mut addresses: Vec<SocketAddr> = lookup_host(address).await?.collect();
        addresses.sort_by_key(SocketAddr::is_ipv6);
        let listener = TcpListener::bind(&addresses[..]).await?;
        let address = listener.local_addr()?;
        Ok(Server { vaults: vaults.clone(), listener, address, tls, max_connections: MAX_CONNECTIONS, control: None })
    }

    /// Serves this many connections at a time, at least one; by default 512. Beyond, the one that has waited for a request the longest
    /// is closed. An address other than this machine's gets half of them.
    #[must_use]
    pub fn with_max_connections(self, max_connections: usize) -> Self {
        Server { max_connections: max_connections.max(1), ..self }
    }

    /// Offers control below `/_glacier/`: the console at `/_glacier/`, and what it calls. It moves time on, takes inventories, sets faults, removes
    /// everything, and tells about all vaults, unsigned: to this machine, and with a token to whoever sends it in the header
    /// `x-glacier-control-token`. Pages of other sites are denied.
    #[must_use]
    pub fn with_control(self, token: Option<ControlToken>) -> Self {
        Server { control: Some(ControlAccess::new(token)), ..self }
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint URL for clients on this machine, such as `http://127.0.0.1:4566`, also where it listens on all addresses.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let mut address = self.address;
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        format!("{scheme}://{address}")
    }

    /// Serves until `stop` is ready. Then it accepts no more connections, closes those without a request, waits up to ten seconds for
    /// requests in progress, and aborts the rest; an aborted upload stores nothing.
    ///
    /// # Cancel safety
    /// Dropping the future aborts all requests at once.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Server { vaults, listener, tls, max_connections, control, .. } = self;
        let (stopping, stopped) = watch::channel(false);
        let all = Connections::new(max_connections);
        let mut tasks = JoinSet::new();
        let accept = async {
            loop {
                while tasks.try_join_next().is_some() {}
                match listener.accept().await {
                    Ok((stream, peer)) => {
                        let origin = Origin { address: peer.ip(), is_secure: tls.is_some() };
                        if let Some(slot) = room(&all, origin.address).await {
                            let service = Service { vaults: vaults.clone(), control: control.clone() };
                            tasks.spawn(serve(service, stream, origin, tls.clone(), slot, stopped.clone()));
                        }
                    }
                    // The peer is gone already, or there are no more file descriptors.
                    Err(error) => {
                        if is_out_of_files(&error) {
                            all.yield_one();
                        }
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            }
        };
        first(first(accept, first(keep_up(&vaults), post_all(&vaults))), stop).await;
        drop(listener);
        let _ = stopping.send(true);
        let _ = timeout(SHUTDOWN_TIMEOUT, async { while tasks.join_next().await.is_some() {} }).await;
        tasks.shutdown().await;
    }
}

/// Room for a connection; `None` if the peer gets no more.
async fn room(all: &Arc<Connections>, peer: IpAddr) -> Option<Slot> {
    loop {
        match all.admit(peer) {
            Ok(slot) => return Some(slot),
            Err(Denied::PeerHasEnough) => return None,
            Err(Denied::Full) => all.changed().await,
        }
    }
}

/// `ENFILE` and `EMFILE`, which have these numbers on every Unix.
fn is_out_of_files(error: &io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}

async fn serve(
    service: Service,
    stream: TcpStream,
    origin: Origin,
    tls: Option<Tls>,
    slot: Slot,
    mut stopped: watch::Receiver<bool>,
) {
    // Most responses are small; without this they are only slower.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        if let Some(stream) = connection::serve(service, stream, origin, slot, stopped).await {
            reset(&stream);
        }
        return;
    };
    let mut secured = None;
    let handshake = async { secured = timeout(HANDSHAKE_TIMEOUT, tls.acceptor().accept(stream)).await.ok().and_then(Result::ok) };
    first(handshake, first(slot.yields(), async { drop(stopped.wait_for(|stopped| *stopped).await) })).await;
    if let Some(stream) = secured
        && let Some(stream) = connection::serve(service, stream, origin, slot, stopped).await
    {
        reset(stream.get_ref().0);
    }
}

/// Lets the system reset the connection when it is dropped, instead of closing it.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}
