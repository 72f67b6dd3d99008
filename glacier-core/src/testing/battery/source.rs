//! Cases: the body cannot be read while it is sent.

use core::fmt;
use std::net::TcpStream;
use std::vec;

use embedded_io_async::{ErrorKind, ErrorType, Read};

use super::exchange::{LONG, case, exchange, exchange_get, ok, post, script, then_ok};
use super::factory::Factory;
use super::server::{Connection, ScriptedServer, content_length};
use crate::body::Source;
use crate::transport::SendError;

const SIZE: u64 = 1_000_000;

/// A body of [`SIZE`] bytes, reading of which fails after `good` bytes.
struct Failing {
    good: usize,
}

#[derive(Debug, PartialEq, Eq)]
struct CardRemoved;

impl fmt::Display for CardRemoved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the card was removed")
    }
}

impl core::error::Error for CardRemoved {}

impl embedded_io_async::Error for CardRemoved {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl ErrorType for Failing {
    type Error = CardRemoved;
}

impl Read for Failing {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, CardRemoved> {
        let count = self.good.min(into.len());
        self.good -= count;
        into.iter_mut().take(count).for_each(|byte| *byte = b'x');
        if count > 0 { Ok(count) } else { Err(CardRemoved) }
    }
}

impl Source for Failing {
    fn size(&self) -> u64 {
        SIZE
    }
    async fn rewind(&mut self) -> Result<(), CardRemoved> {
        Ok(())
    }
}

/// Whatever arrives of the request, the body is not complete.
fn expect_incomplete_body(connection: &mut Connection) {
    let arrived = connection.read_until_closed();
    if let Some(end) = arrived.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
        let (head, body) = arrived.split_at(end + 4);
        let head = core::str::from_utf8(head).expect("a head in UTF-8");
        assert_eq!(content_length(head).map(|length| length as u64), Some(SIZE), "{head}");
        assert!((body.len() as u64) < SIZE, "all of the body arrived");
    }
}

/// The source's own error is returned, and the server does not get a body that looks complete.
pub async fn source_fails<F: Factory>(factory: &F) {
    const GOOD: [usize; 3] = [1, 100_000, SIZE as usize - 1];
    let server = GOOD.map(|_| script(expect_incomplete_body));
    case(factory, then_ok(server.into()), async |transport| {
        for good in GOOD {
            let error = exchange(transport, &post(), &mut Failing { good }).await.expect_err("a body that fails");
            assert!(matches!(error, SendError::Source(CardRemoved)), "{good}: {error}");
        }
        assert_eq!(exchange_get(transport).await, ok());
    })
    .await;
}

/// A source that fails before its first byte; the transport may have connected by then or not.
pub async fn source_fails_at_once<F: Factory>(factory: &F) {
    let server = ScriptedServer::start(vec![script(expect_incomplete_body)]);
    let mut transport = factory.transport(server.address(), LONG);
    let error = exchange(&mut transport, &post(), &mut Failing { good: 0 }).await.expect_err("a body that fails");
    assert!(matches!(error, SendError::Source(CardRemoved)), "{error}");
    drop(transport);
    // For a transport that had not connected: the script waits for a connection.
    drop(TcpStream::connect(server.address()));
    server.finished().await;
}
