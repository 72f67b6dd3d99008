//! A service on the loopback interface that gives the responses of a test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// Starts a service and returns its URL. `respond` gets the request line and returns the whole response; an empty one closes the
/// connection. It serves until its client
/// is gone, the process with it.
pub(crate) fn start(respond: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    start_at("127.0.0.1:0", respond)
}

/// As [`start`], at an address.
pub(crate) fn start_at(address: &str, respond: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind(address).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let respond = Arc::new(respond);
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let respond = Arc::clone(&respond);
            std::thread::spawn(move || drop(serve(connection, &*respond)));
        }
    });
    url
}

/// A response with a length.
pub(crate) fn response(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

fn serve(connection: TcpStream, respond: &dyn Fn(&str) -> String) -> std::io::Result<()> {
    let mut lines = BufReader::new(connection.try_clone()?);
    let mut connection = connection;
    loop {
        let (mut request, mut line, mut length) = (String::new(), String::new(), 0);
        if lines.read_line(&mut request)? == 0 {
            return Ok(());
        }
        while lines.read_line(&mut line)? > 0 && line != "\r\n" {
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        lines.read_exact(&mut vec![0; length])?;
        let response = respond(request.trim_end());
        if response.is_empty() {
            return Ok(());
        }
        connection.write_all(response.as_bytes())?;
    }
}
