//! Cases: requests arrive as they were given.

use std::string::String;
use std::vec;
use std::vec::Vec;

use super::exchange::{OK, case, exchange, get, ok, pattern, post, script};
use super::factory::Factory;
use super::server::content_length;
use crate::body::Bytes;
use crate::request::{Method, Request};

/// Method, path, query and headers are sent unchanged and in their order, and `Host` with its port.
pub async fn request_unchanged<F: Factory>(factory: &F) {
    let server = script(|connection| {
        let (head, body) = connection.read_request();
        assert!(head.starts_with("PUT /-/vaults/a%20b/x%2Fy?limit=&marker=a%2Fb%3D HTTP/1.1\r\n"), "{head}");
        let lines: Vec<&str> = head.lines().skip(1).filter(|line| !line.is_empty()).collect();
        let given: Vec<&&str> = lines.iter().filter(|line| line.starts_with("x-") || line.starts_with("authorization")).collect();
        assert_eq!(given, [&"x-amz-z: last  but one ", &"x-amz-a: 1", &"authorization: AWS4-HMAC-SHA256 a=b, c=d"]);
        let hosts: Vec<String> = lines.iter().map(|line| line.to_lowercase()).filter(|line| line.starts_with("host:")).collect();
        assert_eq!(hosts, ["host: glacier.test:8080"]);
        assert!(!head.to_lowercase().contains("transfer-encoding") && !head.to_lowercase().contains("expect"), "{head}");
        assert_eq!(body, b"x");
        connection.write(OK);
        connection.read_until_closed();
    });
    case(factory, vec![server], async |transport| {
        let request = Request {
            method: Method::Put,
            path: "/-/vaults/a%20b/x%2Fy",
            query: "limit=&marker=a%2Fb%3D",
            headers: &[("x-amz-z", "last  but one "), ("x-amz-a", "1"), ("authorization", "AWS4-HMAC-SHA256 a=b, c=d")],
            ..get()
        };
        assert_eq!(exchange(transport, &request, &mut Bytes::new(b"x")).await.expect("a response"), ok());
    })
    .await;
}

/// PUT and POST announce the length of their body, zero included; GET and DELETE announce none.
pub async fn content_length_rules<F: Factory>(factory: &F) {
    let methods = [(Method::Put, Some(0)), (Method::Post, Some(0)), (Method::Get, None), (Method::Delete, None)];
    let server = script(move |connection| {
        for (method, length) in methods {
            let head = connection.read_head();
            assert_eq!(content_length(&head), length, "{method:?}");
            connection.write(OK);
        }
        connection.read_until_closed();
    });
    case(factory, vec![server], async |transport| {
        for (method, _) in methods {
            let request = Request { method, ..get() };
            assert_eq!(exchange(transport, &request, &mut Bytes::new(b"")).await.expect("a response"), ok());
        }
    })
    .await;
}

/// Bodies of all sizes arrive whole, on one connection.
pub async fn bodies_arrive<F: Factory>(factory: &F) {
    let bodies = [1, 511, 512, 65_536, 65_537, 3_000_000].map(pattern);
    let expected = bodies.clone();
    let server = script(move |connection| {
        for expected in expected {
            let (head, body) = connection.read_request();
            assert_eq!(content_length(&head), Some(expected.len()));
            assert!(body == expected, "a body of {} bytes arrived changed", expected.len());
            connection.write(OK);
        }
        connection.read_until_closed();
    });
    case(factory, vec![server], async |transport| {
        for body in &bodies {
            assert_eq!(exchange(transport, &post(), &mut Bytes::new(body)).await.expect("a response"), ok());
        }
    })
    .await;
}
