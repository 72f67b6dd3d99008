//! Ctrl-C removes temporary files and reports what remains at the service.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::fixture::{Finished, Fixture, command, signal};
use crate::service::{self, response};

const JOB: &str = "-Job_1";

/// A service whose only job stays in progress.
fn slow_service() -> String {
    service::start(|request| {
        if request.starts_with("POST") {
            response("202 Accepted", &format!("x-amz-job-id: {JOB}\r\n"), "")
        } else {
            let job =
                r#"{"Action":"ArchiveRetrieval","ArchiveId":"A","StatusCode":"InProgress","Completed":false,"Tier":"Standard"}"#;
            response("200 OK", "", job)
        }
    })
}

/// Polls for at most twenty seconds.
fn wait_until(what: &str, mut is_done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_done() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_interrupted_restore_reports_its_job_and_leaves_nothing() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let fixture = Fixture::local();
        fixture.write("t", b"precious");
        let mut command = command(fixture.dir.path());
        command.args(["--endpoint-url", &slow_service(), "restore", "v", "A", "-o", "t", "-v"]);
        let mut child = command.spawn().unwrap();
        let mut messages = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(messages.any(|line| line.unwrap().contains("still in progress")), "it waits");
        assert_eq!(fixture.names().len(), 2, "the temporary file is there");
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(code));
        let last = messages.map_while(Result::ok).last().unwrap();
        assert!(last.contains("interrupted") && last.contains(&format!("glacier restore v A --job {JOB}")), "{last}");
        assert_eq!((fixture.names(), fixture.read("t")), (vec!["t".to_string()], b"precious".to_vec()));
    }
}

#[test]
fn no_wait_exits_with_75_and_says_how_to_resume() {
    let fixture = Fixture::local();
    let mut command = command(fixture.dir.path());
    command.args(["--endpoint-url", &slow_service(), "restore", "v", "A", "-o", "t", "--no-wait"]);
    let finished: Finished = command.output().unwrap().into();
    finished.failed(75, &["still in progress", &format!("glacier restore v A --job {JOB}")]);
    assert_eq!(fixture.names(), Vec::<String>::new());
}

#[test]
fn an_upload_from_a_pipe_that_never_ends() {
    for fixture in Fixture::both() {
        fixture.run(&["vault", "create", "v"]).success();
        let temporary = tempfile::tempdir().unwrap();
        let mut command = fixture.command(&["upload", "v", "-", "--part-size", "1M", "-v"]);
        let mut child = command.env("TMPDIR", temporary.path()).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(&vec![7; (1 << 20) + 5]).unwrap();
        let mut messages = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(messages.any(|line| line.unwrap().contains("uploaded part 1")), "the first part is sent");
        signal(&child, "INT");
        let mut code = None;
        wait_until("the end of the upload", || {
            code = child.try_wait().unwrap();
            code.is_some()
        });
        drop(stdin);
        assert_eq!(code.unwrap().code(), Some(130));
        let last = messages.map_while(Result::ok).last().unwrap();
        assert!(last.contains("interrupted") && last.contains("multipart upload"), "{last}");
        assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0, "the temporary file of the part is gone");
        // Only an empty vault can be deleted.
        fixture.run(&["vault", "delete", "v"]).success();
    }
}
