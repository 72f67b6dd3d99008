//! Connections that are reused, closed, lost, dropped, or never made.

use std::time::Duration;

use embedded_io_async::Read as _;
use glacier_core::{Bytes, Head, SendError, Transport};
use glacier_std::http::{HttpError, HttpOptions};

use crate::support::{LARGE, Script, Server, call, get, got, no_body, post};

#[tokio::test]
async fn a_connection_closed_without_a_response_is_an_error() {
    let server = Server::once(|peer| {
        peer.head();
        peer.close();
    });
    let body = vec![7; LARGE];
    let error = call(&mut server.transport(), &post("/"), &mut Bytes::new(&body)).await.unwrap_err();
    assert!(matches!(error, SendError::Transport(HttpError::Closed { .. })), "{error:?}");
    server.done();
}

#[tokio::test]
async fn a_response_without_a_request_only_ends_the_connection() {
    let server = Server::start(vec![
        Box::new(|peer| {
            peer.request();
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong");
            peer.until_closed();
        }),
        Box::new(|peer| {
            peer.request();
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n2");
            peer.until_closed();
        }),
    ]);
    let mut transport = server.transport();
    assert_eq!(call(&mut transport, &get("/"), &mut no_body()).await.unwrap(), got(200, b"1"));
    assert_eq!(call(&mut transport, &get("/"), &mut no_body()).await.unwrap(), got(200, b"2"));
    drop(transport);
    server.done();
}

#[tokio::test]
async fn a_connection_that_the_server_has_closed_is_not_reused() {
    // The server closes when the response has been read, and the runtime's only thread is kept from noticing.
    let (close, told_to_close) = std::sync::mpsc::channel();
    let (say_closed, closed) = std::sync::mpsc::channel();
    let server = Server::start(vec![
        Box::new(move |peer| {
            peer.request();
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\none");
            told_to_close.recv().unwrap();
            peer.close();
            say_closed.send(()).unwrap();
        }),
        Box::new(|peer| {
            peer.request();
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\ntwo");
            peer.until_closed();
        }),
    ]);
    let mut transport = server.transport();
    assert_eq!(call(&mut transport, &post("/"), &mut Bytes::new(b"body")).await.unwrap(), got(200, b"one"));
    close.send(()).unwrap();
    closed.recv().unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(call(&mut transport, &post("/"), &mut Bytes::new(b"body")).await.unwrap(), got(200, b"two"));
    drop(transport);
    server.done();
}

#[tokio::test]
async fn a_request_that_the_service_may_have_acted_on_is_not_sent_again() {
    let server = Server::once(|peer| {
        peer.request();
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        peer.request();
        peer.close();
    });
    let mut transport = server.transport();
    assert_eq!(call(&mut transport, &post("/"), &mut Bytes::new(b"one")).await.unwrap(), got(200, b""));
    let error = call(&mut transport, &post("/"), &mut Bytes::new(b"two")).await.unwrap_err();
    // A second connection would have found no listener: `NotSent` with `Connect`.
    assert!(matches!(error, SendError::Transport(HttpError::Closed { .. })), "{error:?}");
    server.done();
}

#[tokio::test]
async fn after_a_dropped_response_or_request_the_transport_is_usable() {
    let server = Server::start(vec![
        Box::new(|peer| {
            peer.request();
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf.");
            peer.until_closed();
        }),
        Box::new(|peer| {
            peer.head();
            peer.until_closed();
        }),
        Box::new(|peer| {
            assert_eq!(peer.request().body, b"clean");
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            peer.until_closed();
        }),
    ]);
    let mut transport = server.transport();
    let mut arena = [0; 512];
    let mut head = Head::new(&mut arena);
    transport.send(&get("/"), &mut no_body(), &mut head).await.unwrap();
    let mut body = transport.body();
    assert_eq!(body.read(&mut [0; 5]).await.unwrap(), 5);
    drop(body);
    let body = vec![7; LARGE];
    let (upload, mut half) = (post("/"), Bytes::new(&body));
    tokio::select! {
        biased;
        response = call(&mut transport, &upload, &mut half) => panic!("{response:?}"),
        () = tokio::time::sleep(Duration::from_millis(100)) => {}
    }
    assert_eq!(call(&mut transport, &post("/"), &mut Bytes::new(b"clean")).await.unwrap(), got(200, b"ok"));
    drop(transport);
    server.done();
}

