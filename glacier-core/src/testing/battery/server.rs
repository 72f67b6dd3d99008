//! A server that follows a script, connection by connection and byte by byte. Every wait in it is bounded.

use core::time::Duration;
use std::boxed::Box;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::string::String;
use std::thread::{self, JoinHandle};
use std::time::Instant;
use std::vec;
use std::vec::Vec;

use super::thread::on_thread;

/// What the server does on one connection.
pub type Script = Box<dyn FnOnce(&mut Connection) + Send>;

/// The longest that a script waits for its client.
const LIMIT: Duration = Duration::from_secs(120);

/// A server with one script for each connection, in the order in which they are made.
#[derive(Debug)]
#[must_use]
pub struct ScriptedServer {
    address: SocketAddr,
    thread: JoinHandle<()>,
}

impl ScriptedServer {
    /// Listens on the loopback interface. After the last script it refuses connections.
    ///
    /// # Panics
    /// When it cannot listen.
    pub fn start(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("listening on 127.0.0.1");
        let address = listener.local_addr().expect("the listener's address");
        listener.set_nonblocking(true).expect("a non-blocking listener");
        let thread = thread::spawn(move || {
            // Connections may be open side by side: a client need not close one before it makes the next.
            let accepted = scripts.into_iter().map(|script| {
                let mut connection = accept(&listener);
                thread::spawn(move || script(&mut connection))
            });
            let running: Vec<_> = accepted.collect();
            drop(listener);
            for script in running {
                join(script);
            }
        });
        ScriptedServer { address, thread }
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until all scripts have ended, on any runtime.
    ///
    /// # Panics
    /// When a script has panicked, or waits for a connection that does not come.
    pub async fn finished(self) {
        on_thread(move || join(self.thread)).await;
    }
}

fn join(thread: JoinHandle<()>) {
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn accept(listener: &TcpListener) -> Connection {
    let start = Instant::now();
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).expect("a blocking stream");
                stream.set_read_timeout(Some(LIMIT)).expect("a read timeout");
                stream.set_write_timeout(Some(LIMIT)).expect("a write timeout");
                return Connection(stream);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock && start.elapsed() < LIMIT => {
                thread::sleep(Duration::from_millis(2));
            }
            Err(error) => panic!("the transport did not open the next connection: {error}"),
        }
    }
}

/// The server's end of a connection.
#[derive(Debug)]
pub struct Connection(TcpStream);

impl Connection {
    /// Reads a request's head, and not a byte more.
    ///
    /// # Panics
    /// When the connection ends before the head does.
    pub fn read_head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            let got = self.0.read(&mut byte).expect("reading a request's head");
            assert_eq!(got, 1, "the request ended within its head: {:?}", String::from_utf8_lossy(&head));
            head.extend(byte);
        }
        String::from_utf8(head).expect("a head in UTF-8")
    }

    /// Reads a request: its head, and the body of the length that it announces.
    ///
    /// # Panics
    /// When the connection ends before the request does.
    pub fn read_request(&mut self) -> (String, Vec<u8>) {
        let head = self.read_head();
        let mut body = vec![0; content_length(&head).unwrap_or(0)];
        self.0.read_exact(&mut body).expect("reading a request's body");
        (head, body)
    }

    /// Sends these bytes.
    ///
    /// # Panics
    /// When they cannot be sent.
    pub fn write(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).expect("writing a response");
    }

    /// Reads what the client still sends until it closes or resets the connection.
    ///
    /// # Panics
    /// When it does neither within two minutes.
    pub fn read_until_closed(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("the client keeps the connection open"),
            _ => rest,
        }
    }

    /// Closes the connection in both directions.
    pub fn close(&mut self) {
        // It fails when the client was faster.
        drop(self.0.shutdown(Shutdown::Both));
    }
}

/// The length of the body that a head announces.
pub(super) fn content_length(head: &str) -> Option<usize> {
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    Some(value.trim().parse().expect("a decimal Content-Length"))
}
