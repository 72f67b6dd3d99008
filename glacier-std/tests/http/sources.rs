//! Sources that fail, are slow, or outlive a connection.

use std::time::Duration;

use embedded_io_async::{ErrorKind, ErrorType};
use glacier_core::{Bytes, SendError, Source};
use glacier_std::http::{HttpError, HttpOptions};

use crate::support::{Script, Server, bytes, call, get, got, no_body, post};

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
    let mut scripts: Vec<Script> = Vec::new();
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
