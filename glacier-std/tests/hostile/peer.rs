//! A hostile service on the loopback interface: it reads a request and then writes what a test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// What the peer does after it has read a request.
#[derive(Clone)]
pub(crate) enum Step {
    /// Writes these bytes.
    Write(Vec<u8>),
    /// Writes these bytes again and again, until the client closes the connection or [`ENDLESS`] bytes were written.
    Repeat(Vec<u8>),
    /// Writes these bytes one by one, with so many milliseconds between them.
    Drip(Vec<u8>, u64),
    /// Waits until the client closes the connection.
    Wait,
}

/// What stands for no end: more than the client may ever read.
const ENDLESS: u64 = 1 << 30;

/// What the peer can write before it notices that nobody reads: what the client receives before it looks at it, and the sockets' buffers,
/// with room to spare.
pub(crate) const UNREAD: u64 = 128 << 20;

/// A hostile service. It ends with the test.
pub(crate) struct Peer {
    pub(crate) url: String,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    written: AtomicU64,
    requests: AtomicUsize,
    open: Mutex<usize>,
    closed: Condvar,
}

impl Peer {
    /// Starts it. `script` is given the number of the request, counted from 0; after its steps the connection is closed.
    pub(crate) fn start(script: impl Fn(usize) -> Vec<Step> + Send + Sync + 'static) -> Peer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (counts, script) = (Arc::<Counts>::default(), Arc::new(script));
        let shared = Arc::clone(&counts);
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let (shared, script) = (Arc::clone(&shared), Arc::clone(&script));
                *shared.open.lock().expect("a count") += 1;
                std::thread::spawn(move || {
                    // The client may close the connection at any time.
                    let _ = serve(connection, &*script, &shared);
                    *shared.open.lock().expect("a count") -= 1;
                    shared.closed.notify_all();
                });
            }
        });
        Peer { url, counts }
    }

    /// Starts one that does the same after every request.
    pub(crate) fn always(steps: Vec<Step>) -> Peer {
        Peer::start(move |_| steps.clone())
    }

    /// One that responds with these bytes and closes the connection.
    pub(crate) fn responding(response: impl Into<Vec<u8>>) -> Peer {
        Peer::always(vec![Step::Write(response.into())])
    }

    /// The requests that were read so far.
    pub(crate) fn requests(&self) -> usize {
        self.counts.requests.load(Ordering::SeqCst)
    }

    /// The bytes that were written, once all connections are closed: what the client has read is less.
    pub(crate) fn written(&self) -> u64 {
        let open = self.counts.open.lock().expect("a count");
        let waited = self.counts.closed.wait_timeout_while(open, Duration::from_secs(60), |open| *open > 0);
        assert!(!waited.expect("a count").1.timed_out(), "the client keeps a connection open");
        self.counts.written.load(Ordering::SeqCst)
    }
}

fn serve(mut connection: TcpStream, script: &dyn Fn(usize) -> Vec<Step>, counts: &Counts) -> std::io::Result<()> {
    // A failed test should end, not hang.
    connection.set_read_timeout(Some(Duration::from_secs(60)))?;
    connection.set_write_timeout(Some(Duration::from_secs(60)))?;
    let mut lines = BufReader::new(connection.try_clone()?);
    let (mut line, mut length) = (String::new(), 0);
    if lines.read_line(&mut line)? == 0 {
        return Ok(());
    }
    while line != "\r\n" {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        line.clear();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
    }
    std::io::copy(&mut Read::by_ref(&mut lines).take(length), &mut std::io::sink())?;
    let mut write = |bytes: &[u8]| {
        let written = connection.write_all(bytes);
        counts.written.fetch_add(bytes.len() as u64, Ordering::SeqCst);
        written
    };
    for step in script(counts.requests.fetch_add(1, Ordering::SeqCst)) {
        match step {
            Step::Write(bytes) => write(&bytes)?,
            Step::Repeat(bytes) => {
                let block = bytes.repeat((1 << 16) / bytes.len() + 1);
                for _ in 0..ENDLESS / block.len() as u64 {
                    write(&block)?;
                }
            }
            Step::Drip(bytes, milliseconds) => {
                for byte in bytes {
                    write(&[byte])?;
                    std::thread::sleep(Duration::from_millis(milliseconds));
                }
            }
            Step::Wait => {
                let _ = std::io::copy(&mut lines, &mut std::io::sink());
            }
        }
    }
    Ok(())
}

/// A response with a length.
pub(crate) fn response(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

/// A response of which only the beginning is here.
pub(crate) fn beginning(status: &str, headers: &str, body: &str) -> Step {
    Step::Write(format!("HTTP/1.1 {status}\r\n{headers}\r\n{body}").into())
}
