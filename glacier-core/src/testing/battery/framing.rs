//! Cases: where a response begins and ends.

use core::time::Duration;
use std::thread;
use std::vec;

use super::exchange::{OK, Received, case, exchange, exchange_get, get, ok, post, received, responses, script, then_ok};
use super::factory::Factory;
use crate::body::Bytes;

/// Responses end where their length, their chunks or their status say, and one connection carries them all.
pub async fn framings_and_reuse<F: Factory>(factory: &F) {
    let server = responses(&[
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsized",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nchu\r\n4;x=y\r\nnked\r\n0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnone",
        "HTTP/1.1 201 Created\r\ncontent-length: 0\r\nx-amzn-RequestId: AbC\r\n\r\n",
    ]);
    case(factory, vec![server], async |transport| {
        for expected in [received(200, b"sized"), received(200, b"chunked"), received(204, b""), received(404, b"none")] {
            assert_eq!(exchange_get(transport).await, expected);
        }
        assert_eq!(exchange_get(transport).await, Received { request_id: Some("AbC".into()), ..received(201, b"") });
    })
    .await;
}

/// A response without a length ends with its connection, as in HTTP/1.0; the next request gets another connection.
pub async fn response_until_close<F: Factory>(factory: &F) {
    let old = script(|connection| {
        connection.read_request();
        connection.write("HTTP/1.0 200 OK\r\n\r\nto the ");
        connection.write("end");
        connection.close();
    });
    case(factory, then_ok(vec![old]), async |transport| {
        assert_eq!(exchange_get(transport).await, received(200, b"to the end"));
        assert_eq!(exchange_get(transport).await, ok());
    })
    .await;
}

/// After `Connection: close` the connection is not used again, although the server does not close it yet.
pub async fn connection_close_is_obeyed<F: Factory>(factory: &F) {
    let last = responses(&["HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"]);
    case(factory, then_ok(vec![last]), async |transport| {
        assert_eq!(exchange_get(transport).await, ok());
        assert_eq!(exchange_get(transport).await, ok());
    })
    .await;
}

/// 1xx responses are skipped, whether they come apart from the final one or together with it.
pub async fn informational_responses_skipped<F: Factory>(factory: &F) {
    let server = script(|connection| {
        for pause in [Duration::ZERO, Duration::from_millis(20)] {
            connection.read_request();
            for piece in [
                "HTTP/1.1 100 Continue\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\nx-amzn-RequestId: not this\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-amzn-requestid: this\r\n\r\nok",
            ] {
                connection.write(piece);
                thread::sleep(pause);
            }
        }
        connection.read_until_closed();
    });
    case(factory, vec![server], async |transport| {
        for _ in 0..2 {
            let response = exchange(transport, &post(), &mut Bytes::new(b"body")).await.expect("a response");
            assert_eq!(response, Received { request_id: Some("this".into()), ..ok() });
        }
    })
    .await;
}

/// A redirect is returned like any other response, or as an error; it is not followed.
pub async fn redirect_not_followed<F: Factory>(factory: &F) {
    let server = responses(&["HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", OK]);
    case(factory, vec![server], async |transport| {
        if let Ok(redirect) = exchange(transport, &get(), &mut Bytes::new(b"")).await {
            assert_eq!(redirect, received(307, b""));
        }
        assert_eq!(exchange_get(transport).await, ok());
    })
    .await;
}
