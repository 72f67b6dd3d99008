//! Vaults and jobs, under the member names of the Glacier API.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::fixture::{Finished, Fixture, command};
use crate::service::{self, response};

#[test]
fn lists_of_many_pages() {
    for fixture in Fixture::both() {
        assert_eq!(fixture.run(&["--output", "json", "vault", "list"]).success(), r#"{"VaultList":[]}"#);
        assert_eq!(fixture.run(&["vault", "list"]).success(), "");
        // More than two pages of the service's ten.
        let names: Vec<_> = (0..23).map(|n| format!("v{n:02}")).collect();
        for name in &names {
            fixture.run(&["vault", "create", name]).success();
        }
        let list = fixture.json(&["vault", "list"]);
        let list = list["VaultList"].as_array().unwrap();
        assert_eq!(list.iter().map(|vault| vault["VaultName"].as_str().unwrap()).collect::<Vec<_>>(), names);
        let text = fixture.run(&["vault", "list"]);
        assert_eq!(text.success().lines().count(), 23);
        let info = fixture.json(&["vault", "info", "v07"]);
        assert_eq!(info["VaultARN"], list[7]["VaultARN"]);
        for member in ["CreationDate", "LastInventoryDate", "NumberOfArchives", "SizeInBytes"] {
            assert!(info.get(member).is_some(), "{member} in {info}");
        }
    }
}

#[test]
fn a_vault_is_created_used_and_deleted() {
    for fixture in Fixture::both() {
        fixture.write("f", b"x");
        assert_eq!(fixture.json(&["vault", "create", "v"])["location"], "/000000000000/vaults/v");
        let id = fixture.run(&["upload", "v", "f", "--description", "-a text-"]).success().to_owned();
        fixture.run(&["restore", "v", &id, "-o", "t"]).success();
        let jobs = fixture.json(&["job", "list", "v"]);
        let job = &jobs["JobList"][0];
        assert_eq!((&job["Action"], &job["ArchiveId"]), (&"ArchiveRetrieval".into(), &id.as_str().into()));
        let info = fixture.json(&["job", "info", "v", job["JobId"].as_str().unwrap()]);
        assert_eq!(
            (&info["StatusCode"], &info["ArchiveSizeInBytes"], &info["SNSTopic"]),
            (&"Succeeded".into(), &1.into(), &serde_json::Value::Null)
        );
        fixture.run(&["vault", "delete", "v"]).failed(254, &["InvalidParameterValueException", "not empty"]);
        assert_eq!(fixture.run(&["archive", "delete", "v", &id]).success(), "");
        assert_eq!(fixture.json(&["vault", "delete", "v"]), serde_json::json!({}));
        fixture.run(&["vault", "info", "v"]).failed(254, &["ResourceNotFoundException", "glacier vault create v"]);
    }
}

/// Pages of the list, or a failure instead: `respond` gets the number of the request.
fn list_from(respond: impl Fn(u32, &str) -> String + Send + Sync + 'static) -> Finished {
    let count = AtomicU32::new(0);
    let url = service::start(move |request| respond(count.fetch_add(1, Ordering::Relaxed), request));
    let fixture = Fixture::local();
    let mut command = command(fixture.dir.path());
    command.args(["--endpoint-url", &url, "--output", "json", "-v", "vault", "list"]).output().unwrap().into()
}

const UNAVAILABLE: &str = r#"{"code":"ServiceUnavailableException","type":"Server","message":"come back later"}"#;

#[test]
fn a_list_is_retried_from_the_failed_page_and_repeats_no_item() {
    let finished = list_from(|number, request| match number {
        0 | 2 => response("503 Service Unavailable", "", UNAVAILABLE),
        1 => {
            assert!(!request.contains("marker="), "{request}");
            response("200 OK", "", r#"{"Marker":"m1","VaultList":[{"VaultName":"a"},{"VaultName":"b"}]}"#)
        }
        // The second page breaks off after its first item, and is asked for again.
        3 => {
            assert!(request.contains("marker=m1"), "{request}");
            let part = r#"{"VaultList":[{"VaultName":"c"},{"VaultNa"#;
            format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{part}\r\n0\r\n\r\n",
                part.len()
            )
        }
        _ => {
            assert!(request.contains("marker=m1"), "{request}");
            response("200 OK", "", r#"{"Marker":null,"VaultList":[{"VaultName":"c"},{"VaultName":"d"}]}"#)
        }
    });
    let list = finished.json();
    let names: Vec<_> = list["VaultList"].as_array().unwrap().iter().map(|vault| vault["VaultName"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
    assert_eq!(finished.err.matches("retrying in").count(), 3, "{}", finished.err);
    assert_eq!(
        finished.err.matches("503 ServiceUnavailableException: come back later; retrying in").count(),
        2,
        "{}",
        finished.err
    );
}

#[test]
fn a_list_that_keeps_failing_is_an_error_of_the_service() {
    let finished = list_from(|_, _| response("503 Service Unavailable", "", UNAVAILABLE));
    finished.failed(254, &["503 ServiceUnavailableException", "come back later"]);
}
