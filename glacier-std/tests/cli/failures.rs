//! Failures are reported in one line with the right exit code, and no files are left.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use crate::fixture::{Finished, Fixture, MIB, command, data, sha256};
use crate::service::{self, response};

#[test]
fn inputs_that_cannot_be_uploaded() {
    for fixture in Fixture::both() {
        fixture.write("empty", b"");
        fixture.write("f", b"x");
        fixture.run(&["upload", "v", "empty", "--create-vault"]).failed(252, &["empty", "1 byte"]);
        fixture.run_with_input(&["upload", "v", "-", "--create-vault"], b"").failed(252, &["standard input is empty"]);
        assert_eq!(fixture.run(&["vault", "list"]).success(), "", "no vault is created for an invalid input");
        fixture.run(&["upload", "v", "."]).failed(252, &["is a directory", "tar"]);
        fixture.run(&["upload", "v", "gone"]).failed(255, &["gone: no such file"]);
        fixture.run(&["upload", "nosuch", "f"]).failed(254, &["ResourceNotFoundException", "glacier vault create nosuch"]);
        let café = fixture.run(&["upload", "v", "f", "--description", "café"]);
        café.failed(252, &["printable ASCII", "byte 3"]);
        // HTTP would take these blanks away.
        for (description, place) in [(" x", "byte 0"), ("x ", "byte 1"), ("  ", "byte 0")] {
            let blank = fixture.run(&["upload", "v", "f", "--description", description]);
            blank.failed(252, &["--description: an archive does not keep blanks around its description", place, "leave it out"]);
        }
        for (size, fix) in [("3MiB", "use 2 MiB or 4 MiB"), ("512K", "use 1 MiB"), ("8GiB", "use 4096 MiB"), ("0", "use 1 MiB")] {
            let finished = fixture.run(&["upload", "v", "f", "--part-size", size]);
            finished.failed(252, &["--part-size", "power of two from 1048576 to 4294967296 bytes", fix]);
        }
        fixture.run(&["upload", "v", "f", "--expected-size", "1G"]).failed(252, &["--expected-size"]);
    }
}

#[test]
fn a_file_that_needs_larger_parts() {
    let fixture = Fixture::local();
    // Sparse: it occupies no disk space, and is not read.
    std::fs::File::create(fixture.path("large")).unwrap().set_len(20 << 30).unwrap();
    fixture.run(&["upload", "v", "large", "--part-size", "1M"]).failed(252, &["large", "at most 10000 parts", "4 MiB or more"]);
}

#[test]
fn invalid_vault_names() {
    let fixture = Fixture::local();
    fixture.write("f", b"x");
    let long = "x".repeat(256);
    for name in ["", ".", "..", "a b", "a/b", "é", &long] {
        for line in [
            &["upload", name, "f"][..],
            &["vault", "create", name],
            &["vault", "info", name],
            &["restore", name, "id"],
            &["job", "list", name],
        ] {
            fixture.run(line).failed(252, &["vault name"]);
        }
    }
    fixture.run(&["--account-id", "12", "vault", "list"]).failed(252, &["--account-id", "12 digits"]);
}

#[test]
fn usage_is_252_and_help_is_0() {
    let fixture = Fixture::local();
    for line in
        [&[][..], &["nosuch"], &["upload"], &["--output", "xml", "vault", "list"], &["upload", "v", "f", "--part-size", "x"]]
    {
        let finished: Finished = command(fixture.dir.path()).args(line).output().unwrap().into();
        assert_eq!((finished.code, finished.out.as_str()), (252, ""), "{line:?}");
        assert!(!finished.err.is_empty());
    }
    for line in [&["--help"][..], &["--version"], &["upload", "--help"], &["restore", "-h"]] {
        let finished: Finished = command(fixture.dir.path()).args(line).output().unwrap().into();
        assert!(finished.success().contains("glacier") && finished.err.is_empty(), "{line:?}");
    }
}

