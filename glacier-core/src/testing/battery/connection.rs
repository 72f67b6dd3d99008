//! Cases: connections that cannot be made, and connections that the server ended while they were idle.

use core::time::Duration;
use std::thread;
use std::vec;

use super::exchange::{LONG, OK, Received, case, exchange, get, ok, post, script};
use super::factory::Factory;
use super::server::{Script, ScriptedServer};
use super::thread::sleep;
use crate::body::Bytes;
use crate::transport::{SendError, Transport};

/// When no one listens, nothing was sent.
pub async fn connection_refused<F: Factory>(factory: &F) {
    let server = ScriptedServer::start(vec![]);
    let address = server.address();
    server.finished().await;
    let mut transport = factory.transport(address, LONG);
    for _ in 0..2 {
        let error = exchange(&mut transport, &get(), &mut Bytes::new(b"")).await.expect_err("no server");
        assert!(matches!(error, SendError::NotSent(_)), "{error}");
    }
}

/// Time for the end of a connection to reach the transport.
const PAUSE: Duration = Duration::from_millis(100);

/// Three requests with pauses between them, each of which gets the next script's connection.
async fn requests_with_pauses<F: Factory>(factory: &F, scripts: [Script; 3]) {
    case(factory, scripts.into(), async |transport| {
        for _ in 0..3 {
            assert_eq!(post_sent_once(transport).await, ok());
            sleep(PAUSE * 2).await;
        }
    })
    .await;
}

/// A POST goes through, on a new connection if need be; or the transport says that it was not sent, and then it goes through. Any other
/// error would leave open whether the service has acted.
async fn post_sent_once<T: Transport>(transport: &mut T) -> Received {
    match exchange(transport, &post(), &mut Bytes::new(b"body")).await {
        Ok(response) => response,
        Err(SendError::NotSent(_)) => exchange(transport, &post(), &mut Bytes::new(b"body")).await.expect("a new connection"),
        Err(error) => panic!("the connection was closed while it was idle: {error}"),
    }
}

/// A kept connection that the server closed while it was idle.
pub async fn idle_connection_closed<F: Factory>(factory: &F) {
    let closing = || {
        script(|connection| {
            connection.read_request();
            connection.write(OK);
            connection.close();
        })
    };
    requests_with_pauses(factory, [closing(), closing(), closing()]).await;
}

/// A kept connection that the server reset while it was idle.
pub async fn idle_connection_reset<F: Factory>(factory: &F) {
    let resetting = || {
        script(|connection| {
            // A connection that is closed with bytes unread is reset.
            connection.read_head();
            connection.write(OK);
            thread::sleep(PAUSE);
        })
    };
    requests_with_pauses(factory, [resetting(), resetting(), resetting()]).await;
}
