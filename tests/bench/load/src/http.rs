//! HTTP/1.1 on one blocking connection that is kept open: the least that a client needs, so that nearly all CPU time is the service's.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use glacier_core::embedded_io_async::{self, ErrorType};
use glacier_core::{Head, HeadTooSmall, Method, Request, SendError, Source, Transport};

/// Bytes of a body that are written at a time.
const PIECE: usize = 64 << 10;
/// No response takes longer, nor a piece of a request.
const TIMEOUT: Duration = Duration::from_secs(300);

/// A connection to the service at an address.
pub(crate) struct Http {
    address: String,
    stream: Option<BufReader<TcpStream>>,
    /// Bytes of the last response's body that were not read.
    left: u64,
    out: Vec<u8>,
}

impl Http {
    pub(crate) fn new(address: &str) -> Self {
        Http { address: address.into(), stream: None, left: 0, out: Vec::new() }
    }

    fn connect(&mut self) -> io::Result<BufReader<TcpStream>> {
        // After a response that was not read to its end, the connection is of no more use.
        if let Some(stream) = self.stream.take().filter(|_| self.left == 0) {
            return Ok(stream);
        }
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        Ok(BufReader::with_capacity(PIECE, stream))
    }
}

impl Transport for Http {
    type Error = io::Error;
    type Body<'t>
        = Body<'t>
    where
        Self: 't;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<io::Error, S::Error>> {
        let mut stream = self.connect().map_err(SendError::NotSent)?;
        self.left = 0;
        self.out.clear();
        write_head(&mut self.out, request, body.size());
        let mut sent = Ok(());
        while sent.is_ok() {
            // Head and first piece leave together.
            let from = self.out.len();
            self.out.resize(from + PIECE, 0);
            let got = body.read(&mut self.out[from..]).await.map_err(SendError::Source)?;
            self.out.truncate(from + got);
            if self.out.is_empty() {
                break;
            }
            sent = stream.get_mut().write_all(&self.out);
            self.out.clear();
        }
        // A response may have arrived before the whole body was sent; it says more than the error of the write.
        match read_head(&mut stream, head) {
            Ok((length, closes)) => {
                self.left = length;
                if sent.is_err() && (200..300).contains(&head.status()) {
                    return Err(SendError::Transport(io::Error::other("a success before the whole body was sent")));
                }
                // A closed connection still has the body to be read.
                self.stream = Some(stream).filter(|_| !closes || length > 0);
                Ok(())
            }
            Err(HeadError::TooSmall(error)) => Err(SendError::Head(error)),
            Err(HeadError::Io(error)) => Err(SendError::Transport(sent.err().unwrap_or(error))),
        }
    }

    fn body(&mut self) -> Body<'_> {
        Body(self)
    }
}

/// The body of a response, of the length announced.
pub(crate) struct Body<'t>(&'t mut Http);

impl ErrorType for Body<'_> {
    type Error = io::Error;
}

impl embedded_io_async::Read for Body<'_> {
    async fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(stream) = &mut self.0.stream else { return Ok(0) };
        let got = stream.take(self.0.left).read(into)?;
        if got == 0 && self.0.left > 0 && !into.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.0.left -= got as u64;
        Ok(got)
    }
}

fn write_head(out: &mut Vec<u8>, request: &Request<'_>, size: u64) {
    let mark = if request.query.is_empty() { "" } else { "?" };
    let mut text =
        format!("{} {}{mark}{} HTTP/1.1\r\nhost: {}\r\n", request.method.as_str(), request.path, request.query, request.host);
    if matches!(request.method, Method::Put | Method::Post) {
        text += &format!("content-length: {size}\r\n");
    }
    out.extend_from_slice(text.as_bytes());
    for (name, value) in request.headers {
        for piece in [name, ": ", value, "\r\n"] {
            out.extend_from_slice(piece.as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
}

enum HeadError {
    Io(io::Error),
    TooSmall(HeadTooSmall),
}

/// Reads status and headers; the length of the body, and whether the connection is closed after it.
fn read_head(stream: &mut BufReader<TcpStream>, head: &mut Head<'_>) -> Result<(u64, bool), HeadError> {
    let bad = |what: &str| HeadError::Io(io::Error::new(io::ErrorKind::InvalidData, what));
    let mut line = String::new();
    let mut next = |stream: &mut BufReader<TcpStream>| -> Result<String, HeadError> {
        line.clear();
        if stream.read_line(&mut line).map_err(HeadError::Io)? == 0 {
            return Err(HeadError::Io(io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(line.trim_end_matches(['\r', '\n']).into())
    };
    let status = next(stream)?;
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| bad("no HTTP status"))?;
    head.start(status);
    let (mut length, mut closes) = (0, false);
    loop {
        let line = next(stream)?;
        if line.is_empty() {
            return Ok((if status == 204 { 0 } else { length }, closes));
        }
        let (name, value) = line.split_once(':').ok_or_else(|| bad("a header without a colon"))?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().map_err(|_| bad("a Content-Length that is not a number"))?;
        }
        closes |= name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close");
        head.push(name, value.as_bytes()).map_err(HeadError::TooSmall)?;
    }
}