#[tokio::test]
async fn a_stalled_server_is_an_error() {
    let options = HttpOptions::default().with_idle_timeout(Duration::from_millis(200));
    let stalls: Vec<Script> = vec![
        // Never responds.
        Box::new(|peer| drop((peer.request(), peer.until_closed()))),
        // Stops within the response.
        Box::new(|peer| {
            peer.request();
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf.");
            peer.until_closed();
        }),
    ];
    for stall in stalls {
        let server = Server::start(vec![stall]);
        let error = call(&mut server.transport_with(&options), &get("/"), &mut no_body()).await.unwrap_err();
        assert!(matches!(error, SendError::Transport(HttpError::Stalled { after }) if after == options.idle_timeout), "{error:?}");
        server.done();
    }
    // Stops reading the request.
    let (give_up, given_up) = std::sync::mpsc::channel::<()>();
    let server = Server::once(move |peer| {
        peer.head();
        assert!(given_up.recv_timeout(Duration::from_secs(20)).is_ok());
    });
    let body = vec![7; LARGE];
    let error = call(&mut server.transport_with(&options), &post("/"), &mut Bytes::new(&body)).await.unwrap_err();
    assert!(matches!(error, SendError::Transport(HttpError::Stalled { .. })), "{error:?}");
    give_up.send(()).unwrap();
    server.done();
}

#[tokio::test]
async fn without_a_listener_or_an_address_nothing_is_sent() {
    let server = Server::start(vec![]);
    let address = server.address;
    let mut transport = server.transport();
    server.done();
    let error = call(&mut transport, &get("/"), &mut no_body()).await.unwrap_err();
    match error {
        SendError::NotSent(error @ HttpError::Connect { .. }) => {
            assert!(error.to_string().contains(&address.to_string()), "{error}");
        }
        other => panic!("{other:?}"),
    }
    let url = glacier_std::config::BaseUrl::parse("http://no-such-host.invalid").unwrap();
    let mut transport = glacier_std::http::HttpTransport::new(&url, &HttpOptions::default()).unwrap();
    let error = call(&mut transport, &get("/"), &mut no_body()).await.unwrap_err();
    assert!(matches!(error, SendError::NotSent(HttpError::Resolve { .. })), "{error:?}");
}

/// For those who print or inspect the chain of causes.
#[tokio::test]
async fn the_chain_of_a_refused_connection_ends_in_the_systems_error() {
    use glacier_core::{Client, Credentials, Timestamp, ops::DescribeVault};
    let server = Server::start(vec![]);
    let (url, transport) = (server.url(), server.transport());
    server.done();
    let credentials = Credentials::new("AKIDEXAMPLE", "secret", None).unwrap();
    let mut client = Client::new(transport, url.to_core("eu-west-1").unwrap(), credentials);
    let describe = DescribeVault { vault: "v".try_into().unwrap() };
    let error = client.send(&describe, Timestamp::from_unix(1_700_000_000), &mut [0; 2048]).await.unwrap_err();
    assert!(matches!(error, glacier_core::Error::NotSent(_)) && !error.may_have_acted(), "{error:?}");
    let mut last: &(dyn std::error::Error + 'static) = &error;
    while let Some(source) = last.source() {
        last = source;
    }
    let kind = last.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    assert_eq!(kind, Some(std::io::ErrorKind::ConnectionRefused), "{last:?}");
}
