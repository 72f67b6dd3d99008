//! Where a restored archive goes: descriptors, links, and what a killed restore left there.
#![cfg(unix)]

use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::{Child, Command};

use crate::fixture::{Finished, Fixture, command, data, wait_until};
use crate::service::{self, response};

fn stored(bytes: &[u8]) -> (Fixture, String) {
    let fixture = Fixture::local();
    fixture.write("f", bytes);
    let id = fixture.run(&["upload", "v", "f", "--create-vault"]).success().to_owned();
    (fixture, id)
}

#[test]
fn what_names_an_open_descriptor_is_written_through_it() {
    let bytes = data(200_000);
    let (fixture, id) = stored(&bytes);
    symlink("/dev/fd/3", fixture.path("link")).unwrap();
    for (redirection, name) in [
        (">>log", "/dev/stdout"),
        ("3>>log", "/dev/fd/3"),
        ("3>>log", "/proc/self/fd/3"),
        ("3>>log", "/proc/thread-self/fd/3"),
        ("3>>log", "link"),
        // The offset is shared: what is written before stays, and what comes after follows.
        (">log", "/dev/stdout"),
        ("3>log", "/dev/fd/3"),
        ("3<>log", "link"),
    ] {
        let append = redirection.contains(">>");
        fixture.write("log", if append { b"old\n" } else { b"" });
        let inode = std::fs::metadata(fixture.path("log")).unwrap().ino();
        let number = if redirection.starts_with('3') { "3" } else { "1" };
        let script = format!("{{ echo before >&{number}; \"$0\" \"$@\" || exit; echo after >&{number}; }} {redirection}");
        let restore = fixture.shell(&script, &["restore", "v", &id, "-q", "-o", name]);
        assert_eq!((restore.code, restore.err.as_str()), (0, ""), "{redirection} {name}");
        let start: &[u8] = if append { b"old\nbefore\n" } else { b"before\n" };
        assert!(fixture.read("log") == [start, &bytes, b"after\n"].concat(), "{redirection} {name}");
        assert_eq!(std::fs::metadata(fixture.path("log")).unwrap().ino(), inode, "{redirection} {name}");
    }
    assert_eq!(fixture.names(), ["f", "link", "log"]);
    let script = r#"set -o pipefail; "$0" "$@" | head -c 5"#;
    for name in ["/dev/stdout", "-"] {
        let restore = fixture.shell(script, &["restore", "v", &id, "-o", name]);
        assert_eq!((restore.code, !restore.out.is_empty()), (141, true), "{restore:?}");
        assert!(restore.err.contains("whoever read it is gone") && restore.err.contains("go on with: "), "{restore:?}");
    }
}

#[test]
fn a_descriptor_that_cannot_be_written_to_begins_no_job() {
    let (fixture, id) = stored(b"x");
    for (redirection, name, message) in [
        ("", "/dev/fd/37", "descriptor 37 is not open"),
        ("3<f", "/dev/fd/3", "not open for writing"),
        ("", "/dev/stdin", "not open for writing"),
    ] {
        fixture.shell(&format!("\"$0\" \"$@\" {redirection}"), &["restore", "v", &id, "-o", name]).failed(252, &[name, message]);
    }
    assert!(fixture.json(&["job", "list", "v"])["JobList"].as_array().unwrap().is_empty());
    assert_eq!(fixture.read("f"), b"x");
}

#[test]
fn a_link_is_followed_whether_or_not_its_target_exists() {
    let (fixture, id) = stored(b"new");
    std::fs::create_dir(fixture.path("disk")).unwrap();
    symlink("disk/out", fixture.path("out")).unwrap();
    for _ in 0..2 {
        fixture.run(&["restore", "v", &id, "-o", "out"]).success();
        assert_eq!(std::fs::read_link(fixture.path("out")).unwrap(), Path::new("disk/out"));
        assert_eq!(fixture.read("disk/out"), b"new");
        std::fs::write(fixture.path("disk/out"), "old").unwrap();
    }
    symlink("gone/out", fixture.path("far")).unwrap();
    fixture.run(&["restore", "v", &id, "-o", "far"]).failed(255, &["far: no such file or directory"]);
    // Without -o, a link is in the way as a file is, and this is said before a job is paid for.
    let jobs = || fixture.json(&["job", "list", "v"])["JobList"].as_array().unwrap().len();
    let before = jobs();
    symlink("nowhere", fixture.path(&format!("archive-{}", &id[..16]))).unwrap();
    fixture.run(&["restore", "v", &id]).failed(252, &["already exists"]);
    assert_eq!(jobs(), before);
}

/// A restore to `t` whose job stays in progress, running; and the name of its temporary file.
fn waiting(fixture: &Fixture, url: &str) -> (Child, String) {
    let before = fixture.names();
    let child = restore(fixture, url).spawn().unwrap();
    let mut new = None;
    wait_until("the temporary file", || {
        new = fixture.names().into_iter().find(|name| name.ends_with(".part") && !before.contains(name));
        new.is_some()
    });
    (child, new.unwrap())
}

fn restore(fixture: &Fixture, url: &str) -> Command {
    let mut command = command(fixture.dir.path());
    command.args(["--endpoint-url", url, "restore", "v", "A", "-o", "t"]);
    command
}

#[test]
fn what_a_killed_restore_left_is_removed_by_the_next_and_nothing_else() {
    let fixture = Fixture::local();
    let url = service::start(|request| match request.starts_with("POST") {
        true => response("202 Accepted", "x-amz-job-id: J\r\n", ""),
        false => response("200 OK", "", r#"{"Action":"ArchiveRetrieval","ArchiveId":"A","StatusCode":"InProgress","Tier":"Bulk"}"#),
    });
    let (mut killed, left) = waiting(&fixture, &url);
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(fixture.names(), [&*left], "nothing can be done about SIGKILL");
    let (mut running, its) = waiting(&fixture, &url);
    assert_eq!(fixture.names(), [&*its]);
    // Another restore to the same target comes and goes.
    let passing: Finished = restore(&fixture, &url).arg("--no-wait").output().unwrap().into();
    passing.failed(75, &["still in progress"]);
    assert_eq!(fixture.names(), [its], "a running restore keeps its file");
    running.kill().unwrap();
    running.wait().unwrap();
    let mut elsewhere = command(fixture.dir.path());
    elsewhere.args(["--endpoint-url", &url, "restore", "v", "A", "-o", "other", "--no-wait"]);
    Finished::from(elsewhere.output().unwrap()).failed(75, &[]);
    assert_eq!(fixture.names().len(), 1, "of another target nothing is removed");
}
