//! Heads that are too large, never end, or hold what they must not.

use crate::calls::Call::{self, *};
use crate::calls::call;
use crate::peer::{Peer, Step, UNREAD, response};

/// Each kind of call gives the same error.
#[track_caller]
fn all_fail(steps: &[Step], words: &str) {
    for kind in [DescribeVault, VaultPages, DeleteArchive, UploadArchive, GetJobOutput] {
        fails(steps, kind, words);
    }
}

#[track_caller]
fn fails(steps: &[Step], kind: Call, words: &str) {
    let peer = Peer::always(steps.to_vec());
    let outcome = call(&peer, kind);
    assert!(outcome.as_ref().is_err_and(|error| error.contains(words)), "{kind:?}: {outcome:?}, not {words:?}");
    assert!(peer.written() < UNREAD, "{kind:?}: {} bytes", peer.written());
}

fn write(text: impl Into<Vec<u8>>) -> Step {
    Step::Write(text.into())
}

#[test]
fn header_bombs() {
    let too_many = "more headers than any of the service";
    let many: String = (0..1000).map(|n| format!("x-{n}: 1\r\n")).collect();
    all_fail(&[write(format!("HTTP/1.1 200 OK\r\n{many}\r\n"))], too_many);
    all_fail(&[write(format!("HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n", "x".repeat(1 << 20)))], too_many);
    all_fail(&[write("HTTP/1.1 200 OK\r\n"), Step::Repeat(b"x-more: and more\r\n".to_vec())], too_many);
    all_fail(&[write("HTTP/1.1 200 OK\r\nx-endless: "), Step::Repeat(b"x".to_vec())], too_many);
    all_fail(&[write("HTTP/1.1 200 "), Step::Repeat(b"O".to_vec())], too_many);
}

#[test]
fn a_header_that_is_kept_must_fit_the_buffer() {
    let steps = [write(response("200 OK", &format!("x-amz-archive-description: {}\r\n", "x".repeat(3000)), ""))];
    all_fail(&steps, "headers do not fit");
    let steps = [write(response("403 Forbidden", &format!("x-amzn-requestid: {}\r\n", "x".repeat(3000)), ""))];
    all_fail(&steps, "headers do not fit");
}

#[test]
fn control_characters_in_headers() {
    for byte in ["\0", "\x1b[2J", "\x7f", "\r"] {
        let head = format!("HTTP/1.1 201 Created\r\nx-amz-archive-id: a{byte}b\r\ncontent-length: 0\r\n\r\n");
        fails(&[write(head)], UploadArchive, "is not HTTP/1.1");
    }
    // Bytes that are not UTF-8 are no id.
    fails(
        &[write(&b"HTTP/1.1 202 Accepted\r\nx-amz-job-id: \xff\xfe\r\ncontent-length: 0\r\n\r\n"[..])],
        InitiateJob,
        "no x-amz-job-id header",
    );
}

#[test]
fn what_is_not_http() {
    for bytes in [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 OK\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "\0\0\0\0\0\0\0\0\r\n\r\n",
        "\x15\x03\x01\x00\x02\x02\x16\r\n\r\n",
    ] {
        all_fail(&[write(bytes)], "is not HTTP/1.1");
    }
    all_fail(&[], "the connection was ");
    all_fail(&[write("HTTP/1.1 200 OK\r\nx-cut")], "the connection was ");
}

#[test]
fn redirects_are_not_followed() {
    for status in ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        for kind in [DescribeVault, VaultPages, DeleteArchive, UploadArchive, GetJobOutput] {
            let peer = Peer::responding(response(status, "location: /\r\n", ""));
            let error = call(&peer, kind).unwrap_err();
            assert!(error.contains(&status[..3]), "{kind:?}: {error}");
            assert_eq!(peer.requests(), 1, "{kind:?} after {status}");
        }
    }
}

#[test]
fn switching_protocols_is_not_followed() {
    all_fail(
        &[write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"), Step::Wait],
        "is not HTTP/1.1",
    );
}

#[test]
fn interim_responses_are_skipped() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nx-amz-job-id: not-this\r\n\r\n".repeat(20);
    let peer = Peer::responding(interim + &response("202 Accepted", "x-amz-job-id: this\r\n", ""));
    assert_eq!(call(&peer, InitiateJob), Ok("this".into()));
}

#[test]
fn interim_responses_end() {
    all_fail(&[Step::Repeat(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec())], "more headers than any of the service");
}
