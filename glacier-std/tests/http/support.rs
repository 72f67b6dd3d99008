//! A server that a test scripts, connection by connection, byte by byte.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use glacier_core::{Bytes, Head, Header, Method, Request, SendError, Source, Transport};
use glacier_std::config::BaseUrl;
use glacier_std::http::{HttpError, HttpOptions, HttpTransport};

/// What the server does with one connection.
pub(crate) type Script = Box<dyn FnOnce(&mut Peer) + Send>;

/// The server's end of a connection.
pub(crate) struct Peer(pub(crate) TcpStream);

/// A request as it was received.
#[derive(Debug)]
pub(crate) struct ReceivedRequest {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Peer {
    /// Reads to the end of a request's head and no further.
    pub(crate) fn head(&mut self) -> String {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            assert_eq!(
                self.0.read(&mut byte).expect("reading a head"),
                1,
                "the head ended after {:?}",
                String::from_utf8_lossy(&head)
            );
            head.push(byte[0]);
        }
        String::from_utf8(head).expect("a head in ASCII")
    }

    /// Reads a whole request.
    pub(crate) fn request(&mut self) -> ReceivedRequest {
        let head = self.head();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().expect("a length"));
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("reading a body");
        ReceivedRequest { head, body }
    }

    pub(crate) fn write(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).expect("writing a response");
    }

    /// Waits until the client has closed the connection; what it still sends is discarded. Returns whether it sent anything.
    pub(crate) fn until_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        // A reset ends the connection too.
        let _ = self.0.read_to_end(&mut rest);
        !rest.is_empty()
    }

    pub(crate) fn close(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// A server on the loopback; connections get the scripts one by one.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    thread: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start(scripts: Vec<Script>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let thread = std::thread::spawn(move || {
            for script in scripts {
                let (stream, _) = listener.accept().expect("a connection");
                // A failed test should end, not hang.
                stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out");
                script(&mut Peer(stream));
            }
        });
        Server { address, thread }
    }

    /// A server for one connection.
    pub(crate) fn once(script: impl FnOnce(&mut Peer) + Send + 'static) -> Server {
        Server::start(vec![Box::new(script)])
    }

    pub(crate) fn url(&self) -> BaseUrl {
        BaseUrl::parse(&format!("http://{}", self.address)).expect("a URL")
    }

    pub(crate) fn transport(&self) -> HttpTransport {
        self.transport_with(&HttpOptions::default())
    }

    pub(crate) fn transport_with(&self, options: &HttpOptions) -> HttpTransport {
        HttpTransport::new(&self.url(), options).expect("a transport")
    }

    /// Waits until all scripts have ended; a panic in a script fails the test.
    pub(crate) fn done(self) {
        if let Err(panic) = self.thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

/// A whole response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) body: Vec<u8>,
}

pub(crate) fn get(path: &'static str) -> Request<'static> {
    Request { method: Method::Get, host: "glacier.test:4566", path, query: "", headers: &[] }
}

pub(crate) fn post(path: &'static str) -> Request<'static> {
    Request { method: Method::Post, ..get(path) }
}

/// Sends a request, and reads the response to its end.
pub(crate) async fn call<S: Source>(
    transport: &mut HttpTransport,
    request: &Request<'_>,
    body: &mut S,
) -> Result<Received, SendError<HttpError, S::Error>> {
    use embedded_io_async::Read as _;
    let mut arena = [0; 512];
    let mut head = Head::new(&mut arena);
    transport.send(request, body, &mut head).await?;
    let mut response = transport.body();
    let mut body = Vec::new();
    let mut piece = [0; 1000];
    loop {
        match response.read(&mut piece).await.map_err(SendError::Transport)? {
            0 => break,
            count => body.extend_from_slice(&piece[..count]),
        }
    }
    let request_id = head.with_body(b"").header(Header::RequestId).map(str::to_owned);
    Ok(Received { status: head.status(), request_id, body })
}

/// A body of `size` bytes, with a period of 251.
pub(crate) fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i % 251) as u8).collect()
}

/// The body of a request without one.
pub(crate) fn no_body() -> Bytes<'static> {
    Bytes::new(b"")
}

/// A response without a request id.
pub(crate) fn got(status: u16, body: &[u8]) -> Received {
    Received { status, request_id: None, body: body.to_vec() }
}

/// Much more than the sockets' buffers hold, so that the client is still sending when it receives the response.
pub(crate) const LARGE: usize = 64 << 20;
