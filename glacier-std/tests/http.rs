//! The HTTP transport against servers that follow the protocol, and servers that do not.
#![cfg(feature = "http")]

mod support;

use std::time::Duration;

use embedded_io_async::{ErrorKind, ErrorType, Read as _};
use glacier_core::{Bytes, Head, Method, Request, SendError, Source, Transport};
use glacier_std::http::{HttpError, HttpOptions};
use support::{Received, Server, bytes, call, get, post};

fn no_body() -> Bytes<'static> {
    Bytes::new(b"")
}

fn got(status: u16, body: &[u8]) -> Received {
    Received { status, request_id: None, body: body.to_vec() }
}

#[tokio::test]
async fn method_path_query_and_headers_are_sent_unchanged() {
    let server = Server::once(|peer| {
        let seen = peer.request();
        assert_eq!(
            seen.head,
            "PUT /-/vaults/a%20b/../x?marker=a%2Fb&limit= HTTP/1.1\r\nhost: Glacier.test\r\nx-amz-z: last  but\tfirst \r\nx-amz-a: \
             \r\nauthorization: AWS4-HMAC-SHA256 x=y\r\ncontent-length: 0\r\n\r\n"
        );
        peer.write("HTTP/1.1 204 No Content\r\nx-amzn-RequestId: abc\r\n\r\n");
        peer.until_closed();
    });
    let request = Request {
        method: Method::Put,
        host: "Glacier.test",
        path: "/-/vaults/a%20b/../x",
        query: "marker=a%2Fb&limit=",
        headers: &[("x-amz-z", "last  but\tfirst "), ("x-amz-a", ""), ("authorization", "AWS4-HMAC-SHA256 x=y")],
    };
    let mut transport = server.transport();
    let response = call(&mut transport, &request, &mut no_body()).await.unwrap();
    assert_eq!(response, Received { request_id: Some("abc".into()), ..got(204, b"") });
    drop(transport);
    server.done();
}

#[tokio::test]
async fn content_length_is_sent_with_put_and_post_only() {
    for (method, length) in [
        (Method::Get, None),
        (Method::Delete, None),
        (Method::Put, Some("content-length: 0")),
        (Method::Post, Some("content-length: 0")),
    ] {
        let server = Server::once(move |peer| {
            let seen = peer.request();
            assert_eq!(seen.head.lines().find(|line| line.contains("content-length")), length, "{method:?}");
            assert!(!seen.head.contains("transfer-encoding"), "{}", seen.head);
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            peer.until_closed();
        });
        let mut transport = server.transport();
        assert_eq!(call(&mut transport, &Request { method, ..get("/-/vaults") }, &mut no_body()).await.unwrap(), got(200, b"ok"));
        drop(transport);
        server.done();
    }
}

#[tokio::test]
async fn bodies_of_all_sizes_are_received_whole() {
    for size in [1, 4096, 128 * 1024 - 1, 128 * 1024, 128 * 1024 + 1, 3 * 1024 * 1024 + 7] {
        let server = Server::once(move |peer| {
            let seen = peer.request();
            assert!(seen.head.contains(&format!("content-length: {size}\r\n")), "{}", seen.head);
            assert_eq!(seen.body, bytes(size));
            peer.write("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n");
            peer.until_closed();
        });
        let sent = bytes(size);
        let mut transport = server.transport();
        assert_eq!(call(&mut transport, &post("/-/vaults/v/archives"), &mut Bytes::new(&sent)).await.unwrap(), got(201, b""));
        drop(transport);
        server.done();
    }
}

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
        peer.until_closed();
    });
    let mut transport = server.transport();
    assert_eq!(call(&mut transport, &get("/"), &mut no_body()).await.unwrap(), got(307, b""));
    drop(transport);
    server.done();
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

/// Much more than the sockets' buffers hold, so that the client is still sending when it receives the response.
const LARGE: usize = 64 << 20;

const REFUSED: &str = "HTTP/1.1 403 Forbidden\r\nx-amzn-RequestId: early\r\ncontent-length: 6\r\n\r\ndenied";

fn forbidden() -> Received {
    Received { request_id: Some("early".into()), ..got(403, b"denied") }
}

