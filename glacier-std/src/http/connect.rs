//! Connects to the service: name, TCP, proxy, TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::connection::{Connection, Stream};
use super::error::HttpError;
use super::options::HttpOptions;
use super::proxy_error::ProxyErrorKind;
use super::proxy_url::Proxy;
use super::setup_error::HttpSetupError;
use super::socket::Socket;
use super::tls::{self, TlsConfigError};
use super::tls_error;
use crate::config::BaseUrl;

/// The maximum size of a proxy's response to `CONNECT`.
const PROXY_HEAD: usize = 16 * 1024;

/// Connects to one service.
pub(super) struct Connector {
    url: BaseUrl,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    proxy: Option<Proxy>,
    connect_timeout: Duration,
    idle_timeout: Duration,
}

impl Connector {
    pub(super) fn new(url: &BaseUrl, options: &HttpOptions) -> Result<Self, HttpSetupError> {
        let tls = match url.is_tls().then(|| ServerName::try_from(url.host().to_owned())) {
            None => None,
            Some(Ok(name)) => Some((tls::client_config(options.ca_bundle.as_deref())?, name)),
            Some(Err(_)) => {
                let reason = format!("{} is not a name that a certificate can have", url.host());
                return Err(TlsConfigError::new(reason).into());
            }
        };
        Ok(Connector {
            url: url.clone(),
            tls,
            proxy: options.proxies.find(url)?,
            connect_timeout: options.connect_timeout,
            idle_timeout: options.idle_timeout,
        })
    }

    /// The proxy that is sent whole requests, as for plain HTTP.
    pub(super) fn forwarding_proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref().filter(|_| self.tls.is_none())
    }

    /// The service's URL.
    pub(super) fn url(&self) -> &BaseUrl {
        &self.url
    }

    /// A new connection.
    pub(super) async fn connect(&self) -> Result<Connection, HttpError> {
        let deadline = Instant::now() + self.connect_timeout;
        let connected = timeout_at(deadline, self.open(deadline)).await;
        let after = self.connect_timeout;
        connected.unwrap_or_else(|_| match &self.proxy {
            Some(proxy) => Err(self.proxy_error(proxy, ProxyErrorKind::TimedOut { after })),
            None => Err(HttpError::ConnectTimeout { to: self.url.authority(), after }),
        })
    }

    async fn open(&self, deadline: Instant) -> Result<Connection, HttpError> {
        let tcp = match &self.proxy {
            None => dial(self.url.host(), self.url.port(), deadline).await?,
            Some(proxy) => {
                let through = self.through(proxy, deadline).await;
                through.map_err(|kind| self.proxy_error(proxy, kind))?
            }
        };
        let socket = Socket::new(tcp);
        let watch = socket.watch();
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(socket),
            Some((config, name)) => {
                let connector = TlsConnector::from(Arc::clone(config));
                let encrypted = connector.connect(name.clone(), socket).await;
                Box::new(encrypted.map_err(|reason| HttpError::Tls {
                    host: self.url.host().to_owned(),
                    kind: tls_error::kind(&reason),
                    reason,
                })?)
            }
        };
        Connection::new(stream, watch, self.idle_timeout).await
    }

    /// A connection to the proxy, or through it to the service where that is encrypted.
    async fn through(&self, proxy: &Proxy, deadline: Instant) -> Result<TcpStream, ProxyErrorKind> {
        let mut tcp = dial(&proxy.host, proxy.port, deadline).await.map_err(|error| match error {
            HttpError::Resolve { reason, .. } => ProxyErrorKind::Resolve(reason),
            HttpError::Connect { reason, .. } => ProxyErrorKind::Connect(reason),
            other => ProxyErrorKind::Connect(io::Error::other(other.to_string())),
        })?;
        if self.tls.is_some() {
            tunnel(&mut tcp, proxy, &self.url.authority()).await?;
        }
        Ok(tcp)
    }

    /// The error of the proxy.
    pub(super) fn proxy_error(&self, proxy: &Proxy, kind: ProxyErrorKind) -> HttpError {
        HttpError::Proxy { proxy: proxy.address(), variable: proxy.variable, to: self.url.authority(), kind }
    }
}

/// Tries the host's addresses one by one; each gets its share of the remaining time.
async fn dial(host: &str, port: u16, deadline: Instant) -> Result<TcpStream, HttpError> {
    let resolve = |reason| HttpError::Resolve { host: host.to_owned(), reason };
    let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await.map_err(resolve)?.collect();
    let mut last = None;
    for (index, address) in addresses.iter().enumerate() {
        let left = (addresses.len() - index) as u32;
        let share = deadline.saturating_duration_since(Instant::now()) / left;
        let error = match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => {
                // A request is written in one piece; waiting for more would only cost time.
                tcp.set_nodelay(true).map_err(|reason| HttpError::Connect { to: address.to_string(), reason })?;
                return Ok(tcp);
            }
            Ok(Err(error)) => error,
            Err(_) => io::Error::from(io::ErrorKind::TimedOut),
        };
        last = Some((address, error));
    }
    Err(match last {
        Some((_, reason)) if reason.kind() == io::ErrorKind::TimedOut => {
            HttpError::Connect { to: format!("{host}:{port}"), reason }
        }
        Some((address, reason)) if address.ip().to_string() == host => HttpError::Connect { to: address.to_string(), reason },
        Some((address, reason)) => HttpError::Connect { to: format!("{host}:{port} ({})", address.ip()), reason },
        None => resolve(io::Error::new(io::ErrorKind::NotFound, "the name has no address")),
    })
}

/// Asks a proxy for a tunnel to `to`.
async fn tunnel(tcp: &mut TcpStream, proxy: &Proxy, to: &str) -> Result<(), ProxyErrorKind> {
    let mut request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n").into_bytes();
    if let Some(authorization) = &proxy.authorization {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(authorization.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    tcp.write_all(&request).await.map_err(ProxyErrorKind::Lost)?;
    // Byte by byte, so that nothing after the head is read; it is short, and read once per connection.
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == PROXY_HEAD {
            return Err(ProxyErrorKind::NotHttp);
        }
        match tcp.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(ProxyErrorKind::Lost(error)),
        }
    }
    match status(&head) {
        Some(200..=299) => Ok(()),
        Some(407) => Err(ProxyErrorKind::Authentication { given: proxy.authorization.is_some() }),
        Some(status) => Err(ProxyErrorKind::Refused { status }),
        None => Err(ProxyErrorKind::NotHttp),
    }
}

fn status(head: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(head).ok()?.lines().next()?;
    let mut words = line.strip_prefix("HTTP/1.")?.split(' ');
    words.next()?;
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_a_proxy() {
        assert_eq!(status(b"HTTP/1.1 200 Connection established\r\n\r\n"), Some(200));
        assert_eq!(status(b"HTTP/1.0 407\r\n\r\n"), Some(407));
        for wrong in [&b""[..], b"SSH-2.0", b"HTTP/1.1", b"HTTP/1.1 abc\r\n"] {
            assert_eq!(status(wrong), None);
        }
    }
}
