//! TLS: which certificates are trusted, and how an untrusted one is reported.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::support::{Received, bytes, call, get, post};
use glacier_core::{Bytes, SendError};
use glacier_std::config::BaseUrl;
use glacier_std::http::{HttpError, HttpOptions, HttpTransport, TlsErrorKind};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig, ServerConnection, StreamOwned};

/// A certificate authority.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server's certificate for `name`, and its key.
fn server_config(
    authority: &CertifiedIssuer<'static, KeyPair>,
    name: &str,
    years: std::ops::Range<i32>,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(years.start, 1, 1), date_time_ymd(years.end, 1, 1));
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    Arc::new(config)
}

/// Serves one connection for each script.
fn serve<F>(config: Arc<ServerConfig>, scripts: Vec<F>) -> (BaseUrl, JoinHandle<()>)
where
    F: FnOnce(&mut StreamOwned<ServerConnection, std::net::TcpStream>) + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = BaseUrl::parse(&format!("https://{}", listener.local_addr().unwrap())).unwrap();
    let thread = std::thread::spawn(move || {
        for script in scripts {
            let (tcp, _) = listener.accept().unwrap();
            tcp.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
            script(&mut StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), tcp));
        }
    });
    (url, thread)
}

/// Reads one request with a body of `size` bytes; `None` when the connection ends instead.
fn request(stream: &mut impl Read, size: usize) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let mut body = vec![0; size];
    stream.read_exact(&mut body).ok()?;
    Some(body)
}

struct Bundle(PathBuf);

impl Bundle {
    fn of(authority: &CertifiedIssuer<'static, KeyPair>) -> Self {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("glacier-ca-{}-{count}.pem", std::process::id()));
        std::fs::write(&path, authority.pem()).unwrap();
        Bundle(path)
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn trusting(url: &BaseUrl, bundle: Option<&Path>) -> HttpTransport {
    let env = |name: &str| bundle.filter(|_| name == "AWS_CA_BUNDLE").map(|path| path.display().to_string());
    HttpTransport::new(url, &HttpOptions::from_env(&env)).unwrap()
}

#[tokio::test]
async fn bodies_in_both_directions_and_a_reused_connection_with_both_versions() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let authority = authority();
        let bundle = Bundle::of(&authority);
        let config = server_config(&authority, "127.0.0.1", 2020..2200, &[version]);
        let (url, server) = serve(
            config,
            vec![|stream: &mut StreamOwned<_, _>| {
                for _ in 0..3 {
                    let body = request(stream, 1 << 20).expect("three requests on one connection");
                    assert_eq!(body, bytes(1 << 20));
                    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).unwrap();
                    stream.write_all(&body).unwrap();
                }
                assert!(request(stream, 0).is_none());
            }],
        );
        let mut transport = trusting(&url, Some(&bundle.0));
        let body = bytes(1 << 20);
        for _ in 0..3 {
            let response = call(&mut transport, &post("/"), &mut Bytes::new(&body)).await.unwrap();
            assert!(response == Received { status: 200, request_id: None, body: body.clone() }, "{}", response.status);
        }
        drop(transport);
        server.join().unwrap();
    }
}

