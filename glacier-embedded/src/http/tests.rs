//! What the transport battery cannot test: sources that violate their contract, small buffers, timeouts, connections that fail at once.

use core::cell::{Cell, RefCell};
use core::convert::Infallible;
use core::net::SocketAddr;
use std::string::String;
use std::vec;
use std::vec::Vec;

use embassy_futures::block_on;
use embedded_hal_async::delay::DelayNs;
use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use embedded_nal_async::TcpConnect;
use glacier_core::ops::UploadArchive;
use glacier_core::retry::RetryPolicy;
use glacier_core::{
    Bytes, Client, Credentials, Endpoint, Head, Header, Method, Request, SendError, Source, Transport, hash_source,
};

use crate::{Device, Error, HttpTransport, Step, Timeouts};

/// A network on which every connection has the same response, and which records what is sent.
struct Net {
    response: &'static [u8],
    sent: RefCell<Vec<Vec<u8>>>,
}

impl Net {
    fn new(response: &'static str) -> Self {
        Net { response: response.as_bytes(), sent: RefCell::default() }
    }

    fn sent(&self, connection: usize) -> String {
        String::from_utf8(self.sent.borrow()[connection].clone()).unwrap()
    }
}

struct Line<'n> {
    net: &'n Net,
    number: usize,
    received: usize,
}

impl TcpConnect for Net {
    type Error = Infallible;
    type Connection<'a> = Line<'a>;

    async fn connect(&self, _: SocketAddr) -> Result<Line<'_>, Infallible> {
        let mut sent = self.sent.borrow_mut();
        sent.push(Vec::new());
        Ok(Line { net: self, number: sent.len() - 1, received: 0 })
    }
}

impl ErrorType for Line<'_> {
    type Error = Infallible;
}

/// Sends the response byte by byte, once the head of the request has arrived.
impl Read for Line<'_> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        let requested = self.net.sent.borrow()[self.number].windows(4).any(|bytes| bytes == b"\r\n\r\n");
        match self.net.response.get(self.received).filter(|_| requested) {
            None => core::future::pending().await,
            Some(byte) => {
                self.received += 1;
                into[0] = *byte;
                Ok(1)
            }
        }
    }
}

/// Accepts three bytes at a time.
impl Write for Line<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let count = bytes.len().min(3);
        self.net.sent.borrow_mut()[self.number].extend_from_slice(&bytes[..count]);
        Ok(count)
    }
    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// A timer that elapses as soon as nothing else can make progress.
struct Elapsed;

impl DelayNs for Elapsed {
    async fn delay_ns(&mut self, _: u32) {}
    async fn delay_ms(&mut self, _: u32) {}
}

/// A source with a wrong size.
struct WrongSize<'a>(u64, Bytes<'a>);

impl ErrorType for WrongSize<'_> {
    type Error = Infallible;
}

impl Read for WrongSize<'_> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        self.1.read(into).await
    }
}

impl Source for WrongSize<'_> {
    fn size(&self) -> u64 {
        self.0
    }
    async fn rewind(&mut self) -> Result<(), Infallible> {
        self.1.rewind().await
    }
}

type Failure = SendError<Error<Infallible>, Infallible>;

const POST: Request<'static> =
    Request { method: Method::Post, host: "h", path: "/-/vaults/v", query: "", headers: &[("x-a", "b")] };

/// Status, archive id and body of the response to one request, sent with buffers of these sizes.
fn exchange(
    net: &Net,
    (receive, send): (usize, usize),
    request: &Request<'_>,
    body: &mut impl Source<Error = Infallible>,
) -> Result<(u16, Option<String>, Vec<u8>), Failure> {
    let (mut receive, mut send) = (vec![0; receive], vec![0; send]);
    let endpoint = "127.0.0.1:80".parse().unwrap();
    let mut transport = HttpTransport::new(net, endpoint, Elapsed, Timeouts::default(), &mut receive, &mut send);
    let mut arena = [0; 64];
    let mut head = Head::new(&mut arena);
    block_on(transport.send(request, body, &mut head))?;
    let mut response_body = transport.body();
    let (mut read, mut piece) = (Vec::new(), [0; 7]);
    loop {
        match block_on(response_body.read(&mut piece)).map_err(SendError::Transport)? {
            0 => break,
            got => read.extend_from_slice(&piece[..got]),
        }
    }
    let response = head.with_body(&[]);
    Ok((response.status(), response.header(Header::ArchiveId).map(String::from), read))
}

const CREATED: &str = "HTTP/1.1 201 Created\r\nx-amz-archive-id: -id\r\nContent-Length: 4\r\n\r\nbody";

