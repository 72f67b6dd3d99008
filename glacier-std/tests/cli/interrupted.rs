//! Ctrl-C removes temporary files and reports what remains at the service.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

use crate::fixture::{Finished, Fixture, command, shell, signal, wait_until};
use crate::service::{self, response};

const JOB: &str = "-Job_1";
/// Also where the tests themselves are run by nohup.
const RUN: &str = if cfg!(target_os = "linux") { r#"exec env --default-signal=HUP "$0" "$@""# } else { r#"exec "$0" "$@""# };

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

#[test]
fn an_interrupted_restore_reports_its_job_and_leaves_nothing() {
    for (name, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let fixture = Fixture::local();
        fixture.write("t", b"precious");
        let mut command = command(fixture.dir.path());
        command.args(["--endpoint-url", &slow_service(), "restore", "v", "A", "-o", "t", "-v"]);
        let mut child = shell(RUN, &command).spawn().unwrap();
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

/// A process whose terminal goes away goes on if nohup started it.
#[cfg(target_os = "linux")]
#[test]
fn nohup_is_honoured() {
    let fixture = Fixture::local();
    let mut command = command(fixture.dir.path());
    command.args(["--endpoint-url", &slow_service(), "restore", "v", "A", "-o", "t"]);
    let mut child = shell(r#"trap '' HUP; exec "$0" "$@""#, &command).spawn().unwrap();
    let mut messages = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(messages.any(|line| line.unwrap().contains("still in progress")), "it waits");
    signal(&child, "HUP");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(child.try_wait().unwrap(), None);
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(143));
}

/// A pipe without a writer, without a reader, and with a reader that does not read: each holds a thread of the process.
#[cfg(target_os = "linux")]
#[test]
fn a_pipe_that_nobody_uses() {
    let fixture = Fixture::served();
    fixture.write("f", &vec![7; 2 << 20]);
    let id = fixture.run(&["upload", "v", "f", "--create-vault"]).success().to_owned();
    assert!(std::process::Command::new("mkfifo").arg(fixture.path("fifo")).status().unwrap().success());
    for (name, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        for (before, redirection, arguments) in [
            ("", "", &["upload", "v", "fifo"][..]),
            ("", "", &["restore", "v", &id, "-o", "fifo"]),
            ("exec 3<>fifo;", "", &["restore", "v", &id, "-o", "fifo"]),
            ("exec 3<>fifo;", "", &["restore", "v", &id, "-o", "/dev/fd/3"]),
            ("exec 3<>fifo;", ">fifo", &["restore", "v", &id, "-o", "-"]),
            // Messages go the same way.
            ("exec 3<>fifo; head -c 65536 /dev/zero >fifo;", ">fifo 2>&1", &["restore", "v", &id, "-o", "-", "-v"]),
        ] {
            let script = format!("{before} {RUN} {redirection}");
            let mut child = shell(&script, &fixture.command(arguments)).spawn().unwrap();
            let status = format!("/proc/{}/status", child.id());
            // The signals are caught: 2 of SIGINT's bit, the second.
            wait_until("the command is running", || {
                let status = std::fs::read_to_string(&status).unwrap();
                let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:\t")).unwrap();
                status.starts_with("Name:\tglacier") && u64::from_str_radix(caught, 16).unwrap() & 2 == 2
            });
            std::thread::sleep(Duration::from_millis(100));
            assert_eq!(child.try_wait().unwrap(), None, "{arguments:?} waits");
            signal(&child, name);
            let mut ended = None;
            wait_until("the end of the command", || {
                ended = child.try_wait().unwrap();
                ended.is_some()
            });
            assert_eq!(ended.unwrap().code(), Some(code), "{arguments:?}");
        }
    }
    assert_eq!(fixture.names(), ["f", "fifo"]);
}

/// The archive is there, and its id in a pipe that nobody reads.
#[cfg(target_os = "linux")]
#[test]
fn an_id_that_is_not_read_is_told_on_an_interruption() {
    for fixture in Fixture::both() {
        fixture.write("f", b"here");
        fixture.run(&["vault", "create", "v"]).success();
        assert!(std::process::Command::new("mkfifo").arg(fixture.path("fifo")).status().unwrap().success());
        let script = format!("exec 3<>fifo; head -c 65536 /dev/zero >fifo; {RUN} >fifo");
        let mut child = shell(&script, &fixture.command(&["upload", "v", "f"])).spawn().unwrap();
        let mut messages = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(messages.any(|line| line.unwrap().contains("uploaded")), "the summary comes before");
        std::thread::sleep(Duration::from_millis(100));
        signal(&child, "TERM");
        assert_eq!(child.wait().unwrap().code(), Some(143));
        let last = messages.map_while(Result::ok).last().unwrap();
        let id = last.split_once("stored in vault v as archive ").unwrap().1;
        assert_eq!(fixture.run(&["restore", "v", id, "-o", "-"]).success(), "here");
    }
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
