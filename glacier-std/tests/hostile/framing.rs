//! Bodies that are not as long as announced, come slowly, or are followed by more.

use crate::calls::Call::{self, *};
use crate::calls::{BODY_HASH, call};
use crate::peer::{Peer, Step, UNREAD, beginning};

const ALL: [Call; 4] = [DescribeVault, VaultPages, CreateVault, GetJobOutput];

/// Each kind of call gives this error; at the same time, as some wait for a time-out.
fn all_fail(steps: &[Step], words: &str) {
    let fails = |kind| {
        let peer = Peer::always(steps.to_vec());
        let outcome = call(&peer, kind);
        assert!(outcome.as_ref().is_err_and(|error| error.contains(words)), "{kind:?}: {outcome:?}, not {words:?}");
        assert!(peer.written() < UNREAD, "{kind:?}: {} bytes", peer.written());
    };
    std::thread::scope(|scope| ALL.map(|kind| scope.spawn(move || fails(kind))).map(|call| call.join().expect("this outcome")));
}

const LIST: &str = r#"{"VaultList":[{"VaultName":"v"}],"VaultName":"v"}"#;

#[test]
fn a_body_shorter_than_announced_is_an_error() {
    for headers in ["content-length: 1000\r\n", "content-length: 9223372036854775807\r\n"] {
        all_fail(&[beginning("200 OK", headers, LIST)], "before the response was complete");
    }
    for chunks in ["4\r\n{\"Va", "4\r\n{\"Va\r\n", "ffffffffffffff\r\n{"] {
        all_fail(&[beginning("200 OK", "transfer-encoding: chunked\r\n", chunks)], "before the response was complete");
    }
}

#[test]
fn lengths_that_contradict_each_other_are_not_http() {
    for headers in [
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: -1\r\n",
        "content-length: +49\r\n",
        "content-length: 0x31\r\n",
        "content-length: 99999999999999999999999\r\n",
        "content-length: \r\n",
    ] {
        all_fail(&[beginning("200 OK", headers, LIST)], "is not HTTP/1.1");
    }
}

#[test]
fn chunks_that_are_none_are_errors() {
    for chunks in ["x\r\n{}\r\n0\r\n\r\n", "-1\r\n{}", "2\r\n{}xx0\r\n\r\n", "ffffffffffffffffff\r\n{}\r\n"] {
        for kind in ALL {
            let peer = Peer::always(vec![beginning("200 OK", "transfer-encoding: chunked\r\n", chunks)]);
            assert!(call(&peer, kind).is_err(), "{kind:?} of {chunks:?}");
        }
    }
}

#[test]
fn trailers_are_skipped() {
    let chunks = format!("{:x}\r\n{LIST}\r\n0\r\nx-amz-sha256-tree-hash: {}\r\nx-more: 1\r\n\r\n", LIST.len(), "0".repeat(64));
    let steps = vec![beginning("200 OK", "transfer-encoding: chunked\r\ntrailer: x-amz-sha256-tree-hash\r\n", &chunks)];
    assert_eq!(call(&Peer::always(steps.clone()), VaultPages), Ok("Some(\"v\")".into()));
    assert_eq!(call(&Peer::always(steps), GetJobOutput), Ok(format!("{} bytes", LIST.len())));
    let endless = [
        beginning("200 OK", "transfer-encoding: chunked\r\n", &format!("{:x}\r\n{LIST}\r\n0\r\n", LIST.len())),
        Step::Repeat(b"x-more: 1\r\n".to_vec()),
    ];
    all_fail(&endless, "");
}

#[test]
fn a_peer_that_falls_silent_is_given_up() {
    all_fail(&[Step::Wait], "the connection stalled");
    all_fail(&[Step::Write(b"HTTP/1.1 200 OK\r\n".to_vec()), Step::Wait], "the connection stalled");
    all_fail(&[beginning("200 OK", "content-length: 1000\r\n", "{\"VaultList\":["), Step::Wait], "the connection stalled");
}

#[test]
fn a_slow_peer_is_waited_for() {
    let drip = Step::Drip(b"HTTP/1.1 200 OK\r\nx-amz-job-id: slow\r\ncontent-length: 2\r\n\r\n{}".to_vec(), 20);
    assert_eq!(call(&Peer::always(vec![drip]), InitiateJob), Ok("slow".into()));
}

/// What a peer adds after a response is not the response to the next request.
#[test]
fn a_response_that_was_not_asked_for_is_discarded() {
    let page = |name: &str, marker: &str| {
        let body = format!(r#"{{"VaultList":[{{"VaultName":"{name}"}}],"Marker":{marker}}}"#);
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    };
    let peer = Peer::start(move |request| {
        let response = match request {
            0 => page("first", "\"m\"") + &page("injected", "null"),
            _ => page("second", "null"),
        };
        vec![Step::Write(response.into()), Step::Wait]
    });
    assert_eq!(call(&peer, VaultPages), Ok(r#"Some("first") Some("second")"#.into()));
    assert_eq!(peer.requests(), 2);
}

#[test]
fn more_than_announced_is_not_read() {
    let peer = Peer::always(vec![
        beginning("200 OK", &format!("content-length: 1\r\nx-amz-sha256-tree-hash: {BODY_HASH}\r\n"), "x"),
        Step::Repeat(b"and more".to_vec()),
    ]);
    assert_eq!(call(&peer, GetJobOutput), Ok("1 bytes".into()));
    assert!(peer.written() < UNREAD, "{} bytes", peer.written());
}
