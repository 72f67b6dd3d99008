//! Inventory jobs: both forms, filters, pages.

use glacier_core::Method;
use glacier_core::ops::*;
use serde_json::{Value, json};

use crate::bench::*;

/// Begins a job with this body and downloads what it gives; the content type, the output and the job's description.
async fn inventory(bench: &mut Bench, body: Value) -> (String, String, Value) {
    let said = bench.raw(Method::Post, "/-/vaults/v/jobs", "", &[], body.to_string().as_bytes()).await;
    assert_eq!(said.status, 202, "{}", said.message);
    let location = said.location.unwrap();
    let id = location.strip_prefix("/000000000000/vaults/v/jobs/").unwrap();
    let described = bench.raw(Method::Get, &location, "", &[], b"").await.json();
    let got = bench.output(id, None).await.unwrap();
    assert_eq!((got.status, got.tree, got.description), (200, None, None));
    assert_eq!(described["InventorySizeInBytes"], json!(got.data.len()));
    (got.content_type, String::from_utf8(got.data).unwrap(), described)
}

#[tokio::test]
async fn json_and_csv() {
    let mut bench = Bench::with_vault().await;
    let mut rows = Vec::new();
    for (n, description) in ["plain", "", "a, b", r#"say "1\"2""#, r"back\slash", " spaces "].iter().enumerate() {
        let id = bench.upload(&data(n + 1), description).await;
        let date = format!("2026-01-02T03:04:{:02}.678Z", 5 + n);
        rows.push((id, description.trim(), date, n + 1, tree(&data(n + 1)).to_string()));
        bench.clock.advance(1000);
    }
    rows.sort();

    let (content_type, output, described) =
        inventory(&mut bench, json!({ "Type": "inventory-retrieval", "Description": "all" })).await;
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

    // The service's quoting: quotes within become \", backslashes stay.
    let (content_type, output, _) =
        inventory(&mut bench, json!({ "Type": "inventory-retrieval", "Format": "CSV", "ArchiveId": null })).await;
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
    let job = bench.job(JobKind::Inventory(InventoryRetrieval::default())).await.unwrap();
    let all = bench.output(&job, None).await.unwrap().data;
    let got = bench.output(&job, Some(glacier_core::Range::From(10))).await.unwrap();
    assert_eq!((got.status, got.tree, got.content_range), (206, None, Some(format!("bytes 10-{}/{}", all.len() - 1, all.len()))));
    assert_eq!(got.data, all[10..]);
}

#[tokio::test]
async fn dates_limit_and_marker() {
    let mut bench = Bench::with_vault().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(bench.upload(&data(n + 1), "").await);
        bench.clock.advance(1000);
    }
    let listed = |output: &str| -> Vec<String> {
        let json: Value = serde_json::from_str(output).unwrap();
        json["ArchiveList"].as_array().unwrap().iter().map(|row| row["ArchiveId"].as_str().unwrap().to_owned()).collect()
    };
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    // Created at 05.678, 06.678 and so on: from the start on, before the end.
    for (start, end, expected) in [
        ("2026-01-02T03:04:06Z", "", &ids[1..]),
        ("2026-01-02T03:04:07Z", "2026-01-02T03:04:09Z", &ids[2..4]),
        ("", "2026-01-02T03:04:06Z", &ids[..1]),
        ("2027-01-01T00:00:00Z", "", &[]),
    ] {
        let parameters = json!({ "StartDate": start, "EndDate": end, "Limit": "", "Marker": "" });
        let body = json!({ "Type": "inventory-retrieval", "InventoryRetrievalParameters": parameters });
        let (_, output, _) = inventory(&mut bench, body).await;
        assert_eq!(listed(&output), sorted(expected.to_vec()), "{start} {end}");
    }
    // Pages of two, by the marker in the job's description.
    let (mut marker, mut all, mut pages) = (Value::Null, Vec::new(), 0);
    loop {
        let parameters = json!({ "Limit": "2", "Marker": marker });
        let body = json!({ "Type": "inventory-retrieval", "InventoryRetrievalParameters": parameters });
        let (_, output, described) = inventory(&mut bench, body).await;
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
async fn an_inventory_is_of_the_moment_it_was_asked_for() {
    let mut bench = Bench::with_vault().await;
    let job = bench.job(JobKind::Inventory(InventoryRetrieval::default())).await.unwrap();
    bench.upload(b"later", "").await;
    let output = bench.output(&job, None).await.unwrap().data;
    let json: Value = serde_json::from_slice(&output).unwrap();
    assert_eq!(json["ArchiveList"], json!([]));
    // The vault's files: the inventory and the archive. Without the archive the vault can go, and the inventory goes with it.
    assert_eq!(files(bench.folder.path(), "blobs").len(), 2);
}
