//! Cases: a server that stops sending or reading is given up after the idle timeout.

use std::thread;
use std::vec;

use super::exchange::{LARGE, SHORT, case_with_timeout, exchange, exchange_get, filled, get, ok, post, script, then_ok};
use super::factory::Factory;
use crate::body::Bytes;
use crate::transport::SendError;

/// A server that falls silent before its response, within the head and within the body.
pub async fn silent_server<F: Factory>(factory: &F) {
    const BEGINNINGS: [&str; 3] = ["", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive."];
    let server = BEGINNINGS.map(|beginning| {
        script(move |connection| {
            connection.read_request();
            connection.write(beginning);
            connection.read_until_closed();
        })
    });
    case_with_timeout(factory, SHORT, then_ok(server.into()), async |transport| {
        for beginning in BEGINNINGS {
            let error = exchange(transport, &get(), &mut Bytes::new(b"")).await.expect_err("a silent server");
            assert!(matches!(error, SendError::Transport(_)), "{beginning:?}: {error}");
        }
        assert_eq!(exchange_get(transport).await, ok());
    })
    .await;
}

/// A server that stops reading a body.
pub async fn server_stops_reading<F: Factory>(factory: &F) {
    let server = script(|connection| {
        connection.read_head();
        // Longer than the idle timeout.
        thread::sleep(SHORT * 2);
        connection.read_until_closed();
    });
    case_with_timeout(factory, SHORT, then_ok(vec![server]), async |transport| {
        let body = filled(LARGE);
        let error = exchange(transport, &post(), &mut Bytes::new(&body)).await.expect_err("a server that does not read");
        assert!(matches!(error, SendError::Transport(_)), "{error}");
        assert_eq!(exchange_get(transport).await, ok());
    })
    .await;
}
