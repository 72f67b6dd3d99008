//! A socket on the loopback that records every request and sends the same response to each, with which all 33 operations succeed.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// Longer than any client here is silent.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A request as it was received.
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// Names in lower case, in the order received.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Recorded {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

pub(crate) struct Recorder {
    address: SocketAddr,
    came: Receiver<Result<Recorded, String>>,
}

impl Recorder {
    pub(crate) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (sender, came) = channel();
        // The thread ends with the process.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let sender = sender.clone();
                thread::spawn(move || serve(stream, &sender));
            }
        });
        Ok(Recorder { address, came })
    }

    /// The address, in the form of a `Host` header.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// The request received since the last call.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub(crate) fn only(&self) -> Result<Recorded, String> {
        let mut all: Vec<_> = self.came.try_iter().collect();
        match (all.pop(), all.len()) {
            (Some(one), 0) => one,
            (None, _) => Err("no request was received".into()),
            (Some(_), more) => Err(format!("{} requests were received, not one", more + 1)),
        }
    }
}

/// Responds to the requests of one connection until it is closed.
fn serve(mut stream: TcpStream, sender: &Sender<Result<Recorded, String>>) {
    let set = stream.set_read_timeout(Some(TIMEOUT)).and_then(|()| stream.set_write_timeout(Some(TIMEOUT)));
    if set.is_err() {
        return;
    }
    let mut unread = Vec::new();
    loop {
        let came = match read(&mut stream, &mut unread) {
            Ok(None) | Err(Broken::Io) => return,
            Ok(Some(request)) => Ok(request),
            Err(Broken::Http(reason)) => Err(reason),
        };
        let response = came.as_ref().map(response).ok();
        // Recorded before the response is sent, so that whoever has the response finds it.
        if sender.send(came).is_err() || response.is_none_or(|text| stream.write_all(text.as_bytes()).is_err()) {
            return;
        }
    }
}

/// A success for any operation: empty lists, every header that an operation reads, and the tree hash of the request.
fn response(request: &Recorded) -> String {
    let mut text = String::from("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n");
    let ids = ["archive-id", "multipart-upload-id", "job-id", "lock-id", "capacity-id"];
    text.extend(ids.iter().map(|name| format!("x-amz-{name}: an-id\r\n")));
    if let Some(hash) = request.header("x-amz-sha256-tree-hash") {
        text += &format!("x-amz-sha256-tree-hash: {hash}\r\n");
    }
    text + "Location: /somewhere\r\nx-amzn-RequestId: recorded\r\n\r\n{}"
}

enum Broken {
    Io,
    Http(String),
}

/// The next request of a connection; `None` when it was closed after the last.
fn read(stream: &mut TcpStream, unread: &mut Vec<u8>) -> Result<Option<Recorded>, Broken> {
    let (mut request, head) = loop {
        if let Some(found) = parse(unread)? {
            break found;
        }
        if more(stream, unread)? == 0 {
            return if unread.is_empty() { Ok(None) } else { Err(Broken::Http("a head was cut short".into())) };
        }
    };
    if request.header("transfer-encoding").is_some() {
        return Err(Broken::Http("the body is chunked, which Glacier does not accept".into()));
    }
    let length = request.header("content-length").map_or(Ok(0), str::parse::<usize>);
    let end = head + length.map_err(|error| Broken::Http(format!("content-length: {error}")))?;
    while unread.len() < end {
        if more(stream, unread)? == 0 {
            return Err(Broken::Http("a body was cut short".into()));
        }
    }
    let rest = unread.split_off(end);
    request.body = unread.split_off(head);
    *unread = rest;
    Ok(Some(request))
}

fn more(stream: &mut TcpStream, unread: &mut Vec<u8>) -> Result<usize, Broken> {
    let mut piece = [0; 16 << 10];
    let got = stream.read(&mut piece).map_err(|_| Broken::Io)?;
    unread.extend_from_slice(&piece[..got]);
    Ok(got)
}

/// The head of a request and its length, once it is complete.
fn parse(bytes: &[u8]) -> Result<Option<(Recorded, usize)>, Broken> {
    let mut room = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut room);
    let status = head.parse(bytes).map_err(|error| Broken::Http(error.to_string()))?;
    let httparse::Status::Complete(length) = status else { return Ok(None) };
    let (path, query) = head.path.unwrap_or_default().split_once('?').unwrap_or((head.path.unwrap_or_default(), ""));
    let headers = head.headers.iter().map(|header| {
        let value = String::from_utf8_lossy(header.value).into_owned();
        (header.name.to_ascii_lowercase(), value)
    });
    let request = Recorded {
        method: head.method.unwrap_or_default().into(),
        path: path.into(),
        query: query.into(),
        headers: headers.collect(),
        body: Vec::new(),
    };
    Ok(Some((request, length)))
}
