//! The service over HTTP, with a client that writes bytes into a socket.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use glacier_core::Method;
use glacier_core::Method::{Get, Post, Put};
use glacier_std::local::serve::{Server, Tls, TlsError};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::bench::*;

/// A bench whose vaults are served, until `stop` is sent.
struct Served {
    bench: Bench,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

async fn serve(tls: Option<Tls>) -> Served {
    let bench = Bench::with_vault().await;
    let server = Server::bind(&bench.vaults, "127.0.0.1:0", tls).await.unwrap();
    let address = server.address();
    let (stop, stopped) = oneshot::channel();
    let running = tokio::spawn(server.run(async { drop(stopped.await) }));
    Served { bench, address, stop, running }
}

impl Served {
    async fn end(self) -> Bench {
        self.stop.send(()).unwrap();
        self.running.await.unwrap();
        self.bench
    }

    /// The bytes of a signed request without its body; `more` are headers that are not signed.
    fn head(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &[u8], more: &str) -> String {
        let host = self.address.to_string();
        let signed = signed_for(&host, self.bench.now(), method, path, "", headers, body);
        let mut head = format!("{} {path} HTTP/1.1\r\nHost: {host}\r\n", method.as_str());
        for (name, value) in &signed.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head + more + "\r\n"
    }

    fn upload(&self, body: &[u8], more: &str) -> String {
        let (tree, sum) = (tree(body).to_string(), linear(body));
        let headers = [("x-amz-sha256-tree-hash", tree.as_str()), ("x-amz-content-sha256", sum.as_str())];
        self.head(Post, "/-/vaults/v/archives", &headers, body, &format!("Content-Length: {}\r\n{more}", body.len()))
    }

    /// Talks to the server from a thread where waiting is allowed.
    async fn talk<T: Send + 'static>(&self, talk: impl FnOnce(Peer) -> T + Send + 'static) -> T {
        let address = self.address;
        tokio::task::spawn_blocking(move || talk(Peer::connect(address))).await.unwrap()
    }
}

struct Peer(TcpStream);

/// An answer: its status line and headers in lower case, and its body.
struct Heard {
    head: String,
    body: Vec<u8>,
}

impl Heard {
    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

impl Peer {
    fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Peer(stream)
    }

    fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).unwrap();
    }

    fn head(&mut self) -> String {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            assert_eq!(self.0.read(&mut byte).unwrap(), 1, "closed after {:?}", String::from_utf8_lossy(&head));
            head.push(byte[0]);
        }
        String::from_utf8(head).unwrap().to_lowercase()
    }

    fn hear(&mut self) -> Heard {
        let mut heard = Heard { head: self.head(), body: Vec::new() };
        let length = heard.header("content-length").map_or(0, |length| length.parse().unwrap());
        heard.body.resize(length, 0);
        self.0.read_exact(&mut heard.body).unwrap();
        heard
    }

    fn ask(&mut self, text: &str) -> Heard {
        self.say(text);
        self.hear()
    }

    fn is_closed(&mut self) -> bool {
        let mut byte = [0];
        matches!(self.0.read(&mut byte), Ok(0))
            || matches!(self.0.read(&mut byte), Err(e) if e.kind() == ErrorKind::ConnectionReset)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_follow_each_other_on_one_connection() {
    let served = serve(None).await;
    let body = data(MIB + 9);
    let (describe, upload) = (served.head(Get, "/-/vaults/v", &[], b"", ""), served.upload(&body, ""));
    let missing = served.head(Get, "/-/vaults/none", &[], b"", "");
    let sent = body.clone();
    let id = served
        .talk(move |mut peer| {
            let heard = peer.ask(&describe);
            assert_eq!((heard.status(), heard.header("content-type")), ("200", Some("application/json")));
            assert_eq!(heard.header("date"), Some("fri, 02 jan 2026 03:04:05 gmt"));
            assert_eq!(heard.header("x-amzn-requestid").unwrap().len(), 52);
            let json: serde_json::Value = serde_json::from_slice(&heard.body).unwrap();
            assert_eq!((&json["VaultName"], &json["NumberOfArchives"]), (&"v".into(), &serde_json::Value::Null));

            peer.say(&upload);
            peer.0.write_all(&sent).unwrap();
            let heard = peer.head();
            assert!(heard.starts_with("http/1.1 201 "), "{heard}");
            assert!(heard.contains(&format!("x-amz-sha256-tree-hash: {}\r\n", tree(&sent))));

            let heard = peer.ask(&missing);
            assert_eq!((heard.status(), heard.header("x-amzn-errortype")), ("404", Some("resourcenotfoundexception")));
            let json: serde_json::Value = serde_json::from_slice(&heard.body).unwrap();
            assert_eq!((&json["code"], &json["type"]), (&"ResourceNotFoundException".into(), &"Client".into()));
            let list = peer.ask(&describe);
            let json: serde_json::Value = serde_json::from_slice(&list.body).unwrap();
            assert_eq!(json["SizeInBytes"], sent.len());
            json
        })
        .await;
    assert_eq!(id["NumberOfArchives"], 1);

    // The same archive, through a job: the whole and a range.
    let parameters = br#"{"Type":"inventory-retrieval"}"#;
    let said = served.bench.raw(Post, "/-/vaults/v/jobs", "", &[], parameters).await;
    let output = served.bench.raw(Get, &format!("{}/output", said.location.unwrap()), "", &[], b"").await;
    let archive = output.json()["ArchiveList"][0]["ArchiveId"].as_str().unwrap().to_owned();
    let parameters = serde_json::json!({ "Type": "archive-retrieval", "ArchiveId": archive }).to_string();
    let said = served.bench.raw(Post, "/-/vaults/v/jobs", "", &[], parameters.as_bytes()).await;
    let path = format!("{}/output", said.location.unwrap());
    let (whole, range) = (served.head(Get, &path, &[], b"", ""), served.head(Get, &path, &[("range", "bytes=5-")], b"", ""));
    served
        .talk(move |mut peer| {
            let heard = peer.ask(&whole);
            assert_eq!((heard.status(), heard.header("accept-ranges")), ("200", Some("bytes")));
            assert!(heard.body == body);
            let heard = peer.ask(&range);
            assert_eq!(heard.status(), "206");
            assert_eq!(heard.header("content-range"), Some(format!("bytes 5-{}/{}", body.len() - 1, body.len()).as_str()));
            assert!(heard.body == body[5..]);
        })
        .await;
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_asked_for_before_it_is_sent() {
    let served = serve(None).await;
    let body = data(100_000);
    let good = served.upload(&body, "Expect: 100-continue\r\n");
    let bad = good.replace("Signature=", "Signature=0");
    served
        .talk(move |mut peer| {
            peer.say(&good);
            assert_eq!(peer.head(), "http/1.1 100 continue\r\n\r\n");
            peer.0.write_all(&body).unwrap();
            assert!(peer.head().starts_with("http/1.1 201 "));
            // One that is refused is never asked for.
            let heard = peer.ask(&bad);
            assert_eq!((heard.status(), heard.header("connection")), ("403", Some("close")));
            assert!(peer.is_closed());
        })
        .await;
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_gib_are_refused_after_their_head() {
    let served = serve(None).await;
    let hash = tree(b"x").to_string();
    let headers = [("x-amz-sha256-tree-hash", hash.as_str()), ("x-amz-content-sha256", hash.as_str())];
    let huge = served.head(Post, "/-/vaults/v/archives", &headers, b"", "Content-Length: 4294967296\r\n");
    let requests = [
        (huge.replace("Signature=", "Signature=0"), "403", "invalidsignatureexception"),
        (huge.replace("authorization", "x-authorization"), "400", "missingauthenticationtokenexception"),
        (huge.replace("4294967296", "4294967297"), "400", "invalidparametervalueexception"),
        (huge.replace("Content-Length: 4294967296", "Transfer-Encoding: chunked"), "400", "missingparametervalueexception"),
        (
            served.head(Post, "/-/vaults/none/archives", &headers, b"", "Content-Length: 4294967296\r\n"),
            "404",
            "resourcenotfoundexception",
        ),
        (served.head(Put, "/-/vaults/v", &[], b"", "Content-Length: 4294967296\r\n"), "400", "badrequest"),
    ];
    for (request, status, code) in requests {
        served
            .talk(move |mut peer| {
                // The client goes on sending, as one does that does not look; it must get the answer all the same.
                peer.say(&request);
                let mut sender = peer.0.try_clone().unwrap();
                let sending = std::thread::spawn(move || {
                    let piece = vec![b'5'; 64 << 10];
                    let until = Instant::now() + Duration::from_secs(20);
                    // Until the server has closed the connection.
                    while Instant::now() < until {
                        if sender.write_all(&piece).is_err() {
                            return true;
                        }
                    }
                    false
                });
                let heard = peer.hear();
                assert_eq!((heard.status(), heard.header("x-amzn-errortype")), (status, Some(code)));
                assert_eq!(heard.header("connection"), Some("close"));
                // The end is a clean one: a reset could overtake the answer and, on some systems, take it away from the reader.
                assert_eq!(peer.0.read(&mut [0]).unwrap_or_else(|error| panic!("{code}: {error}")), 0);
                assert!(sending.join().unwrap(), "the server closes the connection");
            })
            .await;
    }
    assert_eq!(files(served.bench.folder.path(), "staged"), [""; 0]);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_of_the_service() {
    let served = serve(None).await;
    let host = served.address.to_string();
    for (request, status) in [
        (format!("HEAD /-/vaults/v HTTP/1.1\r\nHost: {host}\r\n\r\n"), "400"),
        (format!("PATCH /-/vaults/v HTTP/1.1\r\nHost: {host}\r\n\r\n"), "400"),
        (format!("GET /-/vaults/v HTTP/1.1\r\nHost: {host}\r\n\r\n"), "400"),
        ("GET /-/vaults/v HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("nonsense\r\n\r\n".to_owned(), "400"),
    ] {
        let heard = served.talk(move |mut peer| {
            peer.say(&request);
            peer.head()
        });
        assert_eq!(heard.await.split(' ').nth(1), Some(status));
    }
    // A header that is not text.
    let heard = served.talk(move |mut peer| {
        peer.0.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nx-amz-archive-description: caf\xe9\r\n\r\n").unwrap();
        peer.hear()
    });
    assert_eq!(heard.await.status(), "400");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_stalls_holds_nobody_up() {
    let served = serve(None).await;
    let body = data(2 * MIB);
    let (first, second) = (served.upload(&body, ""), served.upload(&body, ""));
    served
        .talk(move |mut stalled| {
            stalled.say(&first);
            stalled.0.write_all(&body[..MIB]).unwrap();
            let mut other = Peer::connect(stalled.0.peer_addr().unwrap());
            for _ in 0..3 {
                other.say(&second);
                other.0.write_all(&body).unwrap();
                assert!(other.head().starts_with("http/1.1 201 "));
            }
            stalled.0.write_all(&body[MIB..]).unwrap();
            assert!(stalled.head().starts_with("http/1.1 201 "));
        })
        .await;
    assert_eq!(served.bench.raw(Get, "/-/vaults/v", "", &[], b"").await.json()["NumberOfArchives"], 4);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_leaves_nothing() {
    let served = serve(None).await;
    let body = data(2 * MIB);
    let upload = served.upload(&body, "");
    served
        .talk(move |mut peer| {
            peer.say(&upload);
            peer.0.write_all(&body[..MIB]).unwrap();
            peer.0.shutdown(Shutdown::Both).unwrap();
        })
        .await;
    let bench = served.end().await;
    assert_eq!(files(bench.folder.path(), "staged"), [""; 0]);
    assert_eq!(files(bench.folder.path(), "blobs"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_waits_for_the_request_in_hand() {
    let served = serve(None).await;
    let body = data(MIB);
    let upload = served.upload(&body, "");
    let address = served.address;
    let (half, is_half) = oneshot::channel();
    let (stopping, is_stopping) = oneshot::channel::<()>();
    let sent = body.clone();
    let talk = tokio::task::spawn_blocking(move || {
        let mut idle = Peer::connect(address);
        let mut peer = Peer::connect(address);
        peer.say(&upload);
        peer.0.write_all(&sent[..1000]).unwrap();
        half.send(()).unwrap();
        is_stopping.blocking_recv().unwrap();
        assert!(idle.is_closed(), "a connection without a request is closed");
        peer.0.write_all(&sent[1000..]).unwrap();
        assert!(peer.head().starts_with("http/1.1 201 "));
        assert!(peer.is_closed());
    });
    is_half.await.unwrap();
    // The server has to have seen the request; its file is a sign of that.
    while files(served.bench.folder.path(), "staged").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let Served { bench, stop, running, .. } = served;
    stop.send(()).unwrap();
    stopping.send(()).unwrap();
    talk.await.unwrap();
    running.await.unwrap();
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
    assert_eq!(bench.raw(Get, "/-/vaults/v", "", &[], b"").await.json()["SizeInBytes"], MIB);
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_1_3_and_nothing_older() {
    use std::sync::Arc;
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::pki_types::ServerName;
    use tokio_rustls::rustls::version::{TLS12, TLS13};
    use tokio_rustls::rustls::{ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned};

    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();

    // What is not in the files is said, with their names.
    for (cert, key, named) in
        [(&key, &key, &key), (&cert, &cert, &cert), (&folder.path().join("none"), &key, &folder.path().join("none"))]
    {
        let error = Tls::from_pem_files(cert, key).unwrap_err();
        assert!(matches!(error, TlsError::File { .. }), "{error}");
        assert!(error.to_string().contains(&named.display().to_string()), "{error}");
    }
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let other_key = folder.path().join("other.pem");
    std::fs::write(&other_key, other.signing_key.serialize_pem()).unwrap();
    assert!(matches!(Tls::from_pem_files(&cert, &other_key), Err(TlsError::Pair { .. })));

    let served = serve(Some(Tls::from_pem_files(&cert, &key).unwrap())).await;
    let describe = served.head(Get, "/-/vaults/v", &[], b"", "");
    served
        .talk(move |peer| {
            let connect = |tcp: TcpStream, version| {
                let mut roots = RootCertStore::empty();
                roots.add(made.cert.der().clone()).unwrap();
                let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                    .with_protocol_versions(&[version])
                    .unwrap()
                    .with_root_certificates(roots)
                    .with_no_client_auth();
                let name = ServerName::try_from("localhost").unwrap();
                StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), tcp)
            };
            let address = peer.0.peer_addr().unwrap();
            let mut stream = connect(peer.0, &TLS13);
            stream.write_all(describe.as_bytes()).unwrap();
            let mut answer = [0; 15];
            stream.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"HTTP/1.1 200 OK");
            assert_eq!(stream.conn.protocol_version(), Some(ProtocolVersion::TLSv1_3));
            let mut old = connect(Peer::connect(address).0, &TLS12);
            assert!(old.write_all(describe.as_bytes()).and_then(|()| old.read_exact(&mut answer)).is_err());
        })
        .await;
    served.end().await;
}

/// A socket that is not there any more is no reason to fail, and neither is one that is used.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_use_is_an_error() {
    let served = serve(None).await;
    let error = Server::bind(&served.bench.vaults, served.address, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    let server = Server::bind(&served.bench.vaults, "127.0.0.1:0", None).await.unwrap();
    assert_eq!(server.url(), format!("http://{}", server.address()));
    served.end().await;
}