#[test]
fn any_size_of_the_send_buffer_sends_the_same() {
    for size in [1, 2, 3, 64, 500] {
        let net = Net::new(CREATED);
        // Without a body: with one, the response would end the sending.
        let response = exchange(&net, (96, size), &POST, &mut Bytes::new(b"")).unwrap();
        assert_eq!(response, (201, Some("-id".into()), b"body".to_vec()));
        assert_eq!(net.sent(0), "POST /-/vaults/v HTTP/1.1\r\nHost: h\r\nx-a: b\r\ncontent-length: 0\r\n\r\n", "{size}");
    }
    assert_eq!(exchange(&Net::new(CREATED), (96, 0), &POST, &mut Bytes::new(b"")), Err(SendError::NotSent(Error::RequestTooLong)));
}

#[test]
fn path_and_query_are_joined() {
    let net = Net::new(CREATED);
    let request = Request { query: "limit=1", ..POST };
    exchange(&net, (96, 64), &request, &mut Bytes::new(b"x")).unwrap();
    assert!(net.sent(0).starts_with("POST /-/vaults/v?limit=1 HTTP/1.1\r\n"));
    let error = exchange(&net, (18, 64), &request, &mut Bytes::new(b"x"));
    assert_eq!(error, Err(SendError::NotSent(Error::RequestTooLong)));
    assert_eq!(net.sent(1), "");
}

#[test]
fn a_head_larger_than_the_receive_buffer_is_an_error() {
    let error = exchange(&Net::new(CREATED), (65, 64), &POST, &mut Bytes::new(b""));
    assert_eq!(error, Err(SendError::Transport(Error::HeadTooLong { capacity: 65 })));
    // Only the head has to fit.
    assert!(exchange(&Net::new(CREATED), (66, 64), &POST, &mut Bytes::new(b"")).is_ok());
}

#[test]
fn a_body_of_the_wrong_size_is_never_sent_completely() {
    for (size, bytes) in [(4, &b"12345"[..]), (6, b"12345"), (1, b"")] {
        let net = Net::new("");
        let error = exchange(&net, (64, 16), &POST, &mut WrongSize(size, Bytes::new(bytes)));
        assert_eq!(error, Err(SendError::Transport(Error::BodySizeMismatch { size })));
        let sent = net.sent(0);
        let body = sent.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        assert!((body.len() as u64) < size, "{sent}");
    }
}

#[test]
fn lengths_beyond_32_bits_are_supported() {
    let net = Net::new("HTTP/1.1 403 No\r\nContent-Length: 5000000000\r\n\r\nx");
    let error = exchange(&net, (64, 16), &POST, &mut WrongSize(4_294_967_296, Bytes::new(&[b'x'; 4096])));
    // The early response is received; its body stalls after the first byte.
    assert_eq!(error, Err(SendError::Transport(Error::TimedOut(Step::Response))));
    assert!(net.sent(0).contains("content-length: 4294967296\r\n"));
}

#[test]
fn too_many_1xx_responses_are_an_error() {
    let interim = |count: usize| -> &'static str {
        let all = "HTTP/1.1 102 Processing\r\n\r\n".repeat(count) + CREATED;
        std::boxed::Box::leak(all.into_boxed_str())
    };
    assert!(exchange(&Net::new(interim(16)), (96, 16), &POST, &mut Bytes::new(b"")).is_ok());
    let error = exchange(&Net::new(interim(17)), (96, 16), &POST, &mut Bytes::new(b""));
    assert_eq!(error, Err(SendError::Transport(Error::Malformed)));
}

#[test]
fn a_stalled_response_times_out() {
    let error = exchange(&Net::new("HTTP/1.1 200 OK\r\n"), (64, 16), &POST, &mut Bytes::new(b""));
    assert_eq!(error, Err(SendError::Transport(Error::TimedOut(Step::Response))));
}

#[test]
fn a_connection_with_an_unread_response_is_not_reused() {
    let net = Net::new(CREATED);
    let (mut receive, mut send) = ([0; 96], [0; 64]);
    let endpoint = "127.0.0.1:80".parse().unwrap();
    let mut transport = HttpTransport::new(&net, endpoint, Elapsed, Timeouts::default(), &mut receive, &mut send);
    for connections in 1..4 {
        let mut arena = [0; 64];
        let mut head = Head::new(&mut arena);
        assert!(block_on(transport.send(&POST, &mut Bytes::new(b""), &mut head)).is_ok());
        assert_eq!(net.sent.borrow().len(), connections);
    }
}

/// A network that refuses the first `refused` connections, and whose connections are lost after their first request.
struct Unreliable {
    net: Net,
    refused: Cell<u32>,
    connects: Cell<u32>,
}

/// A connection on which one request succeeds; the next write fails.
struct OneRequest<'n>(Line<'n>);

impl TcpConnect for Unreliable {
    type Error = ErrorKind;
    type Connection<'a> = OneRequest<'a>;