#[tokio::test]
async fn an_early_response_is_returned() {
    let server = Server::start(vec![
        Box::new(|peer| {
            peer.head();
            peer.write(REFUSED);
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
            peer.write(REFUSED);
            // With unread data this resets the connection, and the client's writes fail.
            peer.close();
        });
        let body = vec![7; LARGE];
        assert_eq!(call(&mut server.transport(), &post("/"), &mut Bytes::new(&body)).await.unwrap(), forbidden());
        server.done();
    }
}

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
    let stalls: Vec<support::Script> = vec![
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

/// Supplies half of its announced size, then an error, or an end.
struct Failing {
    left: usize,
    fails: bool,
}

impl ErrorType for Failing {
    type Error = ErrorKind;
}

impl embedded_io_async::Read for Failing {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, ErrorKind> {
        if self.left == 0 && self.fails {
            return Err(ErrorKind::InvalidData);
        }
        let count = self.left.min(into.len());
        self.left -= count;
        Ok(count)
    }
}

impl Source for Failing {
    fn size(&self) -> u64 {
        1 << 20
    }

    async fn rewind(&mut self) -> Result<(), ErrorKind> {
        Err(ErrorKind::Unsupported)
    }
}

#[tokio::test]
async fn a_failing_source_aborts_the_request() {
    for fails in [true, false] {
        let server = Server::once(|peer| {
            peer.head();
            let mut body = Vec::new();
            let _ = std::io::Read::read_to_end(&mut peer.0, &mut body);
            assert!(body.len() <= 1 << 19, "{} bytes came of a source that gave half a MiB", body.len());
        });
        let mut transport = server.transport();
        let error = call(&mut transport, &post("/"), &mut Failing { left: 1 << 19, fails }).await.unwrap_err();
        match error {
            SendError::Source(ErrorKind::InvalidData) if fails => {}
            SendError::Transport(HttpError::ShortBody { size: 0x10_0000, got: 0x8_0000 }) if !fails => {}
            other => panic!("{other:?}"),
        }
        server.done();
    }
}

/// Waits before each piece.
struct Slow {
    pause: Duration,
    left: usize,
}

impl ErrorType for Slow {
    type Error = ErrorKind;
}

impl embedded_io_async::Read for Slow {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, ErrorKind> {
        tokio::time::sleep(self.pause).await;
        let count = self.left.min(into.len()).min(4);
        into[..count].fill(b's');
        self.left -= count;
        Ok(count)
    }
}

impl Source for Slow {
    fn size(&self) -> u64 {
        8
    }

    async fn rewind(&mut self) -> Result<(), ErrorKind> {
        Err(ErrorKind::Unsupported)
    }
}

#[tokio::test]
async fn a_slow_source_is_not_a_stall() {
    let server = Server::once(|peer| {
        assert_eq!(peer.request().body, b"ssssssss");
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        peer.until_closed();
    });
    let options = HttpOptions::default().with_idle_timeout(Duration::from_millis(100));
    let mut transport = server.transport_with(&options);
    let mut body = Slow { pause: Duration::from_millis(400), left: 8 };
    assert_eq!(call(&mut transport, &post("/"), &mut body).await.unwrap(), got(200, b""));
    drop(transport);
    server.done();
}

#[tokio::test]
async fn after_requests_dropped_while_their_source_was_read_the_transport_is_usable() {
    let mut scripts: Vec<support::Script> = Vec::new();
    for _ in 0..4 {
        scripts.push(Box::new(|peer| {
            peer.until_closed();
        }));
    }
    scripts.push(Box::new(|peer| {
        assert!(peer.request().body == bytes(1_000_000));
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        peer.until_closed();
    }));
    let server = Server::start(scripts);
    let mut transport = server.transport_with(&HttpOptions::default().with_idle_timeout(Duration::from_secs(2)));
    for _ in 0..4 {
        let (upload, mut never) = (post("/"), Slow { pause: Duration::from_secs(3600), left: 8 });
        tokio::select! {
            biased;
            response = call(&mut transport, &upload, &mut never) => panic!("{response:?}"),
            () = tokio::time::sleep(Duration::from_millis(50)) => {}
        }
    }
    let body = bytes(1_000_000);
    assert_eq!(call(&mut transport, &post("/"), &mut Bytes::new(&body)).await.unwrap(), got(200, b""));
    drop(transport);
    server.done();
}

/// While it is read for the first time, the server closes the connection.
struct Closing {
    close: std::sync::mpsc::Sender<()>,
    closed: std::sync::mpsc::Receiver<()>,
    bytes: Vec<u8>,
    at: usize,
}

impl ErrorType for Closing {
    type Error = ErrorKind;
}

impl embedded_io_async::Read for Closing {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, ErrorKind> {
        if self.at == 0 {
            self.close.send(()).unwrap();
            self.closed.recv().unwrap();
            // The runtime's other thread notices meanwhile.
            std::thread::sleep(Duration::from_millis(300));
        }
        let count = (self.bytes.len() - self.at).min(into.len());
        into[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

impl Source for Closing {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    async fn rewind(&mut self) -> Result<(), ErrorKind> {
        panic!("a transport reads a body once, from its current position")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_a_closed_connection_did_not_take_is_sent_whole_on_the_next() {
    let (close, told_to_close) = std::sync::mpsc::channel();
    let (say_closed, closed) = std::sync::mpsc::channel();
    let server = Server::start(vec![
        Box::new(move |peer| {
            peer.request();
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            told_to_close.recv().unwrap();
            peer.close();
            say_closed.send(()).unwrap();
        }),
        Box::new(|peer| {
            assert!(peer.request().body == bytes(1_000_000), "the body is not the one that was sent");
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            peer.until_closed();
        }),
    ]);
    let mut transport = server.transport();
    assert_eq!(call(&mut transport, &get("/"), &mut no_body()).await.unwrap(), got(200, b""));
    let mut body = Closing { close, closed, bytes: bytes(1_000_000), at: 0 };
    assert_eq!(call(&mut transport, &post("/"), &mut body).await.unwrap(), got(200, b"ok"));
    drop(transport);
    server.done();
}

#[tokio::test]
async fn characters_that_http_cannot_carry_are_not_sent() {
    let server = Server::start(vec![]);
    let mut transport = server.transport();
    for request in [
        Request { host: "a\r\nb", ..get("/") },
        Request { headers: &[("x-a", "a\r\nb: c")], ..get("/") },
        Request { headers: &[("x a", "")], ..get("/") },
        get("/a b"),
        get("/a#b"),
        get("no-slash"),
        Request { query: "a b", ..get("/") },
    ] {
        let error = call(&mut transport, &request, &mut no_body()).await.unwrap_err();
        assert!(matches!(error, SendError::NotSent(HttpError::Unsendable { .. })), "{request:?}: {error:?}");
    }
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

/// The scripted servers block their threads, so this needs two; `spawn` compiles only for futures that are `Send`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_and_listings_can_be_spawned() {
    use glacier_core::ops::{ListVaults, UploadArchive};
    use glacier_core::{Client, Credentials, Endpoint, Timestamp};
    let server = Server::once(|peer| {
        assert_eq!(peer.request().body, bytes(300_000));
        peer.write("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
        peer.request();
        let body = r#"{"Marker":null,"VaultList":[{"VaultARN":"arn:aws:glacier:eu-west-1:0:vaults/one","VaultName":"one",
                "CreationDate":"2012-03-16T22:22:47.214Z","LastInventoryDate":null,"NumberOfArchives":0,"SizeInBytes":0}]}"#;
        peer.write(&format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
        peer.until_closed();
    });
    let host = server.url().host_header();
    let transport = server.transport();
    let client = move |transport| {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None).unwrap();
        Client::new(transport, Endpoint::new("eu-west-1", &host).unwrap(), credentials)
    };
    let now = Timestamp::from_unix(1_700_000_000);

    let mut uploading = client(transport.clone());
    let upload = tokio::spawn(async move {
        let body = bytes(300_000);
        let mut buffer = [0; 4096];
        let hashes = glacier_core::hash_source(&mut Bytes::new(&body), &mut buffer).await.unwrap();
        let operation = UploadArchive { vault: "photos".try_into().unwrap(), description: None, body: hashes.try_into().unwrap() };
        uploading.upload(&operation, &mut Bytes::new(&body), now, &mut buffer).await.map(drop).map_err(|error| error.to_string())
    });
    assert!(upload.await.unwrap().is_err(), "the server said 404");

    let mut listing = client(transport);
    let list = tokio::spawn(async move {
        let mut buffer = [0; 4096];
        let mut vaults = listing.list(&ListVaults::default(), now, &mut buffer).await.unwrap();
        let mut names = Vec::new();
        while let Some(vault) = vaults.next().await.unwrap() {
            names.push(vault.vault_name.unwrap().to_string());
        }
        names
    });
    assert_eq!(list.await.unwrap(), ["one"]);
    server.done();
}
