//! What the cases share: one request and its response, and a server with a transport to it.

use core::time::Duration;
use std::borrow::ToOwned;
use std::boxed::Box;
use std::string::String;
use std::vec;
use std::vec::Vec;

use embedded_io_async::Read;

use super::factory::Factory;
use super::server::{Connection, Script, ScriptedServer};
use super::thread::within;
use crate::body::{Bytes, Source};
use crate::request::{Method, Request};
use crate::response::Head;
use crate::transport::{SendError, Transport};

/// The idle timeout of the cases that wait for it: enough for a machine under load to respond in.
pub(super) const SHORT: Duration = Duration::from_secs(4);

/// The idle timeout of all other cases, none of which reaches it.
pub(super) const LONG: Duration = Duration::from_secs(120);

pub(super) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Larger than all buffers between client and server together.
pub(super) const LARGE: usize = 64 << 20;

/// A response whose body was read to its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Received {
    pub(super) status: u16,
    pub(super) request_id: Option<String>,
    pub(super) body: Vec<u8>,
}

/// What is received for [`OK`].
pub(super) fn ok() -> Received {
    received(200, b"ok")
}

pub(super) fn received(status: u16, body: &[u8]) -> Received {
    Received { status, request_id: None, body: body.to_vec() }
}

pub(super) fn get() -> Request<'static> {
    Request { method: Method::Get, host: "glacier.test:8080", path: "/-/vaults", query: "", headers: &[("x-amz-date", "now")] }
}

pub(super) fn post() -> Request<'static> {
    Request { method: Method::Post, path: "/-/vaults/v/archives", ..get() }
}

/// Sends a request and reads the whole response.
pub(super) async fn exchange<T: Transport, S: Source>(
    transport: &mut T,
    request: &Request<'_>,
    body: &mut S,
) -> Result<Received, SendError<T::Error, S::Error>> {
    let mut arena = [0; 512];
    let mut head = Head::new(&mut arena);
    transport.send(request, body, &mut head).await?;
    let mut stream = transport.body();
    let (mut body, mut piece) = (Vec::new(), [0; 1000]);
    loop {
        let got = stream.read(&mut piece).await.map_err(SendError::Transport)?;
        if got == 0 {
            break;
        }
        body.extend(piece.iter().take(got));
    }
    drop(stream);
    let response = head.with_body(&[]);
    Ok(Received { status: response.status(), request_id: response.request_id().map(ToOwned::to_owned), body })
}

/// Sends a GET without a body.
pub(super) async fn exchange_get<T: Transport>(transport: &mut T) -> Received {
    exchange(transport, &get(), &mut Bytes::new(b"")).await.expect("a response")
}

pub(super) fn script(script: impl FnOnce(&mut Connection) + Send + 'static) -> Script {
    Box::new(script)
}

/// One connection on which each request gets the next of these responses.
pub(super) fn responses(responses: &'static [&'static str]) -> Script {
    script(move |connection| {
        for response in responses {
            connection.read_request();
            connection.write(response);
        }
        connection.read_until_closed();
    })
}

/// Runs a case against a server with these scripts.
pub(super) async fn case<F: Factory>(factory: &F, scripts: Vec<Script>, test: impl AsyncFnOnce(&mut F::Transport)) {
    case_with_timeout(factory, LONG, scripts, test).await;
}

/// Like [`case`], with a transport that fails after `idle_timeout`.
pub(super) async fn case_with_timeout<F: Factory>(
    factory: &F,
    idle_timeout: Duration,
    scripts: Vec<Script>,
    test: impl AsyncFnOnce(&mut F::Transport),
) {
    let server = ScriptedServer::start(scripts);
    let mut transport = factory.transport(server.address(), idle_timeout);
    within(LONG * 2, test(&mut transport)).await.expect("the case takes more than four minutes");
    drop(transport);
    server.finished().await;
}

/// The scripts of the cases after which one more request must get a clean connection.
pub(super) fn then_ok(mut scripts: Vec<Script>) -> Vec<Script> {
    scripts.push(responses(&[OK]));
    scripts
}

/// Bytes that differ from place to place.
pub(super) fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8 ^ (at >> 16) as u8).collect()
}

/// A body of this many equal bytes.
pub(super) fn filled(size: usize) -> Vec<u8> {
    vec![7; size]
}
