//! A network that goes away, and a service that says what cannot be true: nothing that was begun or paid for is lost, and no more is
//! written than there is.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use crate::fixture::{Finished, Fixture, MIB, command, data, sha256, tree_hash};
use crate::service::{self, response};

const JOB: &str = "-Job_1";

fn initiated() -> String {
    response("202 Accepted", &format!("x-amz-job-id: {JOB}\r\n"), "")
}

/// The description of a job that has retrieved the archive `A`.
fn succeeded(bytes: &[u8]) -> String {
    let (size, hash) = (bytes.len(), tree_hash(bytes));
    let job = format!(
        r#"{{"Action":"ArchiveRetrieval","ArchiveId":"A","ArchiveSizeInBytes":{size},"StatusCode":"Succeeded","SHA256TreeHash":"{hash}"}}"#
    );
    response("200 OK", "", &job)
}

fn service_error(status: &str, code: &str) -> String {
    response(status, "", &format!(r#"{{"code":"{code}","message":"scripted","type":"Client"}}"#))
}

fn restore(fixture: &Fixture, url: &str, options: &[&str]) -> Finished {
    let mut command = command(fixture.dir.path());
    command.args(["--endpoint-url", url, "restore", "v", "A", "-o", "t"]).args(options).output().unwrap().into()
}

/// Each failure takes the place of a check, more of them than the three attempts of other calls.
#[test]
fn a_restore_survives_a_service_that_fails_while_its_job_is_checked_and_downloaded() {
    let fixture = Fixture::local();
    let (checks, downloads) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let url = service::start(move |request| {
        if request.starts_with("POST") {
            return initiated();
        }
        let turn = if request.contains("/output") { &downloads } else { &checks }.fetch_add(1, SeqCst);
        match turn {
            0 | 3 => String::new(),
            1 | 4 => response("500 Internal Server Error", "", ""),
            2 | 5 => service_error("503 Service Unavailable", "ServiceUnavailableException"),
            _ if request.contains("/output") => response("200 OK", "", "hello, world"),
            _ => succeeded(b"hello, world"),
        }
    });
    assert_eq!(restore(&fixture, &url, &[]).success(), "t");
    assert_eq!(fixture.read("t"), b"hello, world");
}

#[test]
fn every_error_after_a_job_was_initiated_names_it() {
    let fixture = Fixture::local();
    // What is wrong with the check, or, after a good one, with the output.
    let denied = || service_error("403 Forbidden", "AccessDeniedException");
    // Credentials from the environment cannot be renewed.
    let expired = || service_error("403 Forbidden", "ExpiredTokenException");
    let lost = || String::new();
    let damaged = || response("200 OK", "", "hello, wOrld");
    let run = |check: fn() -> String, output: fn() -> String, options: &[&str]| {
        let url = service::start(move |request| match request {
            request if request.starts_with("POST") => initiated(),
            request if request.contains("/output") => output(),
            _ => check(),
        });
        let finished = restore(&fixture, &url, options);
        assert_eq!(fixture.names(), Vec::<String>::new());
        finished
    };
    let good = || succeeded(b"hello, world");
    run(denied, damaged, &[]).failed(254, &["AccessDeniedException", JOB]);
    run(expired, damaged, &[]).failed(254, &["ExpiredTokenException", JOB]);
    run(good, denied, &[]).failed(254, &["AccessDeniedException", JOB]);
    run(good, damaged, &[]).failed(255, &["tree hash", JOB]);
    run(lost, damaged, &["--no-wait"]).failed(255, &["no response", JOB]);
}

/// Serves `succeeded` and then an output that never ends.
fn endless(output_head: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || drop(serve_endless(connection, output_head)));
        }
    });
    url
}

fn serve_endless(mut connection: TcpStream, output_head: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(connection.try_clone()?).lines();
    while let Some(request) = lines.next().transpose()? {
        let head: Vec<String> = lines.by_ref().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
        assert!(!head.is_empty());
        if request.starts_with("POST") {
            // The body has fewer bytes than the reader's buffer, and what follows is another connection's.
            connection.write_all(initiated().replace("content-length", "connection: close\r\ncontent-length").as_bytes())?;
            return Ok(());
        }
        if !request.contains("/output") {
            connection.write_all(succeeded(&data(3 * MIB)).as_bytes())?;
            continue;
        }
        connection.write_all(output_head.as_bytes())?;
        let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        while connection.write_all(piece.as_bytes()).is_ok() {}
    }
    Ok(())
}

#[test]
fn of_a_service_that_sends_more_than_the_archive_no_more_is_written() {
    for head in [
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n",
    ] {
        let fixture = Fixture::local();
        let more = ["sends more than the 3145728 bytes", JOB];
        restore(&fixture, &endless(head), &[]).failed(255, &more);
        assert_eq!(fixture.names(), Vec::<String>::new());
        let mut command = command(fixture.dir.path());
        let finished = command.args(["--endpoint-url", &endless(head), "restore", "v", "A", "-o", "-"]).output().unwrap();
        assert!(finished.stdout.len() <= 3 * MIB, "{} bytes", finished.stdout.len());
        assert!(String::from_utf8_lossy(&finished.stderr).contains(more[0]));
        assert_eq!(finished.status.code(), Some(255));
    }
}

