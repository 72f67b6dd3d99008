//! The service over HTTP/1.1, with or without TLS 1.3, for any AWS SDK.
//!
//! ```
//! use glacier_std::local::{Settings, Vaults, serve::Server};
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let folder = tempfile::tempdir()?;
//! let vaults = Vaults::open(folder.path(), Settings::default())?;
//! let server = Server::bind(&vaults, "127.0.0.1:0", None).await?;
//! println!("{}", server.url());
//! let stop = async { /* a signal, for instance */ };
//! server.run(stop).await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod body;
mod connection;
mod patient;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Vaults;

pub use tls::{Tls, TlsError};

/// The most connections at a time; further ones wait to be accepted.
const MOST_CONNECTIONS: usize = 256;
/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long requests may go on once the server is to stop.
const GRACE: Duration = Duration::from_secs(10);

/// A server that listens, and serves once it [runs](Server::run).
#[derive(Debug)]
pub struct Server {
    vaults: Vaults,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
}

impl Server {
    /// Listens on `address`; port 0 takes a free one. With `tls` it speaks https only.
    ///
    /// # Errors
    /// The system's, when it does not give the address.
    pub async fn bind(vaults: &Vaults, address: impl ToSocketAddrs, tls: Option<Tls>) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Server { vaults: vaults.clone(), listener, address, tls })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint to give to clients, such as `http://127.0.0.1:4566`.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Serves until `stop` is ready. Then it takes no more connections, gives requests that are under way ten seconds to end, and
    /// breaks off the rest; of those, uploads leave nothing behind.
    ///
    /// Dropping the future breaks off all requests at once.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Server { vaults, listener, tls, .. } = self;
        let (stopping, stopped) = watch::channel(false);
        let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        let mut connections = JoinSet::new();
        let accept = async {
            loop {
                while connections.try_join_next().is_some() {}
                // The semaphore is never closed.
                let Ok(permit) = room.clone().acquire_owned().await else { return };
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let (vaults, tls, stopped) = (vaults.clone(), tls.clone(), stopped.clone());
                        connections.spawn(async move {
                            serve(vaults, stream, tls, stopped).await;
                            drop(permit);
                        });
                    }
                    // Out of file descriptors, or a peer that is gone already: others may be more lucky in a moment.
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        };
        first(accept, stop).await;
        drop(listener);
        let _ = stopping.send(true);
        let _ = timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
        connections.shutdown().await;
    }
}

/// Waits for the first of two futures, and drops the other.
async fn first(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (std::pin::pin!(one), std::pin::pin!(other));
    std::future::poll_fn(|context| {
        if other.as_mut().poll(context).is_ready() { std::task::Poll::Ready(()) } else { one.as_mut().poll(context) }
    })
    .await;
}

async fn serve(vaults: Vaults, stream: TcpStream, tls: Option<Tls>, stopped: watch::Receiver<bool>) {
    // Answers are small and wait for nothing. Without it they are only slower.
    let _ = stream.set_nodelay(true);
    match tls {
        None => connection::serve(vaults, stream, stopped).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(HANDSHAKE, tls.acceptor().accept(stream)).await {
                connection::serve(vaults, stream, stopped).await;
            }
        }
    }
}
