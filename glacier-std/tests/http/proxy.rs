//! Proxies: a tunnel for https, whole requests for http.

use crate::support::{Peer, Server, call, get};
use glacier_core::{Bytes, SendError};
use glacier_std::config::BaseUrl;
use glacier_std::http::{HttpError, HttpOptions, HttpSetupError, HttpTransport, ProxyErrorKind};

/// A transport to `url` in an environment where the server is the proxy, with a user and a password.
fn through(server: &Server, url: &str) -> HttpTransport {
    let proxy = format!("http://me:hush@{}", server.address);
    let env = |name: &str| match name {
        "https_proxy" | "http_proxy" => Some(proxy.clone()),
        "no_proxy" => Some("elsewhere.test".to_owned()),
        _ => None,
    };
    HttpTransport::new(&BaseUrl::parse(url).unwrap(), &HttpOptions::from_env(&env)).unwrap()
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
    type Check = fn(&ProxyErrorKind) -> bool;
    let responses: [(&str, Check, &str); 5] = [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n",
            |kind| matches!(kind, ProxyErrorKind::Authentication { given: true }),
            "does not accept the user and password (407) in https_proxy",
        ),
        (
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
            |kind| matches!(kind, ProxyErrorKind::Refused { status: 403 }),
            "no_proxy",
        ),
        (
            "HTTP/1.1 502 x\r\n\r\n",
            |kind| matches!(kind, ProxyErrorKind::Refused { status: 502 }),
            "glacier.test:443, with status 502",
        ),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", |kind| matches!(kind, ProxyErrorKind::NotHttp), "did not respond with HTTP"),
        ("", |kind| matches!(kind, ProxyErrorKind::NotHttp), "did not respond with HTTP"),
    ];
    for (response, check, advice) in responses {
        let server = Server::once(move |peer: &mut Peer| {
            peer.head();
            peer.write(response);
            peer.close();
        });
        let error = error(&mut through(&server, "https://glacier.test")).await;
        assert!(matches!(&error, HttpError::Proxy { kind, variable: "https_proxy", .. } if check(kind)), "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(advice) && shown.contains(&server.address.to_string()) && !shown.contains("hush"), "{shown}");
        server.done();
    }
}

#[tokio::test]
async fn a_proxy_that_wants_a_password_for_plain_http_is_named() {
    for (user, given, advice) in [
        ("", false, "give them as http_proxy=http://USER:PASSWORD@127.0.0.1"),
        ("me:hush@", true, "does not accept the user and password"),
    ] {
        let server = Server::once(|peer| {
            peer.request();
            peer.write("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 4\r\n\r\npage");
            peer.until_closed();
        });
        let proxy = format!("http://{user}{}", server.address);
        let env = |name: &str| (name == "http_proxy").then(|| proxy.clone());
        let url = BaseUrl::parse("http://glacier.test:4566").unwrap();
        let mut transport = HttpTransport::new(&url, &HttpOptions::from_env(&env)).unwrap();
        let error = error(&mut transport).await;
        let kind =
            matches!(&error, HttpError::Proxy { kind: ProxyErrorKind::Authentication { given: found }, .. } if *found == given);
        assert!(kind, "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(advice) && shown.contains(&server.address.to_string()) && !shown.contains("hush"), "{shown}");
        server.done();
    }
}

#[tokio::test]
async fn a_dead_proxy_is_named_and_not_the_endpoint() {
    let server = Server::start(vec![]);
    let address = server.address;
    let transports = ["https://glacier.test", "http://glacier.test:4566"].map(|url| through(&server, url));
    server.done();
    for (mut transport, variable) in transports.into_iter().zip(["https_proxy", "http_proxy"]) {
        let error = error(&mut transport).await;
        assert!(matches!(&error, HttpError::Proxy { kind: ProxyErrorKind::Connect(_), .. }), "{error:?}");
        let shown = error.to_string();
        assert!(shown.contains(&format!("the proxy {address} (from {variable})")) && shown.contains("no_proxy"), "{shown}");
    }
    let env = |name: &str| (name == "ALL_PROXY").then(|| "http://no-such-proxy.invalid:3128".to_owned());
    let url = BaseUrl::parse("https://glacier.test").unwrap();
    let error = error(&mut HttpTransport::new(&url, &HttpOptions::from_env(&env)).unwrap()).await;
    assert!(matches!(&error, HttpError::Proxy { kind: ProxyErrorKind::Resolve(_), .. }), "{error:?}");
    let shown = error.to_string();
    assert!(shown.contains("the proxy no-such-proxy.invalid:3128 (from ALL_PROXY) was not found"), "{shown}");
}

#[tokio::test]
async fn a_silent_proxy_is_named() {
    let server = Server::once(|peer| {
        peer.head();
        peer.until_closed();
    });
    let proxy = format!("http://{}", server.address);
    let env = |name: &str| (name == "https_proxy").then(|| proxy.clone());
    let options = HttpOptions::from_env(&env).with_connect_timeout(std::time::Duration::from_millis(200));
    let error = error(&mut HttpTransport::new(&BaseUrl::parse("https://glacier.test").unwrap(), &options).unwrap()).await;
    assert!(matches!(&error, HttpError::Proxy { kind: ProxyErrorKind::TimedOut { .. }, .. }), "{error:?}");
    let shown = error.to_string();
    let expected = format!("glacier.test:443 through the proxy {} (from https_proxy) within 0.2 s", server.address);
    assert!(shown.contains(&expected), "{shown}");
    server.done();
}

#[test]
fn a_proxy_that_is_not_supported_is_an_error_only_where_it_would_be_used() {
    let env = |name: &str| match name {
        "all_proxy" => Some("socks5://me:hush@p:1".to_owned()),
        "https_proxy" => Some("http://p:3128".to_owned()),
        _ => None,
    };
    let new = |url: &str| HttpTransport::new(&BaseUrl::parse(url).unwrap(), &HttpOptions::from_env(&env));
    assert!(new("https://glacier.test").is_ok());
    let error = new("http://glacier.test").unwrap_err();
    assert!(matches!(&error, HttpSetupError::Proxy(proxy) if proxy.variable == "all_proxy"), "{error:?}");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("socks5, which is not supported") && !shown.contains("hush"), "{shown}");
}

#[tokio::test]
async fn hosts_of_no_proxy_are_connected_to_directly() {
    let server = Server::start(vec![]);
    let error = error(&mut through(&server, "http://localhost.elsewhere.test")).await;
    assert!(matches!(error, HttpError::Resolve { .. }), "{error:?}");
    server.done();
}
