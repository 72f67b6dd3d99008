//! A service that writes what a terminal would obey: nothing of it is printed, and JSON has all of it.

use serde_json::Value;

use crate::fixture::{Finished, Fixture, command};
use crate::service::{self, response};

/// Moves the cursor, sets the colour, reverses the text, begins a line, and has no width.
const HOSTILE: &str = "a\u{9b}2J\u{1b}[31m\u{202e}b\u{2066}\u{2028}c\u{7f}\u{200b}\u{feff}\u{85}d";
const SHOWN: &str = r"a\u{9b}2J\u{1b}[31m\u{202e}b\u{2066} c\u{7f}\u{200b}\u{feff} d";
const ESCAPED: &str = r"a\u009b2J\u001b[31m\u202eb\u2066\u2028c\u007f\u200b\ufeff\u0085d";

/// The hostile text as a JSON string in which only what JSON requires is escaped.
fn raw_json() -> String {
    Value::from(HOSTILE).to_string()
}

fn run(status: &'static str, headers: &'static str, body: String, arguments: &[&str]) -> Finished {
    let url = service::start(move |_| response(status, headers, &body));
    let fixture = Fixture::local();
    fixture.write("f", b"x");
    command(fixture.dir.path()).args(["--endpoint-url", &url]).args(arguments).output().unwrap().into()
}

#[track_caller]
fn assert_printable(text: &str) {
    let bad = text.chars().find(|c| (c.is_control() && *c != '\n') || "\u{202e}\u{2066}\u{2028}\u{200b}\u{feff}".contains(*c));
    assert_eq!(bad, None, "{text:?}");
}

#[test]
fn names_and_ids_in_lists_and_descriptions() {
    let vault = format!(r#"{{"VaultName":{0},"VaultARN":{0},"CreationDate":"2025-01-02T03:04:05.678Z"}}"#, raw_json());
    let job = format!(r#"{{"JobId":{0},"ArchiveId":{0},"JobDescription":{0},"StatusMessage":{0},"Tier":{0}}}"#, raw_json());
    for (body, arguments) in [
        (format!(r#"{{"VaultList":[{vault}]}}"#), &["vault", "list"][..]),
        (vault, &["vault", "info", "v"]),
        (format!(r#"{{"JobList":[{job}]}}"#), &["job", "list", "v"]),
        (job, &["job", "info", "v", "j"]),
    ] {
        let text = run("200 OK", "", body.clone(), arguments);
        assert!(text.success().contains(SHOWN), "{text:?}");
        assert_printable(&text.out);
        let json = run("200 OK", "", body, &[&["--output", "json"], arguments].concat());
        assert!(json.success().contains(ESCAPED), "{json:?}");
        assert_printable(&json.out);
        let values = json.json().to_string();
        assert!(values.contains(&raw_json()), "the value itself is as the service said it: {values:?}");
    }
}

#[test]
fn error_messages() {
    for status in ["400 Bad Request", "403 Forbidden", "404 Not Found"] {
        let body = format!(r#"{{"code":{0},"type":{0},"message":{0}}}"#, raw_json());
        let failed = run(status, "", body, &["vault", "info", "v"]);
        assert_eq!((failed.code, failed.out.as_str(), failed.err.matches(SHOWN).count() > 0), (254, "", true), "{failed:?}");
        assert_printable(&failed.err);
    }
}

#[test]
fn what_the_user_typed() {
    let fixture = Fixture::local();
    for arguments in [
        &["upload", "v", HOSTILE][..],
        &["restore", "v", "id", "--job", HOSTILE],
        &["vault", "info", HOSTILE],
        &["vault", HOSTILE],
        &[HOSTILE],
    ] {
        let failed = fixture.run(arguments);
        assert!(failed.code >= 252, "{failed:?}");
        assert_printable(&failed.err);
    }
}
