//! The service over HTTP, with a client that writes bytes into a socket.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use glacier_core::Method::{Get, Post, Put};
use glacier_std::local::serve::{Server, Tls, TlsError};
use tokio::sync::oneshot;

use crate::harness::*;
use crate::peer::*;
use crate::policy_bench::policy;

#[tokio::test(flavor = "multi_thread")]
async fn requests_follow_each_other_on_one_connection() {
    let served = serve(None).await;
    let body = data(MIB + 9);
    let (describe, upload) = (served.head(Get, "/-/vaults/v", &[], b"", ""), served.upload(&body, ""));
    let missing = served.head(Get, "/-/vaults/none", &[], b"", "");
    let sent = body.clone();
    let id = served
        .talk(move |mut peer| {
            let response = peer.ask(&describe);
            assert_eq!((response.status(), response.header("content-type")), ("200", Some("application/json")));
            assert_eq!(response.header("date"), Some("fri, 02 jan 2026 03:04:05 gmt"));
            assert_eq!(response.header("x-amzn-requestid").unwrap().len(), 52);
            let json: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
            assert_eq!((&json["VaultName"], &json["NumberOfArchives"]), (&"v".into(), &serde_json::Value::Null));

            peer.say(&upload);
            peer.0.write_all(&sent).unwrap();
            let response = peer.head();
            assert!(response.starts_with("http/1.1 201 "), "{response}");
            assert!(response.contains(&format!("x-amz-sha256-tree-hash: {}\r\n", tree(&sent))));

            let response = peer.ask(&missing);
            assert_eq!((response.status(), response.header("x-amzn-errortype")), ("404", Some("resourcenotfoundexception")));
            let json: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
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
    let response = served.harness.raw(Post, "/-/vaults/v/jobs", "", &[], parameters).await;
    let output = served.harness.raw(Get, &format!("{}/output", response.location.unwrap()), "", &[], b"").await;
    let archive = output.json()["ArchiveList"][0]["ArchiveId"].as_str().unwrap().to_owned();
    let parameters = serde_json::json!({ "Type": "archive-retrieval", "ArchiveId": archive }).to_string();
    let response = served.harness.raw(Post, "/-/vaults/v/jobs", "", &[], parameters.as_bytes()).await;
    let path = format!("{}/output", response.location.unwrap());
    let (whole, range) = (served.head(Get, &path, &[], b"", ""), served.head(Get, &path, &[("range", "bytes=5-")], b"", ""));
    served
        .talk(move |mut peer| {
            let response = peer.ask(&whole);
            assert_eq!((response.status(), response.header("accept-ranges")), ("200", Some("bytes")));
            assert!(response.body == body);
            let response = peer.ask(&range);
            assert_eq!(response.status(), "206");
            assert_eq!(response.header("content-range"), Some(format!("bytes 5-{}/{}", body.len() - 1, body.len()).as_str()));
            assert!(response.body == body[5..]);
        })
        .await;
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expect_100_continue_asks_for_the_body() {
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
            // The body of a request that fails is never asked for.
            let response = peer.ask(&bad);
            assert_eq!((response.status(), response.header("connection")), ("403", Some("close")));
            assert!(peer.is_closed());
        })
        .await;
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_4_gib_that_fails_gets_its_response_after_the_head() {
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
                // The client keeps sending without reading; it must get the response all the same.
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
                let response = peer.hear();
                assert_eq!((response.status(), response.header("x-amzn-errortype")), (status, Some(code)));
                assert_eq!(response.header("connection"), Some("close"));
                // The connection ends cleanly: a reset could overtake the response and, on some systems, discard it.
                assert_eq!(peer.0.read(&mut [0]).unwrap_or_else(|error| panic!("{code}: {error}")), 0);
                assert!(sending.join().unwrap(), "the server closes the connection");
            })
            .await;
    }
    assert_eq!(files(served.harness.folder.path(), "staged"), [""; 0]);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_requests_get_status_400() {
    let served = serve(None).await;
    let host = served.address.to_string();
    for (request, status) in [
        (format!("HEAD /-/vaults/v HTTP/1.1\r\nHost: {host}\r\n\r\n"), "400"),
        (format!("PATCH /-/vaults/v HTTP/1.1\r\nHost: {host}\r\n\r\n"), "400"),
        (format!("GET /-/vaults/v HTTP/1.1\r\nHost: {host}\r\n\r\n"), "400"),
        ("GET /-/vaults/v HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("nonsense\r\n\r\n".to_owned(), "400"),
    ] {
        let response = served.talk(move |mut peer| {
            peer.say(&request);
            peer.head()
        });
        assert_eq!(response.await.split(' ').nth(1), Some(status));
    }
    // A header that is not UTF-8.
    let response = served.talk(move |mut peer| {
        peer.0.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nx-amz-archive-description: caf\xe9\r\n\r\n").unwrap();
        peer.hear()
    });
    assert_eq!(response.await.status(), "400");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_upload_does_not_block_others() {
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
    assert_eq!(served.harness.raw(Get, "/-/vaults/v", "", &[], b"").await.json()["NumberOfArchives"], 4);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_disconnects_leaves_nothing() {
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
    let harness = served.end().await;
    assert_eq!(files(harness.folder.path(), "staged"), [""; 0]);
    assert_eq!(files(harness.folder.path(), "blobs"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_waits_for_requests_in_progress() {
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
    // The staged file shows that the server has read the head of the request.
    while files(served.harness.folder.path(), "staged").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let Served { harness, stop, running, .. } = served;
    stop.send(()).unwrap();
    stopping.send(()).unwrap();
    talk.await.unwrap();
    running.await.unwrap();
    assert!(TcpStream::connect(address).is_err(), "the server no longer listens");
    assert_eq!(harness.raw(Get, "/-/vaults/v", "", &[], b"").await.json()["SizeInBytes"], MIB);
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_1_3_and_nothing_older() {
    use tokio_rustls::rustls::ProtocolVersion;
    use tokio_rustls::rustls::version::{TLS12, TLS13};

    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();

    // The error names the file that does not contain what it should.
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
            let address = peer.0.peer_addr().unwrap();
            let mut stream = secured(peer.0, made.cert.der(), &TLS13);
            stream.write_all(describe.as_bytes()).unwrap();
            let mut status = [0; 15];
            stream.read_exact(&mut status).unwrap();
            assert_eq!(&status, b"HTTP/1.1 200 OK");
            assert_eq!(stream.conn.protocol_version(), Some(ProtocolVersion::TLSv1_3));
            let mut old = secured(Peer::connect(address).0, made.cert.der(), &TLS12);
            assert!(old.write_all(describe.as_bytes()).and_then(|()| old.read_exact(&mut status)).is_err());
        })
        .await;
    served.end().await;
}

/// A policy that denies what does not come over TLS, as the IAM user guide has it.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_tells_tls_from_plain_http() {
    let condition = serde_json::json!({ "Bool": { "aws:SecureTransport": "false" } });
    let policy = policy("Deny", "*", "glacier:ListJobs", &condition);
    let body = serde_json::json!({ "Policy": policy }).to_string();
    let (tls, certificate) = self_signed();
    for (tls, status) in [(Some(tls), "HTTP/1.1 200"), (None, "HTTP/1.1 403")] {
        let is_secure = tls.is_some();
        let served = serve(tls).await;
        assert_eq!(served.harness.raw(Put, "/-/vaults/v/access-policy", "", &[], body.as_bytes()).await.status, 204);
        let list = served.head(Get, "/-/vaults/v/jobs", &[], b"", "");
        let certificate = certificate.clone();
        let talk = move |peer: Peer| {
            let mut begin = [0; 12];
            if is_secure {
                let mut stream = secured(peer.0, &certificate, &tokio_rustls::rustls::version::TLS13);
                stream.write_all(list.as_bytes()).and_then(|()| stream.read_exact(&mut begin)).unwrap();
            } else {
                let mut stream = peer.0;
                stream.write_all(list.as_bytes()).and_then(|()| stream.read_exact(&mut begin)).unwrap();
            }
            String::from_utf8(begin.to_vec()).unwrap()
        };
        assert_eq!(served.talk(talk).await, status);
        served.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_use_is_an_error() {
    let served = serve(None).await;
    let error = Server::bind(&served.harness.vaults, served.address, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    let server = Server::bind(&served.harness.vaults, "127.0.0.1:0", None).await.unwrap();
    assert_eq!(server.url(), format!("http://{}", server.address()));
    served.end().await;
}
