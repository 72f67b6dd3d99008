//! A host program on glacier-core alone: std::net, no tokio, no other crate. It archives a file and lists the vaults.
//!
//! ```text
//! glacier serve --data vaults --listen 127.0.0.1:4566 &
//! cargo run --example blocking -- 127.0.0.1:4566 photos holiday.jpg
//! ```
//!
//! It speaks plain HTTP, so it is for a local endpoint or one reached through a TLS tunnel.

use std::error::Error;
use std::future::Future;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use embedded_io_async::ErrorType;
use glacier_core::ops::{BodyHashes, CreateVault, ListVaults, UploadArchive};
use glacier_core::{Bytes, Client, Credentials, Endpoint, Head, Method, Request, SendError, Source, Timestamp, Transport};
use glacier_core::{VaultRef, hash_source};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [address, vault, file] = args.as_slice() else { return Err("usage: blocking HOST:PORT VAULT FILE".into()) };
    let vault = VaultRef::try_from(vault.as_str())?;
    let data = std::fs::read(file)?;

    let credentials = Credentials::new("test", "test", None)?;
    let mut client = Client::new(Http::new(address), Endpoint::new("local", address)?, credentials);
    let mut buf = [0; 4096];
    block_on(async {
        client.send(&CreateVault { vault }, now(), &mut buf).await?;

        let mut body = Bytes::new(&data);
        let hashes = hash_source(&mut body, &mut [0; 65536]).await?;
        let upload = UploadArchive { vault, description: None, body: BodyHashes::try_from(hashes)? };
        let output = client.upload(&upload, &mut body, now(), &mut buf).await?;
        println!("archived {file} as {}", output.archive_id()?);

        let mut vaults = client.list(&ListVaults::default(), now(), &mut buf).await?;
        while let Some(vault) = vaults.next().await? {
            println!("vault {}", vault.vault_name.unwrap_or_default());
        }
        Ok(())
    })
}

fn now() -> Timestamp {
    Timestamp::from_unix(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
}

/// Everything here waits only inside system calls, so one poll is enough.
fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("a blocking transport is always ready"),
    }
}

/// HTTP/1.1 with one connection for each request: the minimum that satisfies the contract of a transport.
struct Http<'a> {
    address: &'a str,
    response: Option<Body>,
}

impl<'a> Http<'a> {
    fn new(address: &'a str) -> Self {
        Http { address, response: None }
    }
}

impl Transport for Http<'_> {
    type Error = io::Error;
    type Body<'t>
        = Body
    where
        Self: 't;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<io::Error, S::Error>> {
        self.response = None;
        let mut stream = TcpStream::connect(self.address).map_err(SendError::NotSent)?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).map_err(SendError::NotSent)?;
        let mut sent = stream.write_all(&request_head(request, body.size()));
        let mut piece = [0; 65536];
        while sent.is_ok() {
            // When the source fails, the connection is closed before the body is complete, so no archive is created.
            let got = body.read(&mut piece).await.map_err(SendError::Source)?;
            if got == 0 {
                break;
            }
            sent = stream.write_all(&piece[..got]);
        }
        // A response may have arrived before the whole body was sent; it says more than the error of the write.
        let mut reader = BufReader::new(stream);
        match read_head(&mut reader, head) {
            Ok(length) => {
                self.response = Some(Body { reader: Some(reader), left: length });
                Ok(())
            }
            Err(HeadError::TooSmall(error)) => Err(SendError::Head(error)),
            Err(HeadError::Io(error)) => Err(SendError::Transport(sent.err().unwrap_or(error))),
        }
    }

    fn body(&mut self) -> Body {
        self.response.take().unwrap_or(Body { reader: None, left: 0 })
    }
}

fn request_head(request: &Request<'_>, size: u64) -> Vec<u8> {
    let mark = if request.query.is_empty() { "" } else { "?" };
    let mut text = format!("{} {}{mark}{} HTTP/1.1\r\n", request.method.as_str(), request.path, request.query);
    text += &format!("host: {}\r\nconnection: close\r\n", request.host);
    if matches!(request.method, Method::Put | Method::Post) {
        text += &format!("content-length: {size}\r\n");
    }
    for (name, value) in request.headers {
        text += &format!("{name}: {value}\r\n");
    }
    (text + "\r\n").into_bytes()
}

enum HeadError {
    Io(io::Error),
    TooSmall(glacier_core::HeadTooSmall),
}

/// Reads status and headers, skips 1xx responses, and returns the length of the body, which Glacier always states.
fn read_head(reader: &mut BufReader<TcpStream>, head: &mut Head<'_>) -> Result<u64, HeadError> {
    let bad = |what: &str| HeadError::Io(io::Error::new(io::ErrorKind::InvalidData, what));
    loop {
        let status = read_line(reader)?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| bad("no HTTP status"))?;
        head.start(status);
        let mut length = 0;
        loop {
            let line = read_line(reader)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| bad("a header without a colon"))?;
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(|_| bad("a Content-Length that is not a number"))?;
            }
            head.push(name, value.as_bytes()).map_err(HeadError::TooSmall)?;
        }
        if status >= 200 {
            return Ok(if status == 204 { 0 } else { length });
        }
    }
}

fn read_line(reader: &mut BufReader<TcpStream>) -> Result<String, HeadError> {
    let mut line = String::new();
    // Bounded, so that a peer that never ends a line does not exhaust the memory.
    if reader.take(16 * 1024).read_line(&mut line).map_err(HeadError::Io)? == 0 {
        return Err(HeadError::Io(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(line.trim_end_matches(['\r', '\n']).into())
}

/// A response's body, of the length announced.
struct Body {
    reader: Option<BufReader<TcpStream>>,
    left: u64,
}

impl ErrorType for Body {
    type Error = io::Error;
}

impl embedded_io_async::Read for Body {
    async fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(reader) = &mut self.reader else { return Ok(0) };
        let got = reader.take(self.left).read(into)?;
        if got == 0 && self.left > 0 && !into.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= got as u64;
        Ok(got)
    }
}
