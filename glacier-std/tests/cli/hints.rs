//! Commands that messages recommend: pasted into a shell they do what was promised, in the same account and region.
#![cfg(unix)]

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::fixture::{Finished, Fixture, command, data, shell, signal, tree_hash};
use crate::service::{self, response};

const JOB: &str = "-Job_1";
const PENDING: &str =
    r#"{"Action":"ArchiveRetrieval","ArchiveId":"-A","StatusCode":"InProgress","Completed":false,"Tier":"Standard"}"#;

/// The command after `marker` in the last line of `message`, run by a shell as it stands.
fn paste(message: &str, marker: &str, dir: &Path) -> Finished {
    let last = message.trim_end().lines().last().unwrap();
    let line = last.rsplit_once(marker).unwrap_or_else(|| panic!("{marker:?} is not in {last:?}")).1;
    let bin = Path::new(env!("CARGO_BIN_EXE_glacier")).parent().unwrap().display().to_string();
    let mut shell = Command::new("bash");
    shell.args(["-c", line]).current_dir(dir).stdin(Stdio::null());
    shell.envs(command(dir).get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("PATH", format!("{bin}:{}", std::env::var("PATH").unwrap()));
    shell.output().unwrap().into()
}

/// A service that keeps the request lines, initiates a job for each POST and responds to others with `otherwise`.
fn recording(otherwise: String) -> (String, Arc<Mutex<Vec<String>>>) {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let url = service::start({
        let requests = Arc::clone(&requests);
        move |request| {
            requests.lock().unwrap().push(request.to_owned());
            match request.starts_with("POST") {
                true => response("202 Accepted", &format!("x-amz-job-id: {JOB}\r\n"), ""),
                false => otherwise.clone(),
            }
        }
    });
    (url, requests)
}

#[test]
fn a_job_is_waited_for_in_the_account_it_was_initiated_in() {
    let fixture = Fixture::local();
    let (url, requests) = recording(response("200 OK", "", PENDING));
    let options = [
        "--endpoint-url",
        &url,
        "--region",
        "ap-south-1",
        "--account-id",
        "111122223333",
        "--tier",
        "Bulk",
        "--no-wait",
        "-o",
        "it's $HOME.tar",
    ]; // fmt: skip
    let mut first = command(fixture.dir.path());
    first.args(["restore", "v", "-A"]).args(options);
    let finished: Finished = first.output().unwrap().into();
    finished.failed(75, &["still in progress", "go on with: glacier restore v -A --job -Job_1 "]);
    assert!(!finished.err.contains("--tier"), "the job has its tier");
    for option in ["--region ap-south-1", "--account-id 111122223333", "--output-file 'it'\\''s $HOME.tar'", &url] {
        assert!(finished.err.contains(option), "{option} is not in {}", finished.err);
    }
    assert_eq!(requests.lock().unwrap().len(), 2);
}

#[test]
fn the_pasted_command_asks_for_the_same_job_and_initiates_none() {
    let fixture = Fixture::local();
    let (url, requests) = recording(response("403 Forbidden", "", r#"{"code":"AccessDeniedException","message":"no"}"#));
    let mut first = command(fixture.dir.path());
    first.args(["--endpoint-url", &url, "--account-id", "111122223333", "restore", "my-vault", "-A", "-o", "a b", "-v"]);
    let finished: Finished = first.output().unwrap().into();
    finished.failed(254, &["AccessDenied", "retrieval job -Job_1", "go on with: "]);
    requests.lock().unwrap().clear();
    let pasted = paste(&finished.err, "go on with: ", fixture.dir.path());
    assert_eq!(pasted.code, 254, "{pasted:?}");
    let requests = requests.lock().unwrap();
    assert_eq!(*requests, [format!("GET /111122223333/vaults/my-vault/jobs/{JOB} HTTP/1.1")]);
    assert!(pasted.err.contains("endpoint"), "-v was given, too: {pasted:?}");
}

#[test]
fn a_job_in_progress_is_a_json_object() {
    let fixture = Fixture::local();
    let (url, _) = recording(response("200 OK", "", PENDING));
    for destination in ["t", "-"] {
        let mut restore = command(fixture.dir.path());
        restore.args(["--endpoint-url", &url, "--output", "json", "restore", "v", "-A", "--no-wait", "-o", destination]);
        let finished: Finished = restore.output().unwrap().into();
        assert_eq!(finished.code, 75);
        let printed: serde_json::Value = serde_json::from_str(&finished.out).unwrap();
        assert_eq!(printed, serde_json::json!({"archiveId": "-A", "jobId": JOB, "status": "InProgress"}));
        assert!(finished.err.contains("go on with: glacier restore v -A --job -Job_1 "), "{}", finished.err);
    }
}

/// Also when standard output cannot be written to.
#[test]
fn a_job_is_not_lost_with_standard_output() {
    let fixture = Fixture::local();
    let (url, _) = recording(response("200 OK", "", PENDING));
    let mut restore = command(fixture.dir.path());
    restore.args(["--endpoint-url", &url, "--output", "json", "restore", "v", "-A", "--no-wait", "-o", "t"]);
    let finished: Finished = shell(r#""$0" "$@" >/dev/full"#, &restore).output().unwrap().into();
    finished.failed(75, &["go on with: glacier restore v -A --job -Job_1 "]);
    assert!(finished.err.contains("standard output: no space left"), "{finished:?}");
}

#[test]
fn every_error_after_a_job_was_initiated_names_it() {
    let fixture = Fixture::local();
    let hash = tree_hash(b"whole");
    let succeeded = format!(
        r#"{{"Action":"ArchiveRetrieval","ArchiveId":"A","StatusCode":"Succeeded","Completed":true,"ArchiveSizeInBytes":5,"SHA256TreeHash":"{hash}"}}"#
    );
    let run = |describe: String, output: String, destination: &str| -> Finished {
        let url = service::start(move |request| match request {
            post if post.starts_with("POST") => response("202 Accepted", &format!("x-amz-job-id: {JOB}\r\n"), ""),
            get if get.contains("/output") => output.clone(),
            _ => describe.clone(),
        });
        let mut restore = command(fixture.dir.path());
        restore.args(["--endpoint-url", &url, "restore", "v", "A", "-o", destination]);
        restore.output().unwrap().into()
    };
    let ok = |body: &str| response("200 OK", "", body);
    let denied = || response("403 Forbidden", "", r#"{"code":"AccessDeniedException","message":"no"}"#);
    let on = "go on with: glacier restore v A --job -Job_1 ";
    run(denied(), String::new(), "t").failed(254, &["AccessDenied", on]);
    run(ok(&succeeded), denied(), "t").failed(254, &["AccessDenied", on]);
    run(ok(&succeeded), ok("other"), "t").failed(255, &["damaged", on]);
    run(ok(&succeeded), ok("whole"), "/dev/full").failed(255, &["/dev/full: no space left", on]);
    // What cannot go on says what to do instead.
    let failed = r#"{"Action":"ArchiveRetrieval","ArchiveId":"A","StatusCode":"Failed","Completed":true,"StatusMessage":"lost"}"#;
    run(ok(failed), String::new(), "t").failed(254, &["job -Job_1 failed: lost", "initiate another with: glacier restore v A "]);
    run(ok(PENDING), String::new(), "t").failed(252, &["another archive", "glacier job list v "]);
    assert_eq!(fixture.names(), Vec::<String>::new());
}

#[test]
fn an_interruption_before_the_job_has_an_id_says_where_to_look() {
    let fixture = Fixture::local();
    let (seen, is_seen) = std::sync::mpsc::channel();
    let seen = Mutex::new(seen);
    let url = service::start(move |_| {
        seen.lock().unwrap().send(()).unwrap();
        std::thread::sleep(std::time::Duration::from_secs(60));
        String::new()
    });
    let mut restore = command(fixture.dir.path());
    restore.args(["--endpoint-url", &url, "restore", "my-vault", "A", "-o", "t"]);
    let child = restore.spawn().unwrap();
    is_seen.recv().unwrap();
    signal(&child, "INT");
    let finished: Finished = child.wait_with_output().unwrap().into();
    let jobs = format!("glacier job list my-vault --endpoint-url {url}");
    finished.failed(130, &["interrupted", "may have been initiated", &jobs]);
}

#[test]
fn a_directory_is_packed_and_uploaded_as_the_message_says() {
    let fixture = Fixture::local();
    std::fs::create_dir_all(fixture.path("my tree/in")).unwrap();
    fixture.write("my tree/in/side", b"found");
    std::fs::create_dir(fixture.path("there")).unwrap();
    symlink("../my tree", fixture.path("there/link")).unwrap();
    fixture.run(&["vault", "create", "v"]).success();
    for directory in ["there/link", "my tree"] {
        let refused = fixture.run(&["upload", "v", directory, "--description", "it's mine", "-q"]);
        refused.failed(252, &["is a directory", "tar -c"]);
        let pasted = paste(&refused.err, "for example with ", fixture.dir.path());
        fixture.run(&["restore", "v", pasted.success(), "-o", "t.tar"]).success();
        let unpacked = tempfile::tempdir().unwrap();
        let tar = Command::new("tar").arg("-xf").arg(fixture.path("t.tar")).arg("-C").arg(unpacked.path()).status().unwrap();
        assert!(tar.success());
        assert_eq!(std::fs::read(unpacked.path().join("my tree/in/side")).unwrap(), b"found", "{directory}");
    }
}

#[test]
fn a_missing_vault_is_created_where_it_is_missing() {
    let fixture = Fixture::local();
    fixture.write("f", &data(10));
    let missing = fixture.run(&["upload", "my-vault", "f"]);
    missing.failed(254, &["create it with `glacier vault create my-vault --local data`", "`glacier vault list --local data`"]);
    let line = missing.err.split('`').nth(1).unwrap();
    paste(&format!("x: {line}"), "x: ", fixture.dir.path()).success();
    fixture.run(&["upload", "my-vault", "f"]).success();
}

#[test]
fn an_unfinished_upload_can_be_started_again() {
    let fixture = Fixture::local();
    fixture.write("a b", &data(3 << 20));
    let url = service::start(|request| match request.starts_with("POST") {
        true => response("201 Created", "x-amz-multipart-upload-id: -U\r\n", ""),
        false => response("403 Forbidden", "", r#"{"code":"AccessDeniedException","message":"no"}"#),
    });
    let mut upload = command(fixture.dir.path());
    upload.args(["--endpoint-url", &url, "upload", "v", "a b", "--part-size", "1M"]);
    let finished: Finished = upload.output().unwrap().into();
    let again = format!("start again with: glacier upload v 'a b' --part-size 1M --endpoint-url {url}");
    finished.failed(254, &["multipart upload -U", &again]);
}
