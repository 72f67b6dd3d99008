//! Cases: the caller drops a request or a response.

use core::time::Duration;
use std::vec;

use embedded_io_async::Read;

use super::exchange::{LARGE, case, exchange, exchange_get, filled, get, ok, post, script, then_ok};
use super::factory::Factory;
use super::server::Script;
use super::thread::within;
use crate::body::Bytes;
use crate::response::Head;
use crate::transport::Transport;

/// One connection with a response whose body never ends.
fn endless_response() -> Script {
    script(|connection| {
        connection.read_request();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n");
        connection.write(&"x".repeat(1000));
        connection.read_until_closed();
    })
}

/// A response body that is dropped before its end does not get into the next response.
pub async fn body_dropped<F: Factory>(factory: &F) {
    case(factory, then_ok(vec![endless_response()]), async |transport| {
        let mut arena = [0; 64];
        transport.send(&get(), &mut Bytes::new(b""), &mut Head::new(&mut arena)).await.expect("a response");
        let mut body = transport.body();
        assert!(body.read(&mut [0; 10]).await.expect("the body's first bytes") > 0);
        drop(body);
        assert_eq!(exchange_get(transport).await, ok());
    })
    .await;
}

/// A response body that is never asked for does not get into the next response.
pub async fn body_not_asked_for<F: Factory>(factory: &F) {
    case(factory, then_ok(vec![endless_response(), endless_response()]), async |transport| {
        for _ in 0..2 {
            let mut arena = [0; 64];
            let mut head = Head::new(&mut arena);
            transport.send(&get(), &mut Bytes::new(b""), &mut head).await.expect("a response");
            assert_eq!(head.status(), 200);
        }
        assert_eq!(exchange_get(transport).await, ok());
    })
    .await;
}

/// A request that is dropped while its body is sent, or while its response is awaited, does not disturb the next one.
pub async fn send_dropped<F: Factory>(factory: &F) {
    let no_response = || {
        script(|connection| {
            connection.read_head();
            connection.read_until_closed();
        })
    };
    case(factory, then_ok(vec![no_response(), no_response()]), async |transport| {
        for size in [LARGE, 1000] {
            let body = filled(size);
            let response = within(Duration::from_millis(100), exchange(transport, &post(), &mut Bytes::new(&body))).await;
            assert!(response.is_none(), "{response:?}");
        }
        assert_eq!(exchange_get(transport).await, ok());
    })
    .await;
}
