//! Vault time: what takes time, what ends by itself, and time over restarts.

use std::time::Duration;

use embedded_io_async::Read;
use glacier_core::{Method, PartSize};
use glacier_std::local::*;
use serde_json::{Value, json};

use crate::harness::*;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// Vaults in memory whose time stands still, with a vault `v`.
async fn timed() -> Harness {
    timed_with(|settings| settings).await
}

async fn timed_with(change: impl FnOnce(Settings) -> Settings) -> Harness {
    let Harness { clock, folder, .. } = Harness::new();
    let settings = change(Settings::default().with_clock(clock.clone()).with_time(TimeMode::Manual));
    let vaults = Vaults::in_memory(settings).unwrap();
    let mut harness = Harness { client: client(&vaults), vaults, clock, folder };
    harness.create("v").await;
    harness
}

trait Timed {
    fn hours(&self, hours: u64);
    async fn get(&self, path: &str) -> RawResponse;
    async fn post(&self, path: &str, body: Value) -> RawResponse;
    async fn begin_job(&self, body: Value) -> String;
    async fn described(&self, job: &str) -> Value;
    async fn delete(&self, path: &str) -> u16;
    /// The ids that an inventory job lists, sorted.
    async fn listed(&self, job: &str) -> Vec<String>;
}

impl Timed for Harness {
    fn hours(&self, hours: u64) {
        self.vaults.advance(Duration::from_secs(hours * HOUR));
    }

    async fn get(&self, path: &str) -> RawResponse {
        self.raw(Method::Get, &format!("/-/vaults/v{path}"), "", &[], b"").await
    }

    async fn post(&self, path: &str, body: Value) -> RawResponse {
        self.raw(Method::Post, &format!("/-/vaults/v{path}"), "", &[], body.to_string().as_bytes()).await
    }

    async fn begin_job(&self, body: Value) -> String {
        let response = self.post("/jobs", body).await;
        assert_eq!(response.status, 202, "{}", response.message);
        response.location.unwrap().rsplit('/').next().unwrap().to_owned()
    }

    async fn described(&self, job: &str) -> Value {
        self.get(&format!("/jobs/{job}")).await.json()
    }

    async fn delete(&self, path: &str) -> u16 {
        self.raw(Method::Delete, &format!("/-/vaults/v{path}"), "", &[], b"").await.status
    }