    async fn connect(&self, address: SocketAddr) -> Result<OneRequest<'_>, ErrorKind> {
        self.connects.set(self.connects.get() + 1);
        match self.refused.get().checked_sub(1) {
            Some(left) => {
                self.refused.set(left);
                Err(ErrorKind::ConnectionRefused)
            }
            None => Ok(OneRequest(self.net.connect(address).await.unwrap())),
        }
    }
}

impl ErrorType for OneRequest<'_> {
    type Error = ErrorKind;
}

impl Read for OneRequest<'_> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, ErrorKind> {
        Ok(self.0.read(into).await.unwrap())
    }
}

impl Write for OneRequest<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        if self.0.received > 0 {
            return Err(ErrorKind::BrokenPipe);
        }
        Ok(self.0.write(bytes).await.unwrap())
    }
    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// A network whose response acknowledges an archive of `x`: its tree hash is by `printf x | sha256sum`.
fn unreliable(refused: u32) -> Unreliable {
    let archived = "HTTP/1.1 201 Created\r\nx-amz-archive-id: -id\r\nx-amz-sha256-tree-hash: \
        2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\r\nContent-Length: 0\r\n\r\n";
    Unreliable { net: Net::new(archived), refused: Cell::new(refused), connects: Cell::new(0) }
}

/// Uploads `x` in one request, which is not idempotent, `times` times with retries. Returns the number of connections and of requests.
fn upload(net: &Unreliable, times: u32) -> (u32, usize) {
    let (mut receive, mut send) = ([0; 256], [0; 64]);
    let address = "127.0.0.1:80".parse().unwrap();
    let transport = HttpTransport::new(net, address, Elapsed, Timeouts::default(), &mut receive, &mut send);
    let credentials = Credentials::new("id", "secret", None).unwrap();
    let mut client = Client::new(transport, Endpoint::new("us-east-1", "h").unwrap(), credentials);
    let mut device = Device::new(Elapsed, || 0, 1);
    device.set_clock(1_795_644_600_000);
    let mut body = Bytes::new(b"x");
    let hashes = block_on(hash_source(&mut body, &mut [0; 16])).unwrap();
    let upload = UploadArchive { vault: "v".try_into().unwrap(), description: None, body: hashes.try_into().unwrap() };
    for _ in 0..times {
        let mut buf = [0; 2048];
        let sent = client.upload_retrying(&upload, &mut body, RetryPolicy::default(), &mut device, &mut buf);
        assert_eq!(block_on(sent).unwrap().archive_id().unwrap().as_str(), "-id");
    }
    (net.connects.get(), net.net.sent.borrow().len())
}

#[test]
fn an_archive_is_sent_again_after_a_refused_connection() {
    assert_eq!(upload(&unreliable(2), 1), (3, 1));
}

#[test]
fn an_archive_is_sent_again_after_a_kept_connection_was_lost() {
    assert_eq!(upload(&unreliable(0), 2), (2, 2));
}

/// A network, and a connection that fails at the first write, or after it has accepted three bytes.
struct Broken(bool);

impl TcpConnect for Broken {
    type Error = ErrorKind;
    type Connection<'a> = Broken;

    async fn connect(&self, _: SocketAddr) -> Result<Broken, ErrorKind> {
        Ok(Broken(self.0))
    }
}

impl ErrorType for Broken {
    type Error = ErrorKind;
}

impl Read for Broken {
    async fn read(&mut self, _: &mut [u8]) -> Result<usize, ErrorKind> {
        Err(ErrorKind::ConnectionReset)
    }
}

impl Write for Broken {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        if core::mem::replace(&mut self.0, true) { Err(ErrorKind::BrokenPipe) } else { Ok(bytes.len().min(3)) }
    }
    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// The error of one request.
fn failure<N: TcpConnect<Error: 'static>>(net: &N, send: &mut [u8]) -> SendError<Error<N::Error>, Infallible> {
    let address = "127.0.0.1:80".parse().unwrap();
    let mut receive = [0; 64];
    let mut transport = HttpTransport::new(net, address, Elapsed, Timeouts::default(), &mut receive, send);
    block_on(transport.send(&POST, &mut Bytes::new(b"x"), &mut Head::new(&mut [0; 64]))).unwrap_err()
}

#[test]
fn an_error_says_whether_anything_was_sent() {
    let refused = SendError::NotSent(Error::Connect(ErrorKind::ConnectionRefused));
    assert_eq!(failure(&unreliable(1), &mut [0; 64]), refused);
    assert_eq!(failure(&unreliable(0), &mut []), SendError::NotSent(Error::RequestTooLong));
    assert_eq!(failure(&Broken(true), &mut [0; 64]), SendError::NotSent(Error::Network(ErrorKind::BrokenPipe)));
    assert_eq!(failure(&Broken(false), &mut [0; 64]), SendError::Transport(Error::Network(ErrorKind::BrokenPipe)));
}
