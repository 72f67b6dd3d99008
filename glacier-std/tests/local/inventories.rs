//! Inventory jobs: both formats, filters, pages.

use glacier_core::Method;
use glacier_core::ops::*;
use serde_json::{Value, json};

use crate::harness::*;

/// Begins a job with this body; the content type of its output, the output, and the job as DescribeJob shows it.
async fn inventory(harness: &mut Harness, body: Value) -> (String, String, Value) {
    let response = harness.raw(Method::Post, "/-/vaults/v/jobs", "", &[], body.to_string().as_bytes()).await;
    assert_eq!(response.status, 202, "{}", response.message);
    let location = response.location.unwrap();
    let id = location.strip_prefix("/000000000000/vaults/v/jobs/").unwrap();
    let described = harness.raw(Method::Get, &location, "", &[], b"").await.json();
    let got = harness.output(id, None).await.unwrap();
    assert_eq!((got.status, got.tree, got.description), (200, None, None));
    assert_eq!(described["InventorySizeInBytes"], json!(got.data.len()));
    (got.content_type, String::from_utf8(got.data).unwrap(), described)
}

#[tokio::test]
async fn both_formats_list_all_archives() {
    let mut harness = Harness::with_vault().await;
    let mut rows = Vec::new();
    for (n, description) in ["plain", "", "a, b", r#"say "1\"2""#, r"back\slash", " spaces "].iter().enumerate() {
        let id = harness.upload(&data(n + 1), description).await;
        let date = format!("2026-01-02T03:04:{:02}.678Z", 5 + n);
        rows.push((id, description.trim(), date, n + 1, tree(&data(n + 1)).to_string()));
        harness.clock.advance(1000);
    }
    rows.sort();

    let (content_type, output, described) =
        inventory(&mut harness, json!({ "Type": "inventory-retrieval", "Description": "all" })).await;
    assert_eq!(content_type, "application/json");
    let list: Vec<Value> = rows
        .iter()
        .map(|(id, description, date, size, hash)| {
            json!({ "ArchiveId": id, "ArchiveDescription": description, "CreationDate": date, "Size": size, "SHA256TreeHash": hash })
        })
        .collect();
    let expected = json!({
        "VaultARN": "arn:aws:glacier:us-east-1:000000000000:vaults/v",
        "InventoryDate": "2026-01-02T03:04:10.678Z",
        "ArchiveList": list,
    });
    assert_eq!(serde_json::from_str::<Value>(&output).unwrap(), expected);
    let expected = json!({
        "Action": "InventoryRetrieval", "ArchiveId": null, "ArchiveSHA256TreeHash": null, "ArchiveSizeInBytes": null, "Completed": true,
        "CompletionDate": "2026-01-02T03:04:11.678Z", "CreationDate": "2026-01-02T03:04:11.678Z",
        "InventoryRetrievalParameters": { "Format": "JSON", "StartDate": null, "EndDate": null, "Limit": null, "Marker": null },
        "InventorySizeInBytes": output.len(), "JobDescription": "all", "JobId": described["JobId"], "RetrievalByteRange": null,
        "SHA256TreeHash": null, "SNSTopic": null, "StatusCode": "Succeeded", "StatusMessage": "Succeeded", "Tier": null,
        "VaultARN": "arn:aws:glacier:us-east-1:000000000000:vaults/v",
    });
    assert_eq!(described, expected);

    // The service's quoting: quotation marks inside a field become \", backslashes stay.
    let (content_type, output, _) =
        inventory(&mut harness, json!({ "Type": "inventory-retrieval", "Format": "CSV", "ArchiveId": null })).await;
    assert_eq!(content_type, "text/csv");
    let mut expected = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\r\n".to_owned();
    for (id, description, date, size, hash) in &rows {
        let spelled = match *description {
            "a, b" => "\"a, b\"".to_owned(),
            r#"say "1\"2""# => r#""say \"1\\"2\"""#.to_owned(),
            other => other.to_owned(),
        };
        expected += &format!("{id},{spelled},{date},{size},{hash}\r\n");
    }
    assert_eq!(output, expected);

    // A range of it.
    let job = harness.job(JobKind::Inventory(InventoryRetrieval::default())).await.unwrap();
    let all = harness.output(&job, None).await.unwrap().data;
    let got = harness.output(&job, Some(glacier_core::Range::From(10))).await.unwrap();
    assert_eq!((got.status, got.tree, got.content_range), (206, None, Some(format!("bytes 10-{}/{}", all.len() - 1, all.len()))));
    assert_eq!(got.data, all[10..]);
}

#[tokio::test]
async fn dates_limit_and_marker_select_archives() {
    let mut harness = Harness::with_vault().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(harness.upload(&data(n + 1), "").await);
        harness.clock.advance(1000);
    }
    let listed = |output: &str| -> Vec<String> {
        let json: Value = serde_json::from_str(output).unwrap();
        json["ArchiveList"].as_array().unwrap().iter().map(|row| row["ArchiveId"].as_str().unwrap().to_owned()).collect()
    };
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    // Created at 05.678, 06.678 and so on. The start date is included, the end date is not.
    for (start, end, expected) in [
        ("2026-01-02T03:04:06Z", "", &ids[1..]),
        ("2026-01-02T03:04:07Z", "2026-01-02T03:04:09Z", &ids[2..4]),
        ("", "2026-01-02T03:04:06Z", &ids[..1]),
        ("2027-01-01T00:00:00Z", "", &[]),
    ] {
        let parameters = json!({ "StartDate": start, "EndDate": end, "Limit": "", "Marker": "" });
        let body = json!({ "Type": "inventory-retrieval", "InventoryRetrievalParameters": parameters });
        let (_, output, _) = inventory(&mut harness, body).await;
        assert_eq!(listed(&output), sorted(expected.to_vec()), "{start} {end}");
    }
    // Pages of two, by the marker that DescribeJob shows.
    let (mut marker, mut all, mut pages) = (Value::Null, Vec::new(), 0);
    loop {
        let parameters = json!({ "Limit": "2", "Marker": marker });
        let body = json!({ "Type": "inventory-retrieval", "InventoryRetrievalParameters": parameters });
        let (_, output, described) = inventory(&mut harness, body).await;
        all.extend(listed(&output));
        pages += 1;
        marker = described["InventoryRetrievalParameters"]["Marker"].clone();
        assert_eq!(described["InventoryRetrievalParameters"]["Limit"], "2");
        if marker.is_null() {
            break;
        }
    }
    assert_eq!((all, pages), (sorted(ids), 3));
}

#[tokio::test]
async fn an_inventory_lists_what_the_vault_held_when_the_job_began() {
    let mut harness = Harness::with_vault().await;
    let job = harness.job(JobKind::Inventory(InventoryRetrieval::default())).await.unwrap();
    harness.upload(b"later", "").await;
    let output = harness.output(&job, None).await.unwrap().data;
    let json: Value = serde_json::from_slice(&output).unwrap();
    assert_eq!(json["ArchiveList"], json!([]));
    // The inventory and the archive.
    assert_eq!(files(harness.folder.path(), "blobs").len(), 2);
}