    async fn listed(&self, job: &str) -> Vec<String> {
        let output = self.get(&format!("/jobs/{job}/output")).await.json();
        let mut ids: Vec<String> =
            output["ArchiveList"].as_array().unwrap().iter().map(|row| row["ArchiveId"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    }
}

fn retrieval(archive: &str, tier: &str) -> Value {
    json!({ "Type": "archive-retrieval", "ArchiveId": archive, "Tier": tier })
}

#[tokio::test]
async fn a_job_is_done_in_the_time_of_its_tier_and_ends_a_day_later() {
    let mut harness = timed().await;
    let archive = harness.upload(b"some bytes", "").await;
    for (tier, shortest, longest) in
        [("Expedited", MINUTE, 5 * MINUTE), ("Standard", 3 * HOUR, 5 * HOUR), ("Bulk", 5 * HOUR, 12 * HOUR)]
    {
        let job = harness.begin_job(retrieval(&archive, tier)).await;
        harness.vaults.advance(Duration::from_secs(shortest - 1));
        let running = harness.described(&job).await;
        assert_eq!((&running["StatusCode"], &running["CompletionDate"]), (&json!("InProgress"), &Value::Null), "{tier}");
        let early = harness.get(&format!("/jobs/{job}/output")).await;
        assert_eq!((early.status, early.code.as_str()), (400, "InvalidParameterValueException"), "{tier}");
        harness.vaults.advance(Duration::from_secs(longest - shortest + 1));
        let done = harness.described(&job).await;
        assert_eq!((&done["StatusCode"], &done["Completed"]), (&json!("Succeeded"), &json!(true)), "{tier}");
        assert_eq!(harness.output(&job, None).await.unwrap().data, b"some bytes");
        // It was done before `longest`, and is kept for a day from then.
        harness.vaults.advance(Duration::from_secs(24 * HOUR - (longest - shortest)));
        assert_eq!(harness.output(&job, None).await.unwrap().data, b"some bytes");
        harness.vaults.advance(Duration::from_secs(longest - shortest));
        for path in [format!("/jobs/{job}"), format!("/jobs/{job}/output")] {
            let gone = harness.get(&path).await;
            assert_eq!((gone.status, gone.code.as_str()), (404, "ResourceNotFoundException"), "{tier}");
        }
        assert_eq!(harness.get("/jobs").await.json()["JobList"], json!([]));
    }
}

#[tokio::test]
async fn an_output_is_read_to_its_end_after_job_and_archive_are_gone() {
    let mut harness = timed().await;
    let body = data(3 * LEAF + 11);
    let archive = harness.upload(&body, "").await;
    let job = harness.begin_job(retrieval(&archive, "Standard")).await;
    assert_eq!(harness.delete(&format!("/archives/{archive}")).await, 204);
    harness.hours(6);
    let request = signed(harness.now(), Method::Get, &format!("/-/vaults/v/jobs/{job}/output"), "", &[], b"");
    let mut download = open(&harness.vaults, &request).await;
    let mut got = vec![0; LEAF];
    let first = download.read(&mut got).await.unwrap();
    got.truncate(first);
    harness.hours(48);
    assert_eq!(harness.get(&format!("/jobs/{job}")).await.status, 404);
    let mut piece = vec![0; LEAF];
    loop {
        match download.read(&mut piece).await.unwrap() {
            0 => break,
            length => got.extend_from_slice(&piece[..length]),
        }
    }
    assert!(got == body);
    // Then nothing is left of it.
    drop(download);
    harness.vaults.catch_up().await.unwrap();
    assert_eq!(harness.get("").await.status, 200);
}

#[tokio::test]
async fn an_inventory_is_taken_about_daily_and_lists_what_was_there_then() {
    let mut harness = timed().await;
    let early = harness.post("/jobs", json!({ "Type": "inventory-retrieval" })).await;
    assert_eq!((early.status, early.code.as_str()), (404, "ResourceNotFoundException"), "{}", early.message);
    harness.hours(100);
    assert_eq!(harness.get("").await.json()["LastInventoryDate"], Value::Null, "nothing was written");

    let (first, second) = (harness.upload(b"1", "").await, harness.upload(b"22", "").await);
    assert_eq!(harness.get("").await.json()["NumberOfArchives"], Value::Null);
    harness.hours(12);
    let vault = harness.get("").await.json();
    assert_eq!((&vault["NumberOfArchives"], &vault["SizeInBytes"]), (&json!(2), &json!(3)));
    assert_eq!(vault["LastInventoryDate"], json!("2026-01-06T19:04:05.678Z"));

    // What happens now is not in it.
    let third = harness.upload(b"333", "").await;
    assert_eq!(harness.delete(&format!("/archives/{first}")).await, 204);
    let job = harness.begin_job(json!({ "Type": "inventory-retrieval" })).await;
    harness.hours(1);
    assert_eq!(harness.delete(&format!("/archives/{second}")).await, 204);
    assert_eq!(harness.get("").await.json()["NumberOfArchives"], json!(2));
    // The next is taken, and the job is about the one before.
    harness.hours(23);
    assert_eq!(harness.get("").await.json()["LastInventoryDate"], json!("2026-01-07T19:04:05.678Z"));
    let mut both = vec![first, second];
    both.sort();
    assert_eq!(harness.listed(&job).await, both);
    assert_eq!(harness.described(&job).await["InventorySizeInBytes"].as_u64(), Some(output_length(&harness, &job).await));
    let job = harness.begin_job(json!({ "Type": "inventory-retrieval" })).await;
    harness.hours(5);
    assert_eq!(harness.listed(&job).await, [third.as_str()]);

    // An emptied vault can be deleted after the inventory that finds it empty.
    assert_eq!(harness.delete(&format!("/archives/{third}")).await, 204);
    assert_eq!(harness.delete("").await, 400);
    harness.hours(24);
    assert_eq!(harness.delete("").await, 204);
}

async fn output_length(harness: &Harness, job: &str) -> u64 {
    harness.get(&format!("/jobs/{job}/output")).await.body.len() as u64
}

#[tokio::test]
async fn uploads_without_activity_and_locks_that_are_not_completed_end_after_a_day() {
    let mut harness = timed().await;
    let (idle, active) = (harness.begin(PartSize::MIN).await, harness.begin(PartSize::MIN).await);
    let policy = json!({ "Policy": json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Principal": "*",
        "Action": "glacier:DeleteArchive", "Resource": "arn:aws:glacier:us-east-1:000000000000:vaults/v" }] }).to_string() });
    assert_eq!(harness.post("/lock-policy", policy.clone()).await.status, 201);
    harness.hours(20);
    harness.part(&active, 0, b"x").await.unwrap();
    harness.hours(3);
    assert_eq!(harness.get("/multipart-uploads").await.json()["UploadsList"].as_array().unwrap().len(), 2);
    assert_eq!(harness.get("/lock-policy").await.json()["State"], json!("InProgress"));
    harness.hours(1);
    let uploads = harness.get("/multipart-uploads").await.json();
    assert_eq!(uploads["UploadsList"][0]["MultipartUploadId"], json!(active));
    assert_eq!(harness.get(&format!("/multipart-uploads/{idle}")).await.status, 404);
    assert_eq!(harness.get("/lock-policy").await.status, 404);
    assert_eq!(harness.post("/lock-policy", policy).await.status, 201, "another can be initiated");
    harness.hours(20);
    assert_eq!(harness.get("/multipart-uploads").await.json()["UploadsList"], json!([]));
}

