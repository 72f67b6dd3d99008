//! Lists, page by page.

use glacier_core::{Method, PartSize};
use serde_json::{Value, json};

use crate::harness::*;

/// Reads a list to its end; the items and the number of pages.
async fn all(harness: &Harness, path: &str, query: &str, name: &str) -> (Vec<Value>, usize) {
    let (mut items, mut pages) = (Vec::new(), 0);
    let mut marker = String::new();
    loop {
        let full = format!("{query}&marker={}", marker.replace(':', "%3A").replace('/', "%2F"));
        let page = harness.raw(Method::Get, path, &full, &[], b"").await.json();
        pages += 1;
        items.extend(page[name].as_array().unwrap().clone());
        match &page["Marker"] {
            Value::String(next) => marker.clone_from(next),
            end => {
                assert_eq!(end, &Value::Null);
                return (items, pages);
            }
        }
    }
}

#[tokio::test]
async fn vaults_are_listed_by_name() {
    let mut harness = Harness::new();
    let mut names: Vec<String> = (0..23).map(|n| format!("v{}", n * 7 % 23)).collect();
    names.push("V".into());
    names.push("v.".into());
    for name in &names {
        harness.create(name).await;
    }
    names.sort();
    for (query, pages) in [("", 3), ("limit=10", 3), ("limit=9", 3), ("limit=1", 25), ("limit=5", 5)] {
        let (vaults, seen) = all(&harness, "/-/vaults", query, "VaultList").await;
        assert_eq!(vaults.iter().map(|vault| vault["VaultName"].as_str().unwrap()).collect::<Vec<_>>(), names);
        assert_eq!(seen, pages, "{query}");
    }
    for query in ["limit=0", "limit=11", "limit=x", "marker=v1", "marker=arn%3Aaws%3Aglacier%3Ax%3A111122223333%3Avaults%2Fv1"] {
        let response = harness.raw(Method::Get, "/-/vaults", query, &[], b"").await;
        assert_eq!((response.status, response.code.as_str()), (400, "InvalidParameterValueException"), "{query}");
    }
    assert_eq!(harness.raw(Method::Get, "/000000000000/vaults", "", &[], b"").await.status, 200);
}

#[tokio::test]
async fn parts_are_listed_by_range() {
    let mut harness = Harness::with_vault().await;
    let id = harness.begin(PartSize::MIN).await;
    let path = format!("/-/vaults/v/multipart-uploads/{id}");
    for n in [3usize, 0, 7, 1] {
        harness.part(&id, n * LEAF, &data(if n == 7 { 10 } else { LEAF })).await.unwrap();
    }
    let expected = |n: usize, length: usize| json!({ "RangeInBytes": format!("{}-{}", n * LEAF, n * LEAF + length - 1), "SHA256TreeHash": tree(&data(length)).to_string() });
    let expected = [expected(0, LEAF), expected(1, LEAF), expected(3, LEAF), expected(7, 10)];
    for (query, pages) in [("", 1), ("limit=4", 1), ("limit=3", 2), ("limit=1", 4), ("limit=50", 1)] {
        assert_eq!(all(&harness, &path, query, "Parts").await, (expected.to_vec(), pages), "{query}");
    }
    let page = harness.raw(Method::Get, &path, "limit=1", &[], b"").await.json();
    assert_eq!(page["MultipartUploadId"], id.as_str());
    assert_eq!((&page["PartSizeInBytes"], &page["ArchiveDescription"]), (&json!(LEAF), &json!("in parts")));
    assert_eq!(page["VaultARN"], "arn:aws:glacier:us-east-1:000000000000:vaults/v");
    assert_eq!(page["CreationDate"], "2026-01-02T03:04:05.678Z");
    assert_eq!(harness.raw(Method::Get, &path, "limit=51", &[], b"").await.status, 400);
    assert_eq!(harness.raw(Method::Get, &path, "marker=x", &[], b"").await.status, 400);
}

#[tokio::test]
async fn only_open_uploads_are_listed() {
    let mut harness = Harness::with_vault().await;
    harness.create("w").await;
    let mut open = Vec::new();
    for n in 0..7 {
        let id = harness.begin(PartSize::MIN).await;
        match n {
            2 => assert_eq!(
                harness.raw(Method::Delete, &format!("/-/vaults/v/multipart-uploads/{id}"), "", &[], b"").await.status,
                204
            ),
            4 => {
                harness.part(&id, 0, b"x").await.unwrap();
                harness.complete(&id, b"x").await.unwrap();
            }
            _ => open.push(id),
        }
    }
    for (query, pages) in [("", 1), ("limit=5", 1), ("limit=2", 3), ("limit=1", 5)] {
        let (uploads, seen) = all(&harness, "/-/vaults/v/multipart-uploads", query, "UploadsList").await;
        assert_eq!(uploads.iter().map(|upload| upload["MultipartUploadId"].as_str().unwrap()).collect::<Vec<_>>(), open);
        assert_eq!(seen, pages, "{query}");
    }
    assert_eq!(all(&harness, "/-/vaults/w/multipart-uploads", "", "UploadsList").await, (vec![], 1));
}

#[tokio::test]
async fn jobs_are_listed_by_creation() {
    let mut harness = Harness::with_vault().await;
    let archive = harness.upload(b"x", "").await;
    let mut jobs = Vec::new();
    for n in 0..5 {
        jobs.push(harness.retrieve(&archive, None).await);
        // Some begin in the same millisecond.
        harness.clock.advance(n % 2);
    }
    let ids = |jobs: &[Value]| jobs.iter().map(|job| job["JobId"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let (all_jobs, _) = all(&harness, "/-/vaults/v/jobs", "", "JobList").await;
    let dates: Vec<&str> = all_jobs.iter().map(|job| job["CreationDate"].as_str().unwrap()).collect();
    assert!(dates.is_sorted(), "{dates:?}");
    let mut sorted = ids(&all_jobs);
    sorted.sort();
    jobs.sort();
    assert_eq!(sorted, jobs);
    for (query, pages) in [("limit=5", 1), ("limit=2", 3), ("limit=1&completed=true", 5), ("statuscode=Succeeded&limit=4", 2)] {
        let (page, seen) = all(&harness, "/-/vaults/v/jobs", query, "JobList").await;
        assert_eq!((ids(&page), seen), (ids(&all_jobs), pages), "{query}");
    }
    for query in ["statuscode=InProgress", "statuscode=Failed", "completed=false"] {
        assert_eq!(all(&harness, "/-/vaults/v/jobs", query, "JobList").await, (vec![], 1), "{query}");
    }
    for query in ["statuscode=Done", "completed=yes", "limit=51", "marker=unknown"] {
        assert_eq!(harness.raw(Method::Get, "/-/vaults/v/jobs", query, &[], b"").await.status, 400, "{query}");
    }
}
