//! Success responses that are not those of Glacier, or not what was asked for: foreign bodies, wrong hashes, ids that are none.

use crate::calls::Call::{self, *};
use crate::calls::{BODY_HASH, call};
use crate::peer::{Peer, Step, UNREAD, beginning, response};

/// The outcome of a call that got this response.
fn outcome(response: String, kind: Call) -> Result<String, String> {
    call(&Peer::responding(response), kind)
}

#[track_caller]
fn fails(response: &str, kind: Call, words: &str) {
    let outcome = outcome(response.into(), kind);
    assert!(outcome.as_ref().is_err_and(|error| error.contains(words)), "{kind:?} of {response:?}: {outcome:?}, not {words:?}");
}

#[test]
fn a_body_of_something_else_is_not_an_empty_answer() {
    for (body, came) in [
        ("", ", but an empty body; is this a Glacier endpoint?"),
        (" \r\n", ", but an empty body; is this a Glacier endpoint?"),
        ("{}", ", but other JSON; is this a Glacier endpoint?"),
        (r#"{"message":"ok","status":200}"#, ", but other JSON; is this a Glacier endpoint?"),
        (
            r#"{"vaultlist":[],"parts":[],"vaultname":"v","statuscode":"Succeeded"}"#,
            ", but other JSON; is this a Glacier endpoint?",
        ),
        ("[]", "not the JSON expected"),
        ("\"ok\"", "not the JSON expected"),
        ("null", "not the JSON expected"),
        ("<html><body>Please log in</body></html>", "not the JSON expected"),
        ("\u{feff}{\"VaultList\":[]}", "not the JSON expected"),
        ("{\"VaultList\":", "ends in the middle"),
    ] {
        for (kind, member) in
            [(DescribeVault, "VaultName"), (DescribeJob, "StatusCode"), (ListParts, "Parts"), (VaultPages, "VaultList")]
        {
            let error = outcome(response("200 OK", "", body), kind).expect_err(body);
            assert!(error.contains(came), "{kind:?} of {body:?}: {error}");
            match came {
                "ends in the middle" => {}
                "not the JSON expected" => assert!(error.ends_with("is this a Glacier endpoint?"), "{error}"),
                _ => assert!(error.ends_with(&format!("has no {member}{came}")), "{error}"),
            }
        }
    }
}

#[test]
fn what_needs_no_body_takes_none_of_something_else() {
    for kind in [CreateVault, DeleteArchive] {
        fails(&response("200 OK", "", "<html>Please log in</html>"), kind, "not the JSON expected; is this a Glacier endpoint?");
        fails(&response("200 OK", "content-type: text/plain\r\n", "OK"), kind, "is this a Glacier endpoint?");
    }
    // As emulators respond.
    assert_eq!(outcome(response("200 OK", "", "{}"), DeleteArchive), Ok(String::new()));
    assert_eq!(outcome("HTTP/1.1 204 No Content\r\n\r\n".into(), DeleteArchive), Ok(String::new()));
}

#[test]
fn optional_and_unknown_members_do_not_matter() {
    for (kind, body, seen) in [
        (DescribeVault, r#"{"VaultName":"v","New":{"a":[1]}}"#, "Some(\"v\")"),
        (DescribeVault, r#"{"VaultARN":"arn"}"#, "None"),
        (DescribeJob, r#"{"StatusCode":"InProgress"}"#, "None"),
        (ListParts, r#"{"Parts":null}"#, ""),
        (VaultPages, r#"{"New":1,"VaultList":[{}],"Marker":null}"#, "None"),
    ] {
        assert_eq!(outcome(response("200 OK", "", body), kind), Ok(seen.into()), "{body}");
    }
}

#[test]
fn a_created_thing_without_its_id_is_an_error() {
    let stored = format!("x-amz-sha256-tree-hash: {BODY_HASH}\r\n");
    for id in ["", "x-amz-job-id:\r\nx-amz-archive-id:\r\n", "x-amz-job-id: ..\r\nx-amz-archive-id: .\r\n"] {
        fails(&response("202 Accepted", id, ""), InitiateJob, "no x-amz-job-id header; is this a Glacier endpoint?");
        fails(&response("201 Created", &format!("{id}{stored}"), ""), UploadArchive, "no x-amz-archive-id header");
    }
    assert_eq!(outcome(response("202 Accepted", "x-amz-job-id: -j\r\n", ""), InitiateJob), Ok("-j".into()));
    assert_eq!(outcome(response("201 Created", &format!("x-amz-archive-id: -a\r\n{stored}"), ""), UploadArchive), Ok("-a".into()));
}

#[test]
fn the_tree_hash_of_an_upload_is_confirmed() {
    let other = "0".repeat(64);
    let with = |headers: &str| response("201 Created", &format!("x-amz-archive-id: -a\r\n{headers}"), "");
    let header = |hash: &str| format!("x-amz-sha256-tree-hash: {hash}\r\n");
    fails(&with(""), UploadArchive, "did not confirm the tree hash of what was sent; delete the archive -a");
    fails(&with(&header(&other)), UploadArchive, "the service has other bytes than were sent");
    fails(&with(&header("none")), UploadArchive, "did not confirm the tree hash of what was sent; delete the archive -a");
    // Of two, the first counts: that of a service in front of which something adds another.
    assert_eq!(outcome(with(&(header(BODY_HASH) + &header(&other))), UploadArchive), Ok("-a".into()));
    fails(&with(&(header(&other) + &header(BODY_HASH))), UploadArchive, "the service has other bytes than were sent");
}

#[test]
fn the_tree_hash_of_a_download_is_verified() {
    let with = |headers: &str, body: &str| response("200 OK", headers, body);
    let header = |hash: &str| format!("x-amz-sha256-tree-hash: {hash}\r\n");
    assert_eq!(outcome(with(&header(BODY_HASH), "x"), GetJobOutput), Ok("1 bytes".into()));
    fails(&with(&header(BODY_HASH), "y"), GetJobOutput, "does not have the announced tree hash");
    fails(&with(&header(BODY_HASH), "xx"), GetJobOutput, "does not have the announced tree hash");
    fails(&with(&header(&BODY_HASH[1..]), "x"), GetJobOutput, "x-amz-sha256-tree-hash header has an invalid value");
    let other = "0".repeat(64);
    fails(&with(&(header(&other) + &header(BODY_HASH)), "x"), GetJobOutput, "does not have the announced tree hash");
    // A range that was not asked for does not make other bytes right.
    let range = format!(
        "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 5-9/10\r\n{}content-length: 5\r\n\r\n56789",
        header(BODY_HASH)
    );
    fails(&range, GetJobOutput, "does not have the announced tree hash");
}

#[test]
fn a_body_is_not_decompressed() {
    // From `printf {} | gzip -n`.
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00";
    let mut response = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", gzip.len()).into_bytes();
    response.extend(gzip);
    for kind in [DescribeVault, VaultPages, CreateVault] {
        let outcome = call(&Peer::responding(response.clone()), kind);
        assert!(outcome.as_ref().is_err_and(|error| error.contains("not the JSON expected")), "{kind:?}: {outcome:?}");
    }
}

#[test]
fn nesting_costs_nothing() {
    for opening in ["[", "{\"a\":", "[{\"a\":"] {
        let deep = format!("{{\"New\":{}", opening.repeat(100_000));
        fails(&response("200 OK", "", &deep), VaultPages, "nested too deep; is this a Glacier endpoint?");
        // Such a response must fit the buffer first.
        fails(&response("200 OK", "", &deep), DescribeVault, "the response does not fit");
        fails(&response("200 OK", "", &deep[..1000]), DescribeVault, "nested too deep; is this a Glacier endpoint?");
    }
}

#[test]
fn an_endless_body_is_read_as_far_as_the_buffer() {
    for (kind, begin, repeat, words) in [
        (DescribeVault, r#"{"VaultName":"v","New":""#, "x", "the response does not fit: the buffer of"),
        (DescribeVault, "", " ", "the response does not fit: the buffer of"),
        (CreateVault, "", "\0", "the response does not fit: the buffer of"),
        (DeleteArchive, "{", " ", "the response does not fit: the buffer of"),
        (VaultPages, r#"{"VaultList":[{"VaultName":""#, "x", "one item of the list does not fit: the buffer of"),
        (VaultPages, r#"{"New":""#, "x", "one item of the list does not fit: the buffer of"),
        (ListParts, r#"{"Marker":""#, "m", "one item of the list does not fit: the buffer of"),
    ] {
        for chunked in [false, true] {
            let peer = Peer::always(match chunked {
                false => vec![beginning("200 OK", "", begin), Step::Repeat(repeat.repeat(1000).into())],
                true => vec![
                    beginning("200 OK", "transfer-encoding: chunked\r\n", &chunk(begin)),
                    Step::Repeat(chunk(&repeat.repeat(1000)).into()),
                ],
            });
            let outcome = call(&peer, kind);
            assert!(outcome.as_ref().is_err_and(|error| error.contains(words)), "{kind:?} of {begin:?}: {outcome:?}");
            assert!(peer.written() < UNREAD, "{kind:?} of {begin:?}: {} bytes", peer.written());
        }
    }
}

/// A chunk; nothing for an empty one, which would be the last.
fn chunk(data: &str) -> String {
    if data.is_empty() { String::new() } else { format!("{:x}\r\n{data}\r\n", data.len()) }
}

#[test]
fn the_body_of_an_error_is_read_as_far_as_the_buffer() {
    for (status, begin) in
        [("403 Forbidden", "{\"message\":\""), ("503 Service Unavailable", "<html>"), ("429 Too Many Requests", "")]
    {
        for kind in [DescribeVault, VaultPages, UploadArchive, GetJobOutput] {
            let peer = Peer::always(vec![beginning(status, "", begin), Step::Repeat(b"too much ".to_vec())]);
            let error = call(&peer, kind).unwrap_err();
            assert!(error.contains(&format!("the service returned {}", &status[..3])), "{kind:?}: {error}");
            assert!(error.len() < 4096, "{} bytes", error.len());
            assert!(peer.written() < UNREAD, "{} bytes", peer.written());
        }
    }
}

#[test]
fn a_list_that_never_moves_on_ends() {
    let peer = Peer::responding(response("200 OK", "connection: close\r\n", r#"{"VaultList":[{"VaultName":"v"}],"Marker":"m"}"#));
    let error = call(&peer, VaultPages).unwrap_err();
    assert!(error.contains("two pages of the list have the same marker"), "{error}");
    assert_eq!(peer.requests(), 2);
    let long = format!(r#"{{"VaultList":[],"Marker":"{}"}}"#, "m".repeat(1000));
    fails(&response("200 OK", "", &long), VaultPages, "the list's marker does not fit");
}

#[test]
fn an_invalid_item_is_named() {
    for item in [r#"{"VaultName":"\ud800"}"#, r#"{"SizeInBytes":1e400}"#, r#"{"SizeInBytes":-1}"#, "[]", "\"\u{0}\""] {
        let body = format!(r#"{{"VaultList":[{{"VaultName":"v"}},{item}]}}"#);
        fails(&response("200 OK", "", &body), VaultPages, "item 2 is malformed");
    }
}
