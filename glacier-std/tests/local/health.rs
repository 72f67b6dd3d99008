//! Health over HTTP, as a container's runtime or a load balancer asks for it: unsigned, and always there.

use std::io::{Read, Write};

use glacier_core::Method::Get;

use crate::peer::*;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_gets_it_without_a_signature() {
    let served = serve(None).await;
    let describe = served.head(Get, "/-/vaults/v", &[], b"", "");
    served
        .talk(move |mut peer| {
            for host in ["127.0.0.1", "vaults.example.com:80", "glacier.eu-west-1.amazonaws.com"] {
                let response = peer.ask(&format!("GET /_glacier/health HTTP/1.1\r\nHost: {host}\r\n\r\n"));
                assert_eq!((response.status(), response.header("content-type")), ("200", Some("application/json")));
                assert_eq!(response.body, br#"{"status":"ok"}"#);
            }
            // HEAD has the same head and no body: the next response follows at once.
            peer.say("HEAD /_glacier/health HTTP/1.1\r\nHost: h\r\n\r\n");
            let head = peer.head();
            assert!(head.starts_with("http/1.1 200 ") && head.contains("content-length: 15\r\n"), "{head}");
            assert_eq!(peer.ask(&describe).status(), "200", "the connection is usable afterwards");

            // What a query says does not matter; nor does a signature that is wrong.
            let wrong = "GET /_glacier/health?v=1 HTTP/1.1\r\nHost: h\r\nauthorization: AWS4-HMAC-SHA256 none\r\n\r\n";
            assert_eq!(peer.ask(wrong).status(), "200");
            let response = peer.ask("DELETE /_glacier/health HTTP/1.1\r\nHost: h\r\n\r\n");
            assert_eq!((response.status(), response.header("allow")), ("405", Some("get, head")));
            let response = peer.ask("POST /_glacier/none HTTP/1.1\r\nHost: h\r\n\r\n");
            let body: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
            assert_eq!((response.status(), &body["code"]), ("404", &"NotFound".into()));
        })
        .await;
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_nobody_reads_ends_the_connection() {
    let served = serve(None).await;
    served
        .talk(|mut peer| {
            peer.say("GET /_glacier/health HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n");
            let response = peer.hear();
            assert_eq!((response.status(), response.header("connection")), ("200", Some("close")));
            // Its rest is taken without a reset, which could overtake the response.
            peer.0.write_all(&[b'x'; 100]).unwrap();
            peer.0.shutdown(std::net::Shutdown::Write).unwrap();
            assert_eq!(peer.0.read(&mut [0]).unwrap(), 0);
        })
        .await;
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_may_be_gone() {
    let served = serve(None).await;
    std::fs::remove_dir_all(served.harness.folder.path()).unwrap();
    let response = served.talk(|mut peer| peer.ask("GET /_glacier/health HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_eq!(response.await.status(), "200");
    served.stop.send(()).unwrap();
    served.running.await.unwrap();
}
