//! What standard error says of a transfer where it is no terminal.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::fixture::{Finished, Fixture, MIB, command, data, tree_hash};
use crate::service::{self, response};

#[test]
fn a_summary_has_bytes_parts_and_tree_hash() {
    for fixture in Fixture::both() {
        let bytes = data(2 * MIB + 5);
        fixture.write("f", &bytes);
        let end = format!("tree hash {}\n", tree_hash(&bytes));
        let up = fixture.run(&["upload", "v", "f", "--create-vault", "--part-size", "1M"]);
        assert!(up.err.starts_with("glacier: uploaded 2.0 MiB (2097157 bytes) in "), "{up:?}");
        assert!(up.err.ends_with(&format!(", 3 parts, {end}")) && up.err.lines().count() == 1, "{up:?}");
        let back = fixture.run(&["restore", "v", up.success(), "-o", "t"]);
        assert!(back.err.starts_with("glacier: restored 2.0 MiB (2097157 bytes) in "), "{back:?}");
        assert!(back.err.ends_with(&end) && back.err.lines().count() == 1, "{back:?}");
        assert_eq!(fixture.run(&["upload", "v", "f", "-q"]).err, "");
        let none = fixture.run(&["upload", "v", "f", "--progress", "none"]);
        assert!(none.err.starts_with("glacier: uploaded") && none.err.lines().count() == 1, "{none:?}");
    }
}

fn objects(finished: &Finished) -> Vec<Value> {
    finished.err.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"))).collect()
}

#[test]
fn json_is_one_object_a_line() {
    let fixture = Fixture::local();
    let bytes = data(MIB + 1);
    fixture.write("f", &bytes);
    let up = fixture.run(&["upload", "v", "f", "--create-vault", "--part-size", "1M", "--progress", "json"]);
    let id = up.success();
    let events: Vec<_> = objects(&up).into_iter().filter(|object| object["event"] != "progress").collect();
    let upload_id = events[0]["uploadId"].as_str().unwrap();
    assert_eq!(events[0], json!({"event": "multipartInitiated", "uploadId": upload_id, "partSize": MIB, "parts": 2}));
    let mut parts: Vec<_> = events[1..3].iter().map(|event| event["part"].as_u64().unwrap()).collect();
    parts.sort_unstable();
    assert_eq!(parts, [1, 2]);
    let done = events.last().unwrap();
    assert_eq!(
        (&done["event"], &done["bytes"], &done["parts"], &done["treeHash"]),
        (&json!("done"), &json!(MIB + 1), &json!(2), &json!(tree_hash(&bytes)))
    );
    assert!(done["seconds"].is_f64());
    // Restores: to a file, and to standard output, which stays the archive's alone.
    let back = fixture.run(&["restore", "v", id, "-o", "t", "--progress", "json"]);
    let events = objects(&back);
    assert_eq!((events[0]["event"].as_str(), events.last().unwrap()["event"].as_str()), (Some("jobInitiated"), Some("done")));
    // An error is an object too.
    let failed = fixture.run(&["vault", "info", "nosuch", "--progress", "json"]);
    let objects = objects(&failed);
    assert_eq!((failed.code, objects.len(), &objects[0]["event"]), (254, 1, &json!("message")));
    assert!(objects[0]["text"].as_str().unwrap().contains("ResourceNotFoundException"), "{failed:?}");
}

/// A service that fails the first request for a part, and accepts the rest without a tree hash of its own.
fn flaky(failures: u32) -> String {
    let count = AtomicU32::new(0);
    service::start(move |request| {
        if request.starts_with("POST") {
            return response("201 Created", "x-amz-multipart-upload-id: U\r\n", "");
        }
        match count.fetch_add(1, Ordering::Relaxed) < failures {
            true => response(
                "503 Service Unavailable",
                "x-amzn-requestid: R\r\n",
                r#"{"code":"ServiceUnavailableException","type":"Server","message":"come back later"}"#,
            ),
            false => response("403 Forbidden", "", r#"{"code":"AccessDeniedException","type":"Client","message":"enough"}"#),
        }
    })
}

fn upload_to(url: &str, options: &[&str]) -> Finished {
    let fixture = Fixture::local();
    fixture.write("f", &data(MIB + 1));
    let mut command = command(fixture.dir.path());
    command.args(["--endpoint-url", url, "upload", "v", "f", "--part-size", "1M", "--concurrency", "1"]).args(options);
    command.output().unwrap().into()
}

#[test]
fn a_retry_says_which_part_failed_why_and_when_it_is_tried_again() {
    let failed = upload_to(&flaky(3), &[]);
    assert_eq!(failed.code, 254, "{failed:?}");
    let retries: Vec<_> = failed.err.lines().filter(|line| line.contains("retrying in")).collect();
    // The second and the third time it is the same part and the same reason.
    assert_eq!(retries.len(), 1, "{failed:?}");
    let start = "glacier: part 1 of 2: the service returned 503 ServiceUnavailableException: come back later";
    assert!(
        retries[0].starts_with(start) && retries[0].contains("; retrying in 0.") && retries[0].ends_with(" s (attempt 2)"),
        "{failed:?}"
    );
    let verbose = upload_to(&flaky(3), &["-v"]);
    let retries: Vec<_> = verbose.err.lines().filter(|line| line.contains("retrying in")).collect();
    assert_eq!((retries.len(), retries[2].ends_with("(attempt 4)")), (3, true), "{verbose:?}");
    let json = upload_to(&flaky(3), &["--progress", "json"]);
    let retries: Vec<_> = objects(&json).into_iter().filter(|object| object["event"] == "retrying").collect();
    assert_eq!(retries.len(), 3, "{json:?}");
    assert_eq!(
        (&retries[1]["operation"], &retries[1]["part"], &retries[1]["attempt"]),
        (&json!("UploadMultipartPart"), &json!(1), &json!(3)),
        "{json:?}"
    );
    assert!(retries[1]["reason"].as_str().unwrap().contains("come back later") && retries[1]["waitSeconds"].is_f64(), "{json:?}");
    let quiet = upload_to(&flaky(3), &["-q"]);
    assert!(!quiet.err.contains("retrying"), "{quiet:?}");
}

#[test]
fn any_other_request_names_its_operation() {
    let unavailable = r#"{"code":"ServiceUnavailableException","type":"Server","message":"come back later"}"#;
    for (arguments, operation) in [
        (&["vault", "info", "v"][..], "DescribeVault"),
        (&["vault", "list"], "ListVaults"),
        (&["vault", "delete", "v"], "DeleteVault"),
        (&["job", "list", "v"], "ListJobs"),
        (&["job", "info", "v", "J"], "DescribeJob"),
        (&["archive", "delete", "v", "A"], "DeleteArchive"),
        (&["restore", "v", "A", "-o", "t", "--job", "J", "--no-wait"], "DescribeJob"),
    ] {
        let url = service::start(move |_| response("503 Service Unavailable", "", unavailable));
        let fixture = Fixture::local();
        let finished: Finished =
            command(fixture.dir.path()).args(["--endpoint-url", &url]).args(arguments).output().unwrap().into();
        let start = format!("glacier: {operation}: the service returned 503");
        assert!(finished.err.starts_with(&start), "{arguments:?}: {finished:?}");
    }
}
