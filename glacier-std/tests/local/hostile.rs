//! Hostile and broken peers of the server. Each case is an attack that goes on while a well-behaved client, and the last of the attackers,
//! get what they should; there is no limit of time but that of a read, so a server that keeps its users waiting fails.

use std::io::{Read, Write};
use std::net::Shutdown;

use glacier_core::Method::{Get, Post};

use tokio_rustls::rustls::version::TLS13;

use crate::harness::*;
use crate::peer::*;

/// Makes a test of each case.
macro_rules! cases {
    ($($case:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $case() {
            cases::$case().await;
        }
    )*};
}

cases! {
    long_requests_are_refused_before_they_are_signed
    idle_connections_of_300_peers_keep_their_places
    slow_heads_yield_to_new_connections
    handshakes_that_never_begin_yield_to_new_connections
    bodies_of_unverified_requests_yield_to_new_connections
    uploads_in_progress_do_not_yield
    peers_that_read_nothing_do_not_block_others
    bodies_of_strangers_are_not_read
    what_is_added_on_the_way_is_not_obeyed
    repeated_headers_are_refused
    what_is_no_request_gets_a_response
    connections_that_come_and_go
}

/// On one thread, the server takes a connection for idle before it accepts another: on several, others may connect between the response and
/// that, and are then idle for longer.
#[tokio::test]
async fn idle_connections_yield_to_new_ones() {
    cases::idle_connections_yield_to_new_ones().await;
}

/// Room for this many connections where there is more than enough of attackers.
const ROOM: usize = 12;

impl Served {
    /// A client that connects now is served.
    async fn is_usable(&self) {
        let describe = self.head(Get, "/-/vaults/v", &[], b"", "");
        let status = self.talk(move |mut peer| peer.ask(&describe).status().to_owned()).await;
        assert_eq!(status, "200");
    }

    /// Connections on which `text` was sent.
    async fn attackers(&self, count: usize, text: &str) -> Vec<Peer> {
        let (address, text) = (self.address, text.to_owned());
        let connect = move || {
            (0..count)
                .map(|_| {
                    let mut peer = Peer::connect(address);
                    // One that has yielded already may be reset.
                    let _ = peer.0.write_all(text.as_bytes());
                    peer
                })
                .collect()
        };
        tokio::task::spawn_blocking(connect).await.unwrap()
    }

    /// A request with a body of 100 bytes that is not sent, with a signature that nobody made.
    fn unverified(&self) -> String {
        let head = self.head(Post, "/-/vaults/v/jobs", &[], b"", "Content-Length: 100\r\n");
        head.replace("Signature=", "Signature=0")
    }
}

