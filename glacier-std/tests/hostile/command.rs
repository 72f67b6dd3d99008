//! What the command prints, and how it exits, when the service is hostile or not one.

use std::process::{Command, Stdio};

use crate::peer::{Peer, Step, UNREAD, beginning, response};

struct Finished {
    code: Option<i32>,
    out: String,
    err: String,
}

/// `glacier` with this peer as its service.
fn glacier(peer: &Peer, arguments: &[&str]) -> Finished {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("f"), b"x").expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_glacier"));
    for (name, _) in std::env::vars() {
        if name.starts_with("AWS_") || name.to_lowercase().ends_with("_proxy") {
            command.env_remove(name);
        }
    }
    command.env("AWS_CONFIG_FILE", "/nonexistent").env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_REGION", "eu-west-1");
    command.current_dir(dir.path()).stdin(Stdio::null());
    let output = command.args(["--endpoint-url", &peer.url]).args(arguments).output().expect("the command");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let names: Vec<_> =
        std::fs::read_dir(dir.path()).expect("a directory").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names, ["f"], "no file appears and none is left");
    Finished { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// It fails with this code and these words in its last line, and prints no result.
#[track_caller]
fn fails(peer: &Peer, arguments: &[&str], code: i32, words: &str) -> String {
    let Finished { code: got, out, err } = glacier(peer, arguments);
    assert_eq!((got, out.as_str()), (Some(code), ""), "{arguments:?}: {err}");
    let last = err.trim_end().lines().last().unwrap_or_default();
    assert!(
        last.starts_with("glacier: ") && last.contains(words) && !err.contains("panicked"),
        "{arguments:?}: {err:?}, not {words:?}"
    );
    last.to_owned()
}

#[test]
fn a_response_of_something_else_is_never_no_vaults() {
    for (body, came) in
        [("", "an empty body"), ("{}", "other JSON"), (r#"{"message":"hello"}"#, "other JSON"), ("<html>", "JSON expected")]
    {
        let peer = Peer::responding(response("200 OK", "", body));
        for arguments in [&["vault", "list"][..], &["vault", "info", "v"], &["job", "list", "v"], &["job", "info", "v", "j"]] {
            for format in ["text", "json"] {
                let message = fails(&peer, &[arguments, &["--output", format]].concat(), 255, came);
                assert!(message.contains("is this a Glacier endpoint?"), "{message}");
            }
        }
    }
}

#[test]
fn a_page_for_browsers_is_no_success() {
    let peer = Peer::responding(response("200 OK", "content-type: text/html\r\n", "<html>Please log in</html>"));
    for arguments in [
        &["vault", "create", "v"][..],
        &["vault", "delete", "v"],
        &["archive", "delete", "v", "a"],
        &["upload", "v", "f", "--create-vault"],
    ] {
        fails(&peer, arguments, 255, "is this a Glacier endpoint?");
    }
    // Here an archive, or a job, may exist.
    fails(&peer, &["upload", "v", "f"], 255, "tree hash");
    fails(&peer, &["restore", "v", "a", "-o", "t"], 255, "job may have been initiated");
    fails(&peer, &["restore", "v", "a", "-o", "t", "--job", "j"], 255, "is this a Glacier endpoint?");
}

/// A denial says who, what, on which resource and why, in this order; the reason is what helps.
#[test]
fn the_services_message_is_printed_whole() {
    let reason = "because no resource-based policy allows the glacier:DescribeVault action";
    let message = format!(
        "User: arn:aws:sts::111122223333:assumed-role/Backup-Operators/host-0017 is not authorized to perform: glacier:DescribeVault on \
         resource: arn:aws:glacier:eu-west-1:111122223333:vaults/photos {reason}"
    );
    assert!(message.len() > 250);
    let peer =
        Peer::responding(response("403 Forbidden", "", &format!(r#"{{"code":"AccessDeniedException","message":"{message}"}}"#)));
    for verbose in [&[][..], &["-v"]] {
        fails(&peer, &[&["vault", "info", "v"], verbose].concat(), 254, &message);
    }
    fails(&peer, &["upload", "v", "f"], 254, &message);
    fails(&peer, &["restore", "v", "a", "-o", "t"], 254, &message);
    let long = format!("{} the reason", "x".repeat(10_000));
    let peer = Peer::responding(response("400 Bad Request", "", &format!(r#"{{"code":"BadRequest","message":"{long}"}}"#)));
    fails(&peer, &["vault", "list"], 254, &long);
}

#[test]
fn endless_responses_end() {
    for (head, begin) in [("200 OK", "{\"VaultName\":\""), ("403 Forbidden", "{\"message\":\""), ("403 Forbidden", "<html>")] {
        let peer = Peer::always(vec![beginning(head, "", begin), Step::Repeat(b"too much ".to_vec())]);
        let code = if head.starts_with('2') { 255 } else { 254 };
        let message = fails(&peer, &["vault", "info", "v"], code, "");
        assert!(message.len() < 20_000, "{} bytes", message.len());
        assert!(peer.written() < UNREAD, "{} bytes", peer.written());
    }
}

#[test]
fn redirects_are_not_followed() {
    let peer = Peer::responding(response("302 Found", "location: /\r\n", ""));
    fails(&peer, &["vault", "list"], 255, "redirected (302) to /");
    // Attempts of the same request, one of which may find that the network no longer redirects.
    assert!(peer.requests() <= 3, "{} requests", peer.requests());
}

#[test]
fn ids_of_the_service_are_printed_safely() {
    let body = r#"{"VaultList":[{"VaultName":"a\u0000b\u001b[2Jc"},{"VaultName":"d"}],"Marker":null}"#;
    let listed = glacier(&Peer::responding(response("200 OK", "", body)), &["vault", "list"]);
    assert_eq!(listed.code, Some(0), "{}", listed.err);
    assert!(!listed.out.contains(['\0', '\u{1b}']) && listed.out.lines().count() == 2, "{:?}", listed.out);
}

/// What was read before an invalid item was printed already, so the exit code says that the list is not whole.
#[test]
fn an_invalid_item_is_named() {
    let body = r#"{"VaultList":[{"VaultName":"a"},{"VaultName":"\ud83d"},{"VaultName":"c"}],"Marker":null}"#;
    let listed = glacier(&Peer::responding(response("200 OK", "", body)), &["vault", "list"]);
    assert_eq!(listed.code, Some(255), "{}", listed.err);
    assert!(listed.err.contains("item 2 is malformed"), "{}", listed.err);
}
