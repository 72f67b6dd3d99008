//! Cases: the server responds, or closes the connection, before it has read the whole request.

use std::thread;
use std::vec;

use super::exchange::{
    LARGE, Received, SHORT, case, case_with_timeout, exchange, exchange_get, filled, ok, post, received, script, then_ok,
};
use super::factory::Factory;
use crate::body::Bytes;
use crate::transport::{SendError, Transport};

const CREATED: &str = "HTTP/1.1 201 Created\r\nx-amz-archive-id: early\r\nContent-Length: 0\r\n\r\n";

const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nx-amzn-RequestId: early\r\nContent-Length: 6\r\n\r\ndenied";

/// A large upload gets the early 403, and the next one succeeds.
async fn forbidden_then_ok<T: Transport>(transport: &mut T) {
    let body = filled(LARGE);
    let expected = Received { request_id: Some("early".into()), ..received(403, b"denied") };
    assert_eq!(exchange(transport, &post(), &mut Bytes::new(&body)).await.expect("the 403"), expected);
    assert_eq!(exchange(transport, &post(), &mut Bytes::new(b"next")).await.expect("a response"), ok());
}

/// An early response from a server that keeps reading the body.
pub async fn early_response_body_read<F: Factory>(factory: &F) {
    let early = script(|connection| {
        connection.read_head();
        connection.write(FORBIDDEN);
        connection.read_until_closed();
    });
    case(factory, then_ok(vec![early]), async |transport| forbidden_then_ok(transport).await).await;
}

/// An early response from a server that closes the connection after it: with the body unread, that is a reset.
pub async fn early_response_then_close<F: Factory>(factory: &F) {
    // Whether the response or the reset is seen first is a matter of chance.
    for _ in 0..10 {
        let early = script(|connection| {
            connection.read_head();
            connection.write(FORBIDDEN);
            connection.close();
        });
        case(factory, then_ok(vec![early]), async |transport| forbidden_then_ok(transport).await).await;
    }
}

/// An early response from a server that stops reading and keeps the connection open.
pub async fn early_response_body_unread<F: Factory>(factory: &F) {
    let early = script(|connection| {
        connection.read_head();
        connection.write(FORBIDDEN);
        thread::sleep(SHORT * 2);
        connection.read_until_closed();
    });
    case_with_timeout(factory, SHORT, then_ok(vec![early]), async |transport| forbidden_then_ok(transport).await).await;
}

/// A large upload that is called a success too early fails, and the next request gets a clean connection.
async fn success_is_an_error<T: Transport>(transport: &mut T) {
    let body = filled(LARGE);
    let error = exchange(transport, &post(), &mut Bytes::new(&body)).await.expect_err("a success before the body was sent");
    assert!(matches!(error, SendError::Transport(_)), "{error}");
    assert_eq!(exchange_get(transport).await, ok());
}

/// A success before the whole body was sent, from a server that keeps reading: an error, and the rest of the body is not sent.
pub async fn early_success_is_an_error<F: Factory>(factory: &F) {
    let early = script(|connection| {
        connection.read_head();
        connection.write(CREATED);
        let body = connection.read_until_closed();
        assert!(body.len() < LARGE, "all of the body arrived");
    });
    case(factory, then_ok(vec![early]), async |transport| success_is_an_error(transport).await).await;
}

/// A success before the whole body was sent, from a server that closes the connection after it.
pub async fn early_success_then_close<F: Factory>(factory: &F) {
    // Whether the response or the reset is seen first is a matter of chance.
    for _ in 0..10 {
        let early = script(|connection| {
            connection.read_head();
            connection.write(CREATED);
            connection.close();
        });
        case(factory, then_ok(vec![early]), async |transport| success_is_an_error(transport).await).await;
    }
}

/// A server that closes the connection within the request, without a response: an error, and the request is not sent again.
pub async fn close_without_response<F: Factory>(factory: &F) {
    let closing = script(|connection| {
        connection.read_head();
        connection.close();
    });
    case(factory, then_ok(vec![closing]), async |transport| {
        let body = filled(LARGE);
        let error = exchange(transport, &post(), &mut Bytes::new(&body)).await.expect_err("no response");
        assert!(matches!(error, SendError::Transport(_)), "{error}");
        assert_eq!(exchange_get(transport).await, ok());
    })
    .await;
}