/// Reads a request's head, and gives the tree hash that it states.
fn read_head(connection: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

#[test]
fn a_success_before_the_body_was_read_is_no_success() {
    let fixture = Fixture::local();
    let bytes = data(32 * MIB);
    fixture.write("f", &bytes);
    let hash = tree_hash(&bytes);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut connection in listener.incoming().map_while(Result::ok) {
            let _head = read_head(&mut connection).unwrap();
            let headers = format!("x-amz-archive-id: -Archive_1\r\nx-amz-sha256-tree-hash: {hash}\r\n");
            connection.write_all(response("201 Created", &headers, "").as_bytes()).unwrap();
            // The rest is read so slowly that the response is seen first.
            std::thread::sleep(Duration::from_millis(200));
            while matches!(connection.read(&mut [0; 4096]), Ok(1..)) {}
        }
    });
    let up: Finished = command(fixture.dir.path()).args(["--endpoint-url", &url, "upload", "v", "f"]).output().unwrap().into();
    up.failed(255, &["before the whole body was sent", "may exist", "inventory"]);
}

/// The id is in the response, whatever else is wrong with it.
#[test]
fn a_tree_hash_that_is_wrong_missing_or_unreadable_is_reported_with_the_archives_id() {
    let fixture = Fixture::local();
    fixture.write("f", &data(3 * MIB));
    let zeros = format!("x-amz-sha256-tree-hash: {}\r\n", "0".repeat(64));
    for hash in [zeros.as_str(), "", "x-amz-sha256-tree-hash: ?\r\n"] {
        let headers = format!("x-amz-archive-id: -Archive_1\r\n{hash}");
        let url = service::start(move |_| response("201 Created", &headers, ""));
        let up: Finished = command(fixture.dir.path()).args(["--endpoint-url", &url, "upload", "v", "f"]).output().unwrap().into();
        up.failed(255, &["tree hash", "delete", "-Archive_1"]);
    }
    // In parts it is the last request that makes the archive.
    let zeros = format!("x-amz-archive-id: -Archive_2\r\n{zeros}");
    let mut part = 0;
    let hashes: Vec<String> = data(3 * MIB).chunks(MIB).map(sha256).collect();
    let parts = std::sync::Mutex::new(move || {
        part += 1;
        hashes[part - 1].clone()
    });
    let url = service::start(move |request| match request {
        request if request.starts_with("PUT") => {
            response("204 No Content", &format!("x-amz-sha256-tree-hash: {}\r\n", parts.lock().unwrap()()), "")
        }
        request if request.contains("/multipart-uploads/U") => response("201 Created", &zeros, ""),
        _ => response("201 Created", "x-amz-multipart-upload-id: U\r\n", ""),
    });
    let mut command = command(fixture.dir.path());
    command.args(["--endpoint-url", &url, "upload", "v", "f", "--part-size", "1M", "--concurrency", "1"]);
    Finished::from(command.output().unwrap()).failed(255, &["tree hash", "delete", "-Archive_2"]);
}

/// A relay that is down for a while: it drops what it carries, and refuses connections.
#[test]
fn an_upload_survives_a_network_that_goes_away() {
    let fixture = Fixture::served();
    let bytes = data(8 * MIB);
    fixture.write("f", &bytes);
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let upstream = fixture.url().strip_prefix("http://").unwrap().to_owned();
    std::thread::spawn(move || {
        let mut listener = Some(TcpListener::bind(address).unwrap());
        for carried in [3 * MIB, usize::MAX] {
            relay(listener.take().unwrap_or_else(|| TcpListener::bind(address).unwrap()), &upstream, carried);
            // Nobody listens meanwhile.
            std::thread::sleep(Duration::from_secs(3));
        }
    });
    while TcpStream::connect(address).is_err() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut command = command(fixture.dir.path());
    command.args(["--endpoint-url", &format!("http://{address}"), "-v", "upload", "v", "f", "--create-vault"]);
    command.args(["--part-size", "1M", "--concurrency", "1"]);
    let up: Finished = command.output().unwrap().into();
    let id = up.success().to_owned();
    assert!(up.err.contains("retrying in"), "{}", up.err);
    assert_eq!(fixture.run(&["restore", "v", &id, "-o", "t"]).success(), "t");
    assert!(fixture.read("t") == bytes);
}

/// Carries connections one after the other, until they have brought this many bytes.
fn relay(listener: TcpListener, upstream: &str, mut most: usize) {
    for client in listener.incoming().map_while(Result::ok) {
        let Ok(server) = TcpStream::connect(upstream) else { return };
        let (mut back, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut back, &mut to));
        let (mut from, mut server, mut buf) = (client, server, vec![0; 0x10000]);
        loop {
            match from.read(&mut buf) {
                Ok(got @ 1..) if got < most => {
                    most -= got;
                    if server.write_all(&buf[..got]).is_err() {
                        break;
                    }
                }
                Ok(0) | Err(_) => break,
                Ok(_) => {
                    let _ = (from.shutdown(std::net::Shutdown::Both), server.shutdown(std::net::Shutdown::Both));
                    return;
                }
            }
        }
        let _ = (from.shutdown(std::net::Shutdown::Both), server.shutdown(std::net::Shutdown::Both));
    }
}
