//! Standard input, output and error that are closed, full, or without a reader.
#![cfg(unix)]

use std::process::Stdio;

use crate::fixture::{Fixture, data};

const RUN: &str = r#"exec "$0" "$@""#;

fn jobs(fixture: &Fixture) -> usize {
    fixture.json(&["job", "list", "v"])["JobList"].as_array().unwrap().len()
}

#[test]
fn a_closed_descriptor_is_found_before_anything_is_sent() {
    for fixture in Fixture::both() {
        fixture.write("f", &data(1000));
        fixture.run(&["vault", "create", "v"]).success();
        for (redirection, message) in [
            (">&-", &["standard output is closed", ">/dev/null"][..]),
            ("1</dev/null", &["standard output is not open for writing"]),
            (">&- <&-", &["standard output is closed"]),
        ] {
            for arguments in [&["upload", "v", "f"][..], &["upload", "v", "-"], &["vault", "list"], &["treehash", "f"], &["--help"]]
            {
                fixture.shell(&format!("{RUN} {redirection}"), arguments).failed(252, message);
            }
        }
        // There is nowhere to say why.
        let silent = fixture.shell(&format!("{RUN} 2>&-"), &["upload", "v", "f"]);
        assert_eq!((silent.code, silent.out.as_str()), (252, ""));
        for (redirection, message) in [("<&-", "standard input is closed"), ("0>x", "standard input is not open for reading")] {
            for arguments in [
                &["upload", "v", "-"][..],
                &["treehash", "-"],
                &["treehash", "-c", "-"],
                &["treehash", "/dev/stdin"],
                &["upload", "v", "/dev/fd/0"],
            ] {
                fixture.shell(&format!("{RUN} {redirection}"), arguments).failed(252, &[message]);
            }
        }
        // Only an empty vault can be deleted.
        fixture.run(&["vault", "delete", "v"]).success();
    }
}

#[test]
fn a_restore_to_a_closed_standard_output_begins_no_job() {
    let fixture = Fixture::local();
    fixture.write("f", &data(1000));
    let id = fixture.run(&["upload", "v", "f", "--create-vault"]).success().to_owned();
    for redirection in [">&-", "1</dev/null"] {
        for destination in ["-", "/dev/stdout", "t"] {
            let restore = fixture.shell(&format!("{RUN} {redirection}"), &["restore", "v", &id, "-o", destination]);
            restore.failed(252, &["standard output"]);
        }
    }
    assert_eq!((jobs(&fixture), fixture.names()), (0, vec!["f".to_string()]));
}

/// However it was opened: shells open it for one direction, programs that start others often for both.
#[test]
fn the_users_own_null_device_works() {
    let fixture = Fixture::local();
    fixture.write("f", &data(1000));
    fixture.run(&["vault", "create", "v"]).success();
    for redirection in [">/dev/null", "1<>/dev/null", "2>/dev/null", "2<>/dev/null", ">/dev/null 2>&1", "<&-", "</dev/null"] {
        let up = fixture.shell(&format!("{RUN} {redirection}"), &["upload", "v", "f", "-q"]);
        assert_eq!((up.code, up.err.as_str()), (0, ""), "{redirection}");
    }
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  -";
    for redirection in ["</dev/null", "<>/dev/null"] {
        assert_eq!(fixture.shell(&format!("{RUN} {redirection}"), &["treehash", "-"]).success(), empty);
    }
}

/// The id of an archive is not to be lost: without it the archive is billed, and cannot be restored.
#[test]
fn an_id_that_cannot_be_printed_goes_to_standard_error() {
    for fixture in Fixture::both() {
        fixture.write("f", &data(1000));
        fixture.run(&["vault", "create", "v"]).success();
        for options in [&[][..], &["--output", "json"], &["-q"]] {
            let upload = [&["upload", "v", "f"], options].concat();
            let full = fixture.shell(&format!("{RUN} >/dev/full"), &upload);
            full.failed(74, &["stored in vault v as archive ", "standard output: no space left"]);
            let mut child = fixture.command(&upload).stdout(Stdio::piped()).spawn().unwrap();
            // As `| head -0` does.
            drop(child.stdout.take());
            let gone = child.wait_with_output().unwrap();
            let message = String::from_utf8(gone.stderr).unwrap();
            assert_eq!(gone.status.code(), Some(74), "{message}");
            for message in [&full.err, &message] {
                let id = message.split_once("as archive ").unwrap().1.split_once(';').unwrap().0;
                fixture.run(&["restore", "v", id, "-o", "t"]).success();
                assert_eq!(fixture.read("t"), data(1000));
            }
        }
    }
}

#[test]
fn a_restore_that_cannot_be_printed_says_that_it_is_done() {
    let fixture = Fixture::local();
    fixture.write("f", &data(1000));
    let id = fixture.run(&["upload", "v", "f", "--create-vault"]).success().to_owned();
    for options in [&[][..], &["--output", "json"]] {
        let restore = fixture.shell(&format!("{RUN} >/dev/full"), &[&["restore", "v", &id, "-o", "t"], options].concat());
        restore.failed(74, &["restored and verified in t", "no space left"]);
        assert_eq!(fixture.read("t"), data(1000));
    }
    for arguments in [&["vault", "list"][..], &["treehash", "f"], &["--help"]] {
        fixture.shell(&format!("{RUN} >/dev/full"), arguments).failed(255, &["standard output: no space left"]);
    }
}

/// `script` runs it in a terminal of its own.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_is_not_sent_an_archive_by_accident() {
    let fixture = Fixture::local();
    fixture.write("f", b"for the terminal");
    let id = fixture.run(&["upload", "v", "f", "--create-vault"]).success().to_owned();
    let in_terminal = |destination: &str| {
        let run = format!("'{}' --local data restore v {id} -q -o {destination}", env!("CARGO_BIN_EXE_glacier"));
        fixture.shell(&format!("script -qec \"{run}\" /dev/null"), &[])
    };
    for destination in ["-", "/dev/stdout", "/dev/fd/1"] {
        let refused = in_terminal(destination);
        assert_eq!(refused.code, 252, "{refused:?}");
        assert!(refused.out.contains("is a terminal") && refused.out.contains("-o FILE"), "{refused:?}");
    }
    assert_eq!(jobs(&fixture), 0);
    for destination in ["/dev/tty", "- | cat"] {
        let shown = in_terminal(destination);
        assert_eq!((shown.code, shown.out.as_str()), (0, "for the terminal"), "{destination}");
    }
    let piped = fixture.command(&["restore", "v", &id, "-o", "-"]).output().unwrap();
    assert_eq!(piped.stdout, b"for the terminal");
}
