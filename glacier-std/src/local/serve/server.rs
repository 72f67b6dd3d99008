//! The server: accepts connections and serves each in a task of its own.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::connection;
use super::tls::Tls;
use crate::local::service::Vaults;

/// Connections at a time, at most; further ones wait to be accepted.
const MAX_CONNECTIONS: usize = 256;
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
}

impl Server {
    /// Listens on `address`; port 0 selects a free one. With `tls` it accepts https only.
    ///
    /// # Errors
    /// That of the operating system, if the address cannot be used.
    pub async fn bind(vaults: &Vaults, address: impl ToSocketAddrs, tls: Option<Tls>) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Server { vaults: vaults.clone(), listener, address, tls })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint URL for clients, such as `http://127.0.0.1:4566`.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Serves until `stop` is ready. Then it accepts no more connections, waits up to ten seconds for requests in progress, and aborts
    /// the rest; an aborted upload stores nothing.
    ///
    /// # Cancel safety
    /// Dropping the future aborts all requests at once.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Server { vaults, listener, tls, .. } = self;
        let (stopping, stopped) = watch::channel(false);
        let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut connections = JoinSet::new();
        let accept = async {
            loop {
                while connections.try_join_next().is_some() {}
                // The semaphore is never closed.
                let Ok(permit) = slots.clone().acquire_owned().await else { return };
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let (vaults, tls, stopped) = (vaults.clone(), tls.clone(), stopped.clone());
                        connections.spawn(async move {
                            serve(vaults, stream, tls, stopped).await;
                            drop(permit);
                        });
                    }
                    // Out of file descriptors, or the peer is gone already: the next connection may work in a moment.
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        };
        first(accept, stop).await;
        drop(listener);
        let _ = stopping.send(true);
        let _ = timeout(SHUTDOWN_TIMEOUT, async { while connections.join_next().await.is_some() {} }).await;
        connections.shutdown().await;
    }
}

/// Waits for whichever of two futures ends first, and drops the other.
async fn first(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (std::pin::pin!(one), std::pin::pin!(other));
    std::future::poll_fn(|context| {
        if other.as_mut().poll(context).is_ready() { std::task::Poll::Ready(()) } else { one.as_mut().poll(context) }
    })
    .await;
}

async fn serve(vaults: Vaults, stream: TcpStream, tls: Option<Tls>, stopped: watch::Receiver<bool>) {
    // Most responses are small; without this they are only slower.
    let _ = stream.set_nodelay(true);
    match tls {
        None => connection::serve(vaults, stream, stopped).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(HANDSHAKE_TIMEOUT, tls.acceptor().accept(stream)).await {
                connection::serve(vaults, stream, stopped).await;
            }
        }
    }
}
