//! Transports over the sockets of this host.

use std::net::SocketAddr;
use std::time::Duration;

use embedded_hal_async::delay::DelayNs;
use embedded_io_adapters::tokio_1::FromTokio;
use embedded_nal_async::TcpConnect;
use glacier_core::testing::battery::Factory;
use tokio::net::TcpStream;

/// `glacier-std`'s transport.
pub(crate) struct Hyper;

impl Factory for Hyper {
    type Transport = glacier_std::http::HttpTransport;

    fn transport(&self, server: SocketAddr, idle_timeout: Duration) -> Self::Transport {
        use glacier_std::config::BaseUrl;
        use glacier_std::http::{HttpOptions, HttpTransport};
        let options = HttpOptions::default().with_connect_timeout(Duration::from_secs(60)).with_idle_timeout(idle_timeout);
        HttpTransport::new(&BaseUrl::parse(&format!("http://{server}")).unwrap(), &options).unwrap()
    }
}

/// `glacier-embedded`'s transport over this host's network stack.
pub(crate) struct Embedded;

/// tokio's sockets in place of embassy-net's.
pub(crate) struct HostNet;

impl TcpConnect for HostNet {
    type Error = std::io::Error;
    type Connection<'a> = FromTokio<TcpStream>;

    async fn connect(&self, remote: SocketAddr) -> Result<FromTokio<TcpStream>, std::io::Error> {
        Ok(FromTokio::new(TcpStream::connect(remote).await?))
    }
}

pub(crate) struct HostDelay;

impl DelayNs for HostDelay {
    async fn delay_ns(&mut self, ns: u32) {
        tokio::time::sleep(Duration::from_nanos(ns.into())).await;
    }
    async fn delay_ms(&mut self, ms: u32) {
        tokio::time::sleep(Duration::from_millis(ms.into())).await;
    }
}

impl Factory for Embedded {
    type Transport = glacier_embedded::HttpTransport<'static, HostNet, HostDelay>;

    fn transport(&self, server: SocketAddr, idle_timeout: Duration) -> Self::Transport {
        use glacier_embedded::{HttpTransport, Timeouts};
        let timeouts = Timeouts::new(Duration::from_secs(60), idle_timeout);
        // As in firmware, buffers live as long as the program.
        let (receive, send) = (vec![0; 512].leak(), vec![0; 1024].leak());
        HttpTransport::new(&HostNet, server, HostDelay, timeouts, receive, send)
    }
}