#[tokio::test]
async fn running_retrievals_count_for_the_policy_and_expedited_ones_for_the_capacity() {
    let mut harness = timed_with(Settings::with_expedited_needs_capacity).await;
    let archive = harness.upload(&data(4000), "").await;
    let rule = json!({ "Policy": { "Rules": [{ "Strategy": "BytesPerHour", "BytesPerHour": 1500 }] } }).to_string();
    assert_eq!(harness.raw(Method::Put, "/-/policies/data-retrieval", "", &[], rule.as_bytes()).await.status, 204);
    harness.begin_job(retrieval(&archive, "Standard")).await;
    let refused = harness.post("/jobs", retrieval(&archive, "Standard")).await;
    assert_eq!((refused.status, refused.code.as_str()), (400, "PolicyEnforcedException"), "{}", refused.message);
    harness.begin_job(retrieval(&archive, "Bulk")).await;
    harness.hours(5);
    harness.begin_job(retrieval(&archive, "Standard")).await;

    let refused = harness.post("/jobs", retrieval(&archive, "Expedited")).await;
    assert_eq!((refused.status, refused.code.as_str()), (503, "InsufficientCapacityException"), "{}", refused.message);
    assert_eq!(harness.raw(Method::Post, "/-/provisioned-capacity", "", &[], b"").await.status, 201);
    for _ in 0..3 {
        harness.begin_job(retrieval(&archive, "Expedited")).await;
    }
    assert_eq!(harness.post("/jobs", retrieval(&archive, "Expedited")).await.status, 503);
    harness.vaults.advance(Duration::from_secs(5 * MINUTE));
    harness.begin_job(retrieval(&archive, "Expedited")).await;
    // A month and a day later the unit is gone.
    harness.hours(32 * 24);
    assert_eq!(harness.post("/jobs", retrieval(&archive, "Expedited")).await.status, 503);
}

/// Opens the folder of the harness again, in another mode and with another wall time.
fn reopened(harness: Harness, mode: TimeMode) -> Harness {
    let Harness { clock, folder, client: before, vaults } = harness;
    drop((before, vaults));
    let vaults = Vaults::open(folder.path(), Settings::default().with_clock(clock.clone()).with_time(mode)).unwrap();
    Harness { client: client(&vaults), vaults, clock, folder }
}

#[tokio::test]
async fn time_and_what_is_due_outlive_a_restart() {
    let mut harness = reopened(Harness::with_vault().await, TimeMode::Manual);
    let archive = harness.upload(b"x", "").await;
    let job = harness.begin_job(retrieval(&archive, "Standard")).await;
    harness.hours(2);
    assert_eq!(harness.described(&job).await["StatusCode"], json!("InProgress"));
    harness.create("w").await;
    let before = harness.vaults.now();
    harness.clock.advance(1000 * DAY);
    let scaled = TimeMode::Scaled(TimeFactor::new(4000).unwrap());
    let harness = reopened(harness, scaled);
    assert_eq!(harness.vaults.now(), before, "it stood still");
    assert_eq!(harness.described(&job).await["StatusCode"], json!("InProgress"));
    harness.clock.advance(3 * HOUR * 1000 / 4000 + 1);
    assert_eq!(harness.vaults.now().unix(), before.unix() + 3 * HOUR + 4);
    // Real time passes while nobody looks.
    let mut harness = reopened(harness, TimeMode::Real);
    harness.create("w").await;
    harness.clock.advance(5 * HOUR * 1000);
    let harness = reopened(harness, TimeMode::Real);
    assert_eq!(harness.described(&job).await["StatusCode"], json!("Succeeded"));
}

#[tokio::test]
async fn where_nothing_takes_time_all_is_done_at_the_next_look() {
    let mut harness = reopened(Harness::with_vault().await, TimeMode::Manual);
    let archive = harness.upload(b"x", "").await;
    let job = harness.begin_job(retrieval(&archive, "Bulk")).await;
    let harness = reopened(harness, TimeMode::Instant);
    assert_eq!(harness.described(&job).await["StatusCode"], json!("Succeeded"));
    assert_eq!(harness.get("").await.json()["NumberOfArchives"], json!(1));
}

#[tokio::test]
async fn a_run_with_a_seed_repeats_its_ids() {
    let run = async |seed| {
        let mut harness = timed_with(|settings| settings.with_seed(seed)).await;
        let archive = harness.upload(b"x", "").await;
        let job = harness.begin_job(retrieval(&archive, "Standard")).await;
        [archive, job, harness.begin(PartSize::MIN).await]
    };
    assert_eq!(run(7).await, run(7).await);
    assert_ne!(run(7).await, run(8).await);
}