#[tokio::test]
async fn a_connection_closed_while_idle_is_not_reused() {
    let authority = authority();
    let bundle = Bundle::of(&authority);
    let config = server_config(&authority, "127.0.0.1", 2020..2200, rustls::ALL_VERSIONS);
    let respond = |stream: &mut StreamOwned<ServerConnection, std::net::TcpStream>| {
        request(stream, 4).expect("a request");
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
        stream.conn.send_close_notify();
        stream.flush().unwrap();
    };
    let (url, server) = serve(config, vec![respond, respond]);
    let mut transport = trusting(&url, Some(&bundle.0));
    for _ in 0..2 {
        assert_eq!(call(&mut transport, &post("/"), &mut Bytes::new(b"body")).await.unwrap().body, b"ok");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    server.join().unwrap();
}

#[tokio::test]
async fn a_response_that_ends_without_close_notify_is_incomplete() {
    let authority = authority();
    let bundle = Bundle::of(&authority);
    let config = server_config(&authority, "127.0.0.1", 2020..2200, rustls::ALL_VERSIONS);
    let (url, server) = serve(
        config,
        vec![|stream: &mut StreamOwned<ServerConnection, std::net::TcpStream>| {
            request(stream, 0).expect("a request");
            // Without a length the body ends with the connection, and only close_notify tells that it is complete.
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhalf").unwrap();
        }],
    );
    let mut transport = trusting(&url, Some(&bundle.0));
    let error = call(&mut transport, &get("/"), &mut Bytes::new(b"")).await.unwrap_err();
    assert!(matches!(error, SendError::Transport(HttpError::Truncated { .. })), "{error:?}");
    server.join().unwrap();
}

/// The error of a handshake with a server of this certificate; its authority is trusted unless `trusted` is false.
async fn tls_error(name: &str, years: std::ops::Range<i32>, trusted: bool) -> TlsErrorKind {
    let authority = authority();
    let bundle = Bundle::of(&authority);
    let config = server_config(&authority, name, years, rustls::ALL_VERSIONS);
    let (url, server) = serve(config, vec![|stream: &mut StreamOwned<_, _>| assert!(request(stream, 0).is_none())]);
    let mut transport = trusting(&url, trusted.then_some(&bundle.0));
    let error = call(&mut transport, &get("/"), &mut Bytes::new(b"")).await.unwrap_err();
    server.join().unwrap();
    match error {
        SendError::NotSent(HttpError::Tls { host, kind, .. }) if host == "127.0.0.1" => kind,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_error_says_what_is_wrong_with_a_certificate() {
    assert_eq!(tls_error("127.0.0.1", 2020..2200, false).await, TlsErrorKind::UntrustedIssuer);
    assert_eq!(tls_error("127.0.0.1", 2010..2011, true).await, TlsErrorKind::Expired);
    assert_eq!(tls_error("127.0.0.1", 2190..2200, true).await, TlsErrorKind::NotYetValid);
    match tls_error("other.test", 2020..2200, true).await {
        TlsErrorKind::WrongName { names } => assert_eq!(names, ["other.test"]),
        other => panic!("{other:?}"),
    }
}

/// The error of a handshake with a server of this configuration, in words; `authority` is trusted.
async fn words(authority: &CertifiedIssuer<'static, KeyPair>, config: ServerConfig) -> String {
    let bundle = Bundle::of(authority);
    let (url, server) = serve(Arc::new(config), vec![|stream: &mut StreamOwned<_, _>| drop(request(stream, 0))]);
    let error = call(&mut trusting(&url, Some(&bundle.0)), &get("/"), &mut Bytes::new(b"")).await.unwrap_err();
    server.join().unwrap();
    let shown = error.to_string();
    assert!(!shown.contains('"') && !shown.contains("Error") && !shown.contains("docs.rs"), "{shown}");
    shown
}

#[tokio::test]
async fn what_the_tls_library_calls_by_the_names_of_its_types_is_a_sentence_with_a_fix() {
    let provider = || ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let authority = authority();
    // An authority's certificate for the server itself, as `openssl req -x509` makes it.
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.key().serialize_der()));
    let config = provider().with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let shown = words(&own, config.with_single_cert(vec![own.der().clone()], key).unwrap()).await;
    assert!(shown.contains("that of an authority (CA)") && shown.contains("CA:FALSE"), "{shown}");
    // A server that wants a client certificate; with TLS 1.3 it says so only after the handshake.
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), ring).build().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = provider().with_protocol_versions(&[version]).unwrap().with_client_cert_verifier(verifier);
        let shown = words(&authority, config.with_single_cert(vec![certificate.der().clone()], key).unwrap()).await;
        let expected = if version.version == rustls::ProtocolVersion::TLSv1_3 { "requires a client certificate" } else { "TLS" };
        assert!(shown.contains(expected), "{:?}: {shown}", version.version);
    }
}

#[tokio::test]
async fn plain_http_at_an_https_url_is_recognized() {
    let server = crate::support::Server::once(|peer| {
        // The bytes of the client's hello are not HTTP; servers respond like this.
        std::io::Read::read_exact(&mut peer.0, &mut [0; 5]).unwrap();
        peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
        peer.until_closed();
    });
    let url = BaseUrl::parse(&server.url().to_string().replace("http:", "https:")).unwrap();
    let error = call(&mut trusting(&url, None), &get("/"), &mut Bytes::new(b"")).await.unwrap_err();
    assert!(matches!(error, SendError::NotSent(HttpError::Tls { kind: TlsErrorKind::NotTls, .. })), "{error:?}");
    server.done();
}
