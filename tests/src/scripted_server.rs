//! A server that does what a test tells it, connection by connection and byte by byte. Nothing in it waits for ever.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What one connection does with its client.
pub type Script = Box<dyn FnOnce(&mut Peer) + Send>;

/// The longest that a script waits for its client.
const LIMIT: Duration = Duration::from_secs(120);

/// A server with one script for each connection, in their order.
pub struct ScriptedServer {
    address: SocketAddr,
    thread: JoinHandle<()>,
}

impl ScriptedServer {
    /// Listens on the loopback interface. After the last script no connection is taken any more.
    pub fn start(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("listening");
        let address = listener.local_addr().expect("an address");
        listener.set_nonblocking(true).expect("a listener that can be asked");
        let thread = std::thread::spawn(move || {
            // Connections may be open side by side: a client need not close one before it makes the next.
            let scripts = scripts.into_iter().map(|script| {
                let mut peer = accept(&listener);
                std::thread::spawn(move || script(&mut peer))
            });
            for script in scripts.collect::<Vec<_>>() {
                if let Err(panic) = script.join() {
                    std::panic::resume_unwind(panic);
                }
            }
        });
        ScriptedServer { address, thread }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for all scripts to end.
    ///
    /// # Panics
    /// When one of them has.
    pub fn done(self) {
        if let Err(panic) = self.thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

fn accept(listener: &TcpListener) -> Peer {
    let start = Instant::now();
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).expect("a stream that waits");
                stream.set_read_timeout(Some(LIMIT)).expect("a time limit");
                stream.set_write_timeout(Some(LIMIT)).expect("a time limit");
                return Peer(stream);
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock && start.elapsed() < LIMIT => {
                std::thread::sleep(Duration::from_millis(2));
            }
            Err(error) => panic!("no connection came: {error}"),
        }
    }
}

/// The server's end of a connection.
pub struct Peer(TcpStream);

impl Peer {
    /// Reads a request's head, and not a byte more.
    ///
    /// # Panics
    /// When there is none.
    pub fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            assert_eq!(self.0.read(&mut byte).expect("a head"), 1, "it ended within {:?}", String::from_utf8_lossy(&head));
            head.extend(byte);
        }
        String::from_utf8(head).expect("a head of text")
    }

    /// Reads a request: its head and as much body as it announces.
    ///
    /// # Panics
    /// When it is not there in full.
    pub fn request(&mut self) -> (String, Vec<u8>) {
        let head = self.head();
        let mut body = vec![0; content_length(&head).unwrap_or(0)];
        self.0.read_exact(&mut body).expect("a body");
        (head, body)
    }

    /// Sends bytes.
    ///
    /// # Panics
    /// When they cannot be sent.
    pub fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).expect("saying something");
    }

    /// Takes what the client still sends, until it closes the connection or resets it.
    ///
    /// # Panics
    /// When it does neither.
    pub fn until_closed(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("the client keeps the connection open"),
            _ => rest,
        }
    }

    /// Closes the connection in both directions.
    pub fn close(&mut self) {
        // The client may have been faster.
        drop(self.0.shutdown(Shutdown::Both));
    }
}

/// The body's length that a head announces.
pub fn content_length(head: &str) -> Option<usize> {
    let (_, value) =
        head.lines().filter_map(|line| line.split_once(':')).find(|(n, _)| n.eq_ignore_ascii_case("content-length"))?;
    Some(value.trim().parse().expect("a length"))
}