#[test]
fn endpoint_region_and_credentials() {
    let fixture = Fixture::local();
    let run = |set: &[(&str, Option<&str>)], line: &[&str]| -> Finished {
        let mut command = command(fixture.dir.path());
        for (name, value) in set {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.args(line).args(["vault", "list"]).output().unwrap().into()
    };
    run(&[("AWS_REGION", None)], &[]).failed(253, &["region"]);
    run(&[("AWS_ACCESS_KEY_ID", None), ("AWS_SECRET_ACCESS_KEY", None)], &["--endpoint-url", "http://127.0.0.1:9"])
        .failed(253, &["credentials"]);
    run(&[], &["--profile", "nosuch"]).failed(253, &["nosuch"]);
    run(&[], &["--endpoint-url", "ftp://x"]).failed(253, &["ftp"]);
    run(&[], &["--endpoint-url", "http://glacier.eu-west-1.amazonaws.com"]).failed(253, &["--insecure-http"]);
    // Port 9 (discard): nothing listens there.
    run(&[], &["--endpoint-url", "http://127.0.0.1:9"]).failed(255, &["could not connect to 127.0.0.1:9"]);
    // --local needs neither credentials nor region.
    run(&[("AWS_REGION", None), ("AWS_ACCESS_KEY_ID", None)], &["--local", "data"]).success();
}

#[test]
fn destinations_that_cannot_be_written_to() {
    let fixture = Fixture::local();
    fixture.write("f", &data(2 * MIB));
    let id = fixture.run(&["upload", "v", "f", "--create-vault"]).success().to_owned();
    fixture.run(&["restore", "v", &id, "-o", "no/t"]).failed(255, &["no/t: no such file or directory"]);
    fixture.run(&["restore", "v", &id, "-o", "."]).failed(252, &["is a directory", "-o"]);
    fixture.run(&["restore", "v", &id, "-o", "/dev/full"]).failed(255, &["/dev/full: no space left"]);
    assert_eq!(
        fixture.json(&["job", "list", "v"])["JobList"].as_array().unwrap().len(),
        1,
        "a job is initiated only once the destination is open"
    );
}

/// The process's file size limit takes the place of a full disk.
#[cfg(unix)]
#[test]
fn a_restore_that_does_not_fit_leaves_the_existing_file() {
    for fixture in Fixture::both() {
        fixture.write("f", &data(3 * MIB));
        let id = fixture.run(&["upload", "v", "f", "--create-vault"]).success().to_owned();
        fixture.write("t", b"precious");
        // A local vault stays below the limit: it writes only a few pages. The signal is ignored, and not.
        for ignored in ["trap '' XFSZ;", ""] {
            let script = format!("{ignored} ulimit -f 2300; exec \"$0\" \"$@\"");
            let finished = fixture.shell(&script, &["restore", "v", &id, "-o", "t"]);
            finished
                .failed(255, &["t: larger than", "file size limit", "2355200 bytes", "ulimit -f unlimited", "go on with: glacier"]);
        }
        assert_eq!(fixture.read("t"), b"precious");
        assert_eq!(fixture.names(), ["f", "t"]);
    }
}

/// Also where the limit is not met by a restored file: a part of standard input, what is printed, a vault.
#[cfg(unix)]
#[test]
fn the_file_size_limit_is_an_error_everywhere() {
    let fixture = Fixture::served();
    fixture.run(&["vault", "create", "v"]).success();
    let pipe = r#"ulimit -f 1024; head -c 3000000 /dev/zero | "$0" "$@""#;
    fixture.shell(pipe, &["upload", "v", "-"]).failed(255, &["1048576 bytes", "TMPDIR"]);
    fixture.write("f", &data(3 * MIB));
    let print = r#"ulimit -f 0; "$0" "$@" >out"#;
    fixture.shell(print, &["treehash", "f"]).failed(255, &["standard output", "limit of this process, 0 bytes"]);
    let local = Fixture::local();
    local.run(&["vault", "create", "v"]).success();
    local.write("f", &data(3 * MIB));
    let store = local.shell(r#"ulimit -f 2300; "$0" "$@""#, &["upload", "v", "f"]);
    store.failed(255, &["file size limit of this process is 2355200 bytes", "ulimit -f unlimited"]);
}

/// The service reads only the head of an upload, the file changes, and the service reads on.
#[test]
fn a_file_that_changes_between_hashing_and_sending() {
    let fixture = Fixture::local();
    fixture.write("f", &data(24 * MIB));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let child = command(fixture.dir.path()).args(["--endpoint-url", &url, "upload", "v", "f"]).spawn().unwrap();
    let (mut connection, _) = listener.accept().unwrap();
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    // The file is larger than all buffers on the way, so its last byte is not yet read.
    let mut bytes = fixture.read("f");
    *bytes.last_mut().unwrap() ^= 1;
    std::thread::sleep(std::time::Duration::from_millis(20));
    fixture.write("f", &bytes);
    let mut sink = vec![0; MIB];
    let mut got = 0;
    while let Ok(count @ 1..) = connection.read(&mut sink) {
        got += count;
    }
    assert!(got < bytes.len(), "the request was aborted before its end");
    let _ = connection.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    let finished: Finished = child.wait_with_output().unwrap().into();
    finished.failed(255, &["f: it changed while it was read"]);
}

#[test]
fn a_wrong_tree_hash_is_reported_with_the_archives_id() {
    let fixture = Fixture::local();
    fixture.write("f", b"x");
    let hash = format!("x-amz-archive-id: -Archive_1\r\nx-amz-sha256-tree-hash: {}\r\n", "0".repeat(64));
    let url = service::start(move |_| response("201 Created", &hash, ""));
    let up: Finished = command(fixture.dir.path()).args(["--endpoint-url", &url, "upload", "v", "f"]).output().unwrap().into();
    up.failed(255, &["tree hash", "-Archive_1", "delete"]);
}

/// Nothing was sent, so that even an upload, which is not idempotent, is safe to retry.
#[test]
fn an_upload_is_retried_until_the_service_accepts_connections() {
    let fixture = Fixture::local();
    fixture.write("f", b"x");
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut command = command(fixture.dir.path());
    command.args(["--endpoint-url", &format!("http://{address}"), "-v", "upload", "v", "f"]);
    let mut child = command.spawn().unwrap();
    let mut messages = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(messages.any(|line| line.unwrap().contains("retrying in")), "a refused connection is retried");
    let headers = format!("x-amz-archive-id: -Archive_1\r\nx-amz-sha256-tree-hash: {}\r\n", sha256(b"x"));
    service::start_at(&address, move |_| response("201 Created", &headers, ""));
    let up = child.wait_with_output().unwrap();
    assert_eq!((up.status.code(), up.stdout.as_slice()), (Some(0), &b"-Archive_1\n"[..]));
}

#[test]
fn an_upload_without_a_response_may_have_created_an_archive() {
    let fixture = Fixture::local();
    fixture.write("f", b"x");
    let url = service::start(|_| String::new());
    let up: Finished = command(fixture.dir.path()).args(["--endpoint-url", &url, "upload", "v", "f"]).output().unwrap().into();
    up.failed(255, &["may exist", "inventory"]);
}

#[test]
fn a_restore_without_a_response_may_have_initiated_a_job() {
    let fixture = Fixture::local();
    let url = service::start(|_| String::new());
    let restore = command(fixture.dir.path()).args(["--endpoint-url", &url, "restore", "v", "A", "-o", "t"]).output().unwrap();
    Finished::from(restore).failed(255, &["job may have", "jobs"]);
    assert_eq!(fixture.names(), Vec::<String>::new());
}
