//! Cases: responses that are too short, too long, or not HTTP.

use std::vec;
use std::vec::Vec;

use embedded_io_async::Read;

use super::exchange::{case, exchange, exchange_get, get, ok, responses, script, then_ok};
use super::factory::Factory;
use super::server::Script;
use crate::body::Bytes;
use crate::response::{Head, Header};
use crate::transport::{SendError, Transport};

/// One connection that ends after this response.
fn response_then_close(response: &'static str) -> Script {
    script(move |connection| {
        connection.read_request();
        connection.write(response);
        connection.close();
    })
}

/// A response that ends too early is an error, however it is framed.
pub async fn truncated_responses<F: Factory>(factory: &F) {
    const TRUNCATED: [&str; 5] = [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive.",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\nfive.",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfive.\r\n",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "",
    ];
    case(factory, then_ok(TRUNCATED.map(response_then_close).into()), async |transport| {
        for truncated in TRUNCATED {
            let error = exchange(transport, &get(), &mut Bytes::new(b"")).await.expect_err("a truncated response");
            assert!(matches!(error, SendError::Transport(_)), "{truncated:?}: {error}");
        }
        assert_eq!(exchange_get(transport).await, ok());
    })
    .await;
}

/// A truncated body gives the bytes that arrived and then an error, each time it is read.
pub async fn truncated_response_stays_an_error<F: Factory>(factory: &F) {
    let truncated = response_then_close("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive.");
    case(factory, vec![truncated], async |transport| {
        let mut arena = [0; 64];
        transport.send(&get(), &mut Bytes::new(b""), &mut Head::new(&mut arena)).await.expect("the head");
        let mut body = transport.body();
        let (mut arrived, mut piece) = (Vec::<u8>::new(), [0; 3]);
        while let Ok(got) = body.read(&mut piece).await {
            assert!(got > 0, "a truncated body is not complete");
            arrived.extend(piece.iter().take(got));
        }
        assert_eq!(arrived, b"five.");
        assert!(body.read(&mut [0]).await.is_err());
    })
    .await;
}

/// Bytes after the announced end belong to no response.
pub async fn surplus_bytes_discarded<F: Factory>(factory: &F) {
    let surplus = responses(&["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Wrong\r\nContent-Length: 0\r\n\r\n"]);
    case(factory, then_ok(vec![surplus]), async |transport| {
        assert_eq!(exchange_get(transport).await, ok());
        assert_eq!(exchange_get(transport).await, ok());
    })
    .await;
}

/// What is not HTTP, or HTTP that contradicts itself, is an error.
pub async fn malformed_responses<F: Factory>(factory: &F) {
    const MALFORMED: [&str; 4] = [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ];
    let server = MALFORMED.map(|malformed| {
        script(move |connection| {
            connection.read_request();
            connection.write(malformed);
            connection.read_until_closed();
        })
    });
    case(factory, then_ok(server.into()), async |transport| {
        for malformed in MALFORMED {
            let error = exchange(transport, &get(), &mut Bytes::new(b"")).await.expect_err("a malformed response");
            assert!(matches!(error, SendError::Transport(_)), "{malformed:?}: {error}");
        }
        assert_eq!(exchange_get(transport).await, ok());
    })
    .await;
}

/// Headers that do not fit are an error, not a truncated value, and the next request succeeds.
pub async fn head_too_small<F: Factory>(factory: &F) {
    const LONG_HEADER: &str =
        "HTTP/1.1 200 OK\r\nx-amz-archive-id: 0123456789012345678901234567890123456789\r\nContent-Length: 2\r\n\r\nok";
    case(factory, vec![responses(&[LONG_HEADER]), responses(&[LONG_HEADER])], async |transport| {
        let mut arena = [0; 39];
        let error = transport.send(&get(), &mut Bytes::new(b""), &mut Head::new(&mut arena)).await.expect_err("no room");
        assert!(matches!(&error, SendError::Head(head) if head.header == "x-amz-archive-id"), "{error}");
        let mut arena = [0; 41];
        let mut head = Head::new(&mut arena);
        transport.send(&get(), &mut Bytes::new(b""), &mut head).await.expect("a response");
        assert_eq!(head.with_body(b"").header(Header::ArchiveId).map(str::len), Some(40));
    })
    .await;
}