/// Which of the connections the server has closed.
async fn closed(peers: Vec<Peer>) -> Vec<bool> {
    let look = move || {
        peers
            .iter()
            .map(|peer| {
                peer.0.set_nonblocking(true).unwrap();
                !matches!(peer.0.peek(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
            })
            .collect()
    };
    tokio::task::spawn_blocking(look).await.unwrap()
}

mod cases {
    use super::*;

    pub(super) async fn long_requests_are_refused_before_they_are_signed() {
        let served = serve(None).await;
        let head = served.head(Get, "/-/vaults/v", &[], b"", "");
        let query = |count: usize| head.replacen("/-/vaults/v", &format!("/-/vaults/v?{}", "b&a&".repeat(count)), 1);
        let names = |count: usize| head.replacen("SignedHeaders=", &format!("SignedHeaders={}", "b;a;".repeat(count)), 1);
        let path = |count: usize| head.replacen("/-/vaults/v", &format!("{}/..", "/a".repeat(count)), 1);
        let more = |count: usize| head.replacen("\r\n\r\n", &format!("\r\n{}\r\n", "a: b\r\n".repeat(count)), 1);
        for (request, words) in [
            (query(512), "at most 32 parameters; this one has 1025"),
            (query(2048), "at most 32 parameters; this one has 4097"),
            (query(6000), "at most 32 parameters; this one has 12001"),
            (path(2048), "at most 16 segments; this one has 2049"),
            (path(12_000), "at most 16 segments; this one has 12001"),
            (names(5000), "at most 64 signed headers; this one has 10003"),
            (more(80), "at most 64 headers"),
        ] {
            let response = served.talk(move |mut peer| peer.ask(&request)).await;
            assert_eq!((response.status(), response.header("x-amzn-errortype")), ("400", Some("badrequest")));
            let message = String::from_utf8(response.body).unwrap();
            assert!(message.contains(words), "{message}");
            served.is_usable().await;
        }
        // What is longer still is not even read.
        for request in [query(16_000), more(3000)] {
            let status = served.talk(move |mut peer| peer.ask(&request).status().to_owned()).await;
            assert_eq!(status, "431");
        }
        served.end().await;
    }

    pub(super) async fn idle_connections_of_300_peers_keep_their_places() {
        let served = serve(None).await;
        let idle = served.attackers(300, "").await;
        served.is_usable().await;
        assert_eq!(closed(idle).await, [false; 300]);
        served.end().await;
    }

    pub(super) async fn idle_connections_yield_to_new_ones() {
        let served = serve_at_most(ROOM, None).await;
        // A user whose connection is between two requests is one of them.
        let describe = served.head(Get, "/-/vaults/v", &[], b"", "");
        let mut user = served.talk(|peer| peer).await;
        user = tokio::task::spawn_blocking(move || {
            assert_eq!(user.ask(&describe).status(), "200");
            user
        })
        .await
        .unwrap();
        let mut idle = served.attackers(ROOM - 1, "").await;
        idle.insert(0, user);
        idle.extend(served.attackers(5, "").await);
        served.is_usable().await;
        let mut closed = closed(idle).await;
        // The new client took the place of one more.
        let open = closed.split_off(6);
        assert_eq!((closed, open), (vec![true; 6], vec![false; ROOM - 1]));
        served.end().await;
    }

    pub(super) async fn slow_heads_yield_to_new_connections() {
        let served = serve_at_most(ROOM, None).await;
        for text in ["G", "GET /-/vaults/v HTTP/1.1\r\nHost: h\r\nx-amz-date: 2"] {
            let mut slow = served.attackers(3 * ROOM, text).await;
            for _ in 0..3 {
                for peer in &mut slow {
                    let _ = peer.0.write_all(b"0");
                }
                served.is_usable().await;
            }
        }
        served.end().await;
    }

    pub(super) async fn handshakes_that_never_begin_yield_to_new_connections() {
        let (tls, certificate) = self_signed();
        let served = serve_at_most(ROOM, Some(tls)).await;
        let _silent = served.attackers(3 * ROOM, "").await;
        let describe = served.head(Get, "/-/vaults/v", &[], b"", "");
        let status = served.talk(move |peer| {
            let mut stream = secured(peer.0, &certificate, &TLS13);
            let mut status = [0; 12];
            stream.write_all(describe.as_bytes()).and_then(|()| stream.read_exact(&mut status)).unwrap();
            status
        });
        assert_eq!(&status.await, b"HTTP/1.1 200");
        served.end().await;
    }

    pub(super) async fn bodies_of_unverified_requests_yield_to_new_connections() {
        let served = serve_at_most(ROOM, None).await;
        let unverified = served.unverified();
        let mut slow = served.attackers(3 * ROOM, &unverified).await;
        for _ in 0..3 {
            for peer in &mut slow {
                let _ = peer.0.write_all(b"x");
            }
            served.is_usable().await;
        }
        // Requests in progress would be waited for.
        drop(slow);
        served.end().await;
    }

    pub(super) async fn uploads_in_progress_do_not_yield() {
        let served = serve_at_most(3, None).await;
        let body = data(2 * LEAF);
        let upload = served.upload(&body, "");
        let mut uploads = served.attackers(2, &upload).await;
        while files(served.harness.folder.path(), "staged").len() < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let _idle = served.attackers(3 * ROOM, "").await;
        served.is_usable().await;
        // A third takes the last place; who comes then waits until one ends.
        uploads.extend(served.attackers(1, &upload).await);
        while files(served.harness.folder.path(), "staged").len() < 3 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let (describe, address) = (served.head(Get, "/-/vaults/v", &[], b"", ""), served.address);
        let waiting = tokio::task::spawn_blocking(move || Peer::connect(address).ask(&describe).status().to_owned());
        let finish = move || {
            for mut peer in uploads {
                peer.0.write_all(&body).unwrap();
                assert!(peer.head().starts_with("http/1.1 201 "));
            }
        };
        tokio::task::spawn_blocking(finish).await.unwrap();
        assert_eq!(waiting.await.unwrap(), "200");
        assert_eq!(served.harness.raw(Get, "/-/vaults/v", "", &[], b"").await.json()["NumberOfArchives"], 3);
        served.end().await;
    }

    pub(super) async fn peers_that_read_nothing_do_not_block_others() {
        let mut served = serve(None).await;
        let archive = served.harness.upload(&data(8 * MIB), "").await;
        let job = served.harness.retrieve(&archive, None).await;
        let output = served.head(Get, &format!("/-/vaults/v/jobs/{job}/output"), &[], b"", "");
        let deaf = served.attackers(20, &output).await;
        served.is_usable().await;
        let response = served.talk(move |mut peer| peer.ask(&output).body.len()).await;
        assert_eq!(response, 8 * MIB);
        drop(deaf);
        served.end().await;
    }

    pub(super) async fn bodies_of_strangers_are_not_read() {
        let served = serve(None).await;
        let head = served.head(Post, "/-/vaults/v/jobs", &[], b"", "Content-Length: 60000\r\n");
        let late = head.replace("20260102T03", "20260102T02");
        for (request, status, code) in [
            (head.replace("authorization", "x-authorization"), "400", "missingauthenticationtokenexception"),
            (head.replace("Credential=test", "Credential=tset"), "400", "unrecognizedclientexception"),
            (late, "403", "invalidsignatureexception"),
            (head.replace("host;", ""), "403", "invalidsignatureexception"),
            (head.replace("/us-east-1/", "//"), "400", "badrequest"),
            (head.replace("/20260102/", "//"), "400", "badrequest"),
        ] {
            // Not a byte of the body is sent.
            let response = served.talk(move |mut peer| peer.ask(&request)).await;
            assert_eq!((response.status(), response.header("x-amzn-errortype")), (status, Some(code)));
            assert_eq!(response.header("connection"), Some("close"));
        }
        served.end().await;
    }

    pub(super) async fn what_is_added_on_the_way_is_not_obeyed() {
        let served = serve(None).await;
        let head = served.head(Get, "/-/vaults/v", &[], b"", "");
        for (added, status, code) in [
            ("x-amz-security-token: t", "400", Some("unrecognizedclientexception")),
            ("x-amz-content-sha256: UNSIGNED-PAYLOAD", "403", Some("invalidsignatureexception")),
            ("x-amz-acl: public", "403", Some("invalidsignatureexception")),
            ("x-amzn-trace-id: Root=1", "200", None),
            ("x-forwarded-for: 192.0.2.1", "200", None),
            // Unsigned in the developer guide's examples.
            ("x-amz-archive-description: d", "200", None),
            ("range: bytes=0-1", "200", None),
        ] {
            let request = head.replacen("\r\n\r\n", &format!("\r\n{added}\r\n\r\n"), 1);
            let response = served.talk(move |mut peer| peer.ask(&request)).await;
            assert_eq!((response.status(), response.header("x-amzn-errortype")), (status, code), "{added}");
        }
        served.end().await;
    }

    pub(super) async fn repeated_headers_are_refused() {
        let served = serve(None).await;
        let body = data(100);
        let upload = served.upload(&body, "x-amz-archive-description: a\r\n");
        let authorization = upload.lines().find(|line| line.starts_with("authorization")).unwrap().to_owned();
        for added in [
            authorization.as_str(),
            "Host: other",
            "x-amz-archive-description: b",
            "x-amz-glacier-version: 2012-06-01",
            "x-amz-date: 20260102T030405Z",
            "x-amz-sha256-tree-hash: 0",
        ] {
            let request = upload.replacen("\r\n\r\n", &format!("\r\n{added}\r\n\r\n"), 1);
            let response = served.talk(move |mut peer| peer.ask(&request)).await;
            assert_eq!((response.status(), response.header("x-amzn-errortype")), ("400", Some("badrequest")), "{added}");
            assert!(String::from_utf8_lossy(&response.body).contains("occurs more than once"), "{added}");
        }
        // None of them was stored; without the addition it is.
        assert_eq!(files(served.harness.folder.path(), "blobs"), [""; 0]);
        let stored = served.talk(move |mut peer| {
            peer.say(&upload);
            peer.0.write_all(&body).unwrap();
            peer.hear().status().to_owned()
        });
        assert_eq!(stored.await, "201");
        served.end().await;
    }

    pub(super) async fn what_is_no_request_gets_a_response() {
        let served = serve(None).await;
        let preface = served.talk(|mut peer| {
            peer.say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            peer.is_closed()
        });
        assert!(preface.await, "HTTP/2 is not spoken");
        for (text, status) in [
            ("\u{16}\u{3}\u{1}\u{2}\r\n\r\n".to_owned(), "400"),
            ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".to_owned(), "400"),
            ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n".to_owned(), "400"),
            ("GET / HTTP/1.1\r\nHost : h\r\n\r\n".to_owned(), "400"),
            ("CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(), "400"),
            ("GET http://h/-/vaults HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(), "400"),
            (format!("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", "a".repeat(70_000)), "431"),
        ] {
            let response = served.talk(move |mut peer| {
                peer.say(&text);
                peer.head()
            });
            assert_eq!(response.await.split(' ').nth(1), Some(status));
            served.is_usable().await;
        }
        served.end().await;
    }

    pub(super) async fn connections_that_come_and_go() {
        let served = serve_at_most(ROOM, None).await;
        for round in 0..10 {
            for text in ["", "GET ", &served.unverified()] {
                for peer in served.attackers(2 * ROOM, text).await {
                    if round % 2 == 0 {
                        let _ = peer.0.shutdown(Shutdown::Both);
                    }
                }
            }
            served.is_usable().await;
        }
        served.end().await;
    }
}
