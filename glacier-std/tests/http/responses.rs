//! Responses that follow the protocol, and responses that do not.

use std::time::Duration;

use embedded_io_async::Read as _;
use glacier_core::{Bytes, Head, SendError, Transport};
use glacier_std::http::HttpError;

use crate::support::{LARGE, Received, Server, call, get, got, no_body, post};

#[tokio::test]
async fn responses_of_all_framings_are_read_and_the_connection_is_reused() {
    let server = Server::once(|peer| {
        for response in [
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nsized",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nchu\r\n4\r\nnked\r\n0\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnone",
            "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n",
        ] {
            peer.request();
            peer.write(response);
        }
        peer.request();
        peer.write("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nto the end");
    });
    let mut transport = server.transport();
    for expected in
        [got(200, b"sized"), got(200, b"chunked"), got(204, b""), got(404, b"none"), got(201, b""), got(200, b"to the end")]
    {
        // Clones share the connection.
        assert_eq!(call(&mut transport.clone(), &post("/"), &mut Bytes::new(b"body")).await.unwrap(), expected);
    }
    assert!(call(&mut transport, &get("/"), &mut no_body()).await.is_err(), "the server has gone");
    server.done();
}

#[tokio::test]
async fn informational_responses_are_skipped() {
    let server = Server::once(|peer| {
        peer.request();
        peer.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nx-amzn-RequestId: not this\r\n\r\n");
        peer.write("HTTP/1.1 200 OK\r\nx-amzn-RequestId: this\r\ncontent-length: 0\r\n\r\n");
        peer.until_closed();
    });
    let mut transport = server.transport();
    let response = call(&mut transport, &post("/"), &mut Bytes::new(b"body")).await.unwrap();
    assert_eq!(response, Received { request_id: Some("this".into()), ..got(200, b"") });
    drop(transport);
    server.done();
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let server = Server::once(|peer| {
        peer.request();
        peer.write("HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
        // The connection is kept, as there was no body.
        peer.request();
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        peer.until_closed();
    });
    let mut transport = server.transport();
    let error = call(&mut transport, &get("/"), &mut no_body()).await.unwrap_err();
    match error {
        SendError::NotSent(HttpError::Intercepted { status: 307, location }) => {
            assert_eq!(location.as_deref(), Some("http://127.0.0.1:1/"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(call(&mut transport, &get("/"), &mut no_body()).await.unwrap(), got(200, b"ok"));
    drop(transport);
    server.done();
}

/// The error of a response with this status line and headers.
async fn error_of(head: &str) -> String {
    let response = format!("HTTP/1.1 {head}\r\ncontent-length: 5\r\n\r\nlogin");
    let server = Server::once(move |peer| {
        peer.request();
        peer.write(&response);
        peer.until_closed();
    });
    let error = call(&mut server.transport(), &get("/"), &mut no_body()).await.unwrap_err();
    assert!(matches!(error, SendError::NotSent(HttpError::Intercepted { .. })), "{error:?}");
    server.done();
    error.to_string()
}

#[tokio::test]
async fn the_login_page_of_a_network_is_named() {
    let shown = error_of("302 Found\r\nlocation: http://portal.test/login?from=\u{202e}x").await;
    assert!(
        shown.contains("302") && shown.contains("http://portal.test/login?from=???x") && shown.contains("captive portal"),
        "{shown}"
    );
    let shown = error_of("302 Found").await;
    assert!(shown.contains("302") && shown.contains("captive portal") && shown.contains("endpoint URL"), "{shown}");
    let shown = error_of("511 Network Authentication Required").await;
    assert!(shown.contains("captive portal"), "{shown}");
    let shown = error_of("407 Proxy Authentication Required").await;
    assert!(shown.contains("http_proxy=http://USER:PASSWORD@HOST:PORT"), "{shown}");
}

#[tokio::test]
async fn switching_protocols_is_an_error() {
    let server = Server::once(|peer| {
        peer.request();
        peer.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n");
        peer.until_closed();
    });
    let error = call(&mut server.transport(), &get("/"), &mut no_body()).await.unwrap_err();
    assert!(matches!(error, SendError::Transport(HttpError::NotHttp { .. })), "{error:?}");
    server.done();
}

const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nx-amzn-RequestId: early\r\ncontent-length: 6\r\n\r\ndenied";

fn forbidden() -> Received {
    Received { request_id: Some("early".into()), ..got(403, b"denied") }
}

#[tokio::test]
async fn an_early_response_is_returned() {
    let server = Server::start(vec![
        Box::new(|peer| {
            peer.head();
            peer.write(FORBIDDEN);
            // Reads no more and keeps the connection open until the client gives up.
            std::thread::sleep(Duration::from_millis(50));
            peer.until_closed();
        }),
        Box::new(|peer| {
            peer.request();
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nclean");
            peer.until_closed();
        }),
    ]);
    let body = vec![7; LARGE];
    let mut transport = server.transport();
    assert_eq!(call(&mut transport, &post("/"), &mut Bytes::new(&body)).await.unwrap(), forbidden());
    assert_eq!(call(&mut transport, &post("/"), &mut Bytes::new(b"next")).await.unwrap(), got(200, b"clean"));
    drop(transport);
    server.done();
}

#[tokio::test]
async fn an_early_response_is_returned_even_if_the_server_closes_the_connection() {
    for _ in 0..20 {
        let server = Server::once(|peer| {
            peer.head();
            peer.write(FORBIDDEN);
            // With unread data this resets the connection, and the client's writes fail.
            peer.close();
        });
        let body = vec![7; LARGE];
        assert_eq!(call(&mut server.transport(), &post("/"), &mut Bytes::new(&body)).await.unwrap(), forbidden());
        server.done();
    }
}

#[tokio::test]
async fn a_body_that_ends_early_is_an_error_at_each_read() {
    for response in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nA\r\nhalf",
    ] {
        let server = Server::once(move |peer| {
            peer.request();
            peer.write(response);
            peer.close();
        });
        let mut transport = server.transport();
        let mut arena = [0; 512];
        let mut head = Head::new(&mut arena);
        transport.send(&get("/"), &mut no_body(), &mut head).await.unwrap();
        let mut body = transport.body();
        let mut read = Vec::new();
        let error = loop {
            let mut piece = [0; 3];
            match body.read(&mut piece).await {
                Ok(0) => panic!("{response:?} counted as complete"),
                Ok(count) => read.extend_from_slice(&piece[..count]),
                Err(error) => break error,
            }
        };
        assert_eq!(read, b"half", "{response:?}");
        assert!(matches!(error, HttpError::Truncated { .. }), "{error:?}");
        assert!(body.read(&mut [0]).await.is_err(), "{response:?}: a second read found an end");
        server.done();
    }
}

#[tokio::test]
async fn no_more_than_the_announced_length_is_read() {
    let server = Server::once(|peer| {
        peer.request();
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfour and more");
        peer.until_closed();
    });
    let mut transport = server.transport();
    assert_eq!(call(&mut transport, &get("/"), &mut no_body()).await.unwrap(), got(200, b"four"));
    drop(transport);
    server.done();
}

#[tokio::test]
async fn oversize_heads_are_errors() {
    for huge in [format!("x-junk: {}\r\n", "x".repeat(100_000)), (0..200).map(|i| format!("x-{i}: 1\r\n")).collect()] {
        let server = Server::once(move |peer| {
            peer.request();
            peer.write(&format!("HTTP/1.1 200 OK\r\n{huge}content-length: 0\r\n\r\n"));
            peer.until_closed();
        });
        let error = call(&mut server.transport(), &get("/"), &mut no_body()).await.unwrap_err();
        assert!(matches!(error, SendError::Transport(HttpError::HeadTooLarge)), "{error:?}");
        server.done();
    }
    let server = Server::once(move |peer| {
        peer.request();
        peer.write(&format!("HTTP/1.1 200 OK\r\nx-amz-archive-description: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(600)));
        peer.until_closed();
    });
    let error = call(&mut server.transport(), &get("/"), &mut no_body()).await.unwrap_err();
    assert!(matches!(error, SendError::Head(head) if head.header == "x-amz-archive-description"), "{error:?}");
    server.done();
}

#[tokio::test]
async fn a_response_that_is_not_http_is_an_error() {
    for response in ["SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"] {
        let server = Server::once(move |peer| {
            peer.request();
            peer.write(response);
            peer.until_closed();
        });
        let error = call(&mut server.transport(), &get("/"), &mut no_body()).await.unwrap_err();
        assert!(matches!(error, SendError::Transport(HttpError::NotHttp { .. })), "{response:?}: {error:?}");
        server.done();
    }
}

#[tokio::test]
async fn lent_pieces_are_the_same_bytes() {
    use embedded_io_async::BufRead as _;
    let server = Server::once(|peer| {
        peer.request();
        peer.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nlent \r\n6\r\npieces\r\n0\r\n\r\n");
        peer.until_closed();
    });
    let mut transport = server.transport();
    let mut arena = [0; 512];
    let mut head = Head::new(&mut arena);
    transport.send(&get("/"), &mut no_body(), &mut head).await.unwrap();
    let mut body = transport.body();
    let mut read = Vec::new();
    loop {
        let lent = body.fill_buf().await.unwrap();
        if lent.is_empty() {
            break;
        }
        read.push(lent[0]);
        body.consume(1);
    }
    assert_eq!(read, b"lent pieces");
    drop(body);
    drop(transport);
    server.done();
}
