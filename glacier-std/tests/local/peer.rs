//! Vaults that are served over HTTP, and a client that writes bytes into a socket.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use glacier_core::Method;
use glacier_core::Method::Post;
use glacier_std::local::serve::{Server, Tls};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};

use crate::harness::*;

/// A harness whose vaults are served until `stop` is sent.
pub(crate) struct Served {
    pub(crate) harness: Harness,
    pub(crate) address: SocketAddr,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) running: JoinHandle<()>,
}

pub(crate) async fn serve(tls: Option<Tls>) -> Served {
    let harness = Harness::with_vault().await;
    let server = Server::bind(&harness.vaults, "127.0.0.1:0", tls).await.unwrap();
    run(harness, server)
}

/// With room for so many connections.
pub(crate) async fn serve_at_most(connections: usize, tls: Option<Tls>) -> Served {
    let harness = Harness::with_vault().await;
    let server = Server::bind(&harness.vaults, "127.0.0.1:0", tls).await.unwrap();
    run(harness, server.with_max_connections(connections))
}

/// Runs a server for these vaults.
pub(crate) fn run(harness: Harness, server: Server) -> Served {
    let address = server.address();
    let (stop, stopped) = oneshot::channel();
    let running = tokio::spawn(server.run(async { drop(stopped.await) }));
    Served { harness, address, stop, running }
}

impl Served {
    pub(crate) async fn end(self) -> Harness {
        self.stop.send(()).unwrap();
        self.running.await.unwrap();
        self.harness
    }

    /// The bytes of a signed request without its body; `more` are headers that are not signed.
    pub(crate) fn head(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &[u8], more: &str) -> String {
        let host = self.address.to_string();
        let signed = signed_for(&host, self.harness.now(), method, path, "", headers, body);
        let mut head = format!("{} {path} HTTP/1.1\r\nHost: {host}\r\n", method.as_str());
        for (name, value) in &signed.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head + more + "\r\n"
    }

    pub(crate) fn upload(&self, body: &[u8], more: &str) -> String {
        let (tree, sum) = (tree(body).to_string(), linear(body));
        let headers = [("x-amz-sha256-tree-hash", tree.as_str()), ("x-amz-content-sha256", sum.as_str())];
        self.head(Post, "/-/vaults/v/archives", &headers, body, &format!("Content-Length: {}\r\n{more}", body.len()))
    }

    /// Talks to the server from a thread that may block.
    pub(crate) async fn talk<T: Send + 'static>(&self, talk: impl FnOnce(Peer) -> T + Send + 'static) -> T {
        let address = self.address;
        tokio::task::spawn_blocking(move || talk(Peer::connect(address))).await.unwrap()
    }
}

pub(crate) struct Peer(pub(crate) TcpStream);

/// A response: its status line and headers in lower case, and its body.
pub(crate) struct HttpResponse {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl HttpResponse {
    pub(crate) fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

impl Peer {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Peer(stream)
    }

    pub(crate) fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).unwrap();
    }

    pub(crate) fn head(&mut self) -> String {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            assert_eq!(self.0.read(&mut byte).unwrap(), 1, "closed after {:?}", String::from_utf8_lossy(&head));
            head.push(byte[0]);
        }
        String::from_utf8(head).unwrap().to_lowercase()
    }

    pub(crate) fn hear(&mut self) -> HttpResponse {
        let mut response = HttpResponse { head: self.head(), body: Vec::new() };
        let length = response.header("content-length").map_or(0, |length| length.parse().unwrap());
        response.body.resize(length, 0);
        self.0.read_exact(&mut response.body).unwrap();
        response
    }

    pub(crate) fn ask(&mut self, text: &str) -> HttpResponse {
        self.say(text);
        self.hear()
    }

    pub(crate) fn is_closed(&mut self) -> bool {
        let mut byte = [0];
        matches!(self.0.read(&mut byte), Ok(0))
            || matches!(self.0.read(&mut byte), Err(e) if e.kind() == ErrorKind::ConnectionReset)
    }
}

/// A certificate for `localhost`, and a server's side of it.
pub(crate) fn self_signed() -> (Tls, CertificateDer<'static>) {
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (Tls::from_pem_files(&cert, &key).unwrap(), made.cert.der().clone())
}

/// A client's side of a TLS connection.
pub(crate) fn secured(
    tcp: TcpStream,
    certificate: &CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), tcp)
}
