//! Proxies: a tunnel for https, whole requests for http.

use crate::support::{Peer, Server, call, get};
use glacier_core::{Bytes, SendError};
use glacier_std::config::BaseUrl;
use glacier_std::http::{HttpError, HttpOptions, HttpTransport};

/// A transport to `url` in an environment where the server is the proxy, with a user and a password.
fn through(server: &Server, url: &str) -> HttpTransport {
    let proxy = format!("http://me:hush@{}", server.address);
    let env = |name: &str| match name {
        "HTTPS_PROXY" | "HTTP_PROXY" => Some(proxy.clone()),
        "NO_PROXY" => Some("elsewhere.test".to_owned()),
        _ => None,
    };
    HttpTransport::new(&BaseUrl::parse(url).unwrap(), &HttpOptions::from_env(&env).unwrap()).unwrap()
}

async fn error(transport: &mut HttpTransport) -> HttpError {
    match call(transport, &get("/-/vaults"), &mut Bytes::new(b"")).await {
        Err(SendError::NotSent(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn http_requests_are_sent_to_the_proxy_whole() {
    let server = Server::once(|peer| {
        let seen = peer.request();
        assert!(
            seen.head.starts_with("GET http://glacier.test:4566/-/vaults HTTP/1.1\r\nhost: glacier.test:4566\r\n"),
            "{}",
            seen.head
        );
        // printf me:hush | base64
        assert!(seen.head.contains("proxy-authorization: Basic bWU6aHVzaA==\r\n"), "{}", seen.head);
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        peer.until_closed();
    });
    let mut transport = through(&server, "http://glacier.test:4566");
    assert_eq!(call(&mut transport, &get("/-/vaults"), &mut Bytes::new(b"")).await.unwrap().body, b"ok");
    drop(transport);
    server.done();
}

#[tokio::test]
async fn https_connects_through_a_tunnel() {
    let server = Server::once(|peer| {
        let head = peer.head();
        let expected =
            "CONNECT glacier.test:443 HTTP/1.1\r\nHost: glacier.test:443\r\nProxy-Authorization: Basic bWU6aHVzaA==\r\n\r\n";
        assert_eq!(head, expected);
        peer.write("HTTP/1.1 200 Connection established\r\nvia: proxy\r\n\r\n");
        // What follows is TLS: a handshake record, to which the response here is not valid.
        let mut record = [0; 3];
        std::io::Read::read_exact(&mut peer.0, &mut record).unwrap();
        assert_eq!(record[..2], [0x16, 0x03]);
        peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
        peer.until_closed();
    });
    let error = error(&mut through(&server, "https://glacier.test")).await;
    assert!(matches!(&error, HttpError::Tls { host, .. } if host == "glacier.test"), "{error:?}");
    server.done();
}

#[tokio::test]
async fn the_error_names_a_refusing_proxy_and_not_its_password() {
    let responses: [(&str, u16, &str); 4] = [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n",
            407,
            "user and password",
        ),
        ("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", 403, "NO_PROXY"),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", 0, "did not respond with HTTP"),
        ("", 0, "did not respond with HTTP"),
    ];
    for (response, expected, advice) in responses {
        let server = Server::once(move |peer: &mut Peer| {
            peer.head();
            peer.write(response);
            peer.close();
        });
        let error = error(&mut through(&server, "https://glacier.test")).await;
        assert!(matches!(error, HttpError::Proxy { status, .. } if status == expected), "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(advice) && shown.contains(&server.address.to_string()) && !shown.contains("hush"), "{shown}");
        server.done();
    }
}

#[tokio::test]
async fn hosts_of_no_proxy_are_connected_to_directly() {
    let server = Server::start(vec![]);
    let error = error(&mut through(&server, "http://localhost.elsewhere.test")).await;
    assert!(matches!(error, HttpError::Resolve { .. }), "{error:?}");
    server.done();
}
