//! Notifications of jobs that are done: which topics are told, of what, and that each line is in the file once.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use glacier_core::Method;
use glacier_std::local::*;
use serde_json::{Value, json};

use crate::harness::*;

/// ARNs of the guide's examples.
const VAULTS_TOPIC: &str = "arn:aws:sns:us-west-2:012345678901:mytopic";
const JOBS_TOPIC: &str = "arn:aws:sns:us-west-2:111111111111:Glacier-ArchiveRetrieval-topic-Example";

type Seen = Arc<Mutex<Vec<Notification>>>;

/// Settings with which time stands still, and what was notified so far.
fn observed(settings: Settings) -> (Settings, Seen) {
    let seen = Seen::default();
    let list = seen.clone();
    let observer = Arc::new(move |notification: &Notification| list.lock().unwrap().push(notification.clone()));
    (settings.with_time(TimeMode::Manual).with_notification_observer(observer), seen)
}

/// A vault `v` in memory, in which an inventory was taken, and an archive.
async fn vault_with_archive() -> (Harness, Seen, String) {
    let mut seen = None;
    let mut harness = Harness::with_settings(|settings| {
        let (settings, list) = observed(settings);
        seen = Some(list);
        settings
    });
    harness.create("v").await;
    let archive = harness.upload(&data(1000), "described, and \"quoted\"").await;
    hours(&harness, 24).await;
    (harness, seen.unwrap(), archive)
}

/// Time passes, and what is due is done.
async fn hours(harness: &Harness, hours: u64) {
    harness.vaults.advance(Duration::from_secs(hours * 3600));
    harness.vaults.catch_up().await.unwrap();
}

async fn configure(harness: &Harness, topic: &str, events: &[&str]) {
    let body = json!({ "SNSTopic": topic, "Events": events }).to_string();
    let response = harness.raw(Method::Put, "/-/vaults/v/notification-configuration", "", &[], body.as_bytes()).await;
    assert_eq!(response.status, 204, "{}", response.message);
}

async fn begin(harness: &Harness, job: Value) -> String {
    let response = harness.raw(Method::Post, "/-/vaults/v/jobs", "", &[], job.to_string().as_bytes()).await;
    assert_eq!(response.status, 202, "{}", response.message);
    response.location.unwrap().rsplit('/').next().unwrap().to_owned()
}

async fn described(harness: &Harness, job: &str) -> Value {
    harness.raw(Method::Get, &format!("/-/vaults/v/jobs/{job}"), "", &[], b"").await.json()
}

/// Topic, event and job of what was notified since the last time.
fn told(seen: &Seen) -> Vec<(String, String, String)> {
    let told = std::mem::take(&mut *seen.lock().unwrap());
    let job = |message: &str| serde_json::from_str::<Value>(message).unwrap()["JobId"].as_str().unwrap().to_owned();
    let all = told.iter().map(|one| (one.topic().to_owned(), one.event().to_owned(), job(one.message())));
    all.collect()
}

fn expected(all: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    all.iter().map(|(topic, event, job)| ((*topic).to_owned(), (*event).to_owned(), (*job).to_owned())).collect()
}

const ARCHIVE: &str = "ArchiveRetrievalCompleted";
const INVENTORY: &str = "InventoryRetrievalCompleted";

#[tokio::test]
async fn the_topics_of_the_vault_and_of_the_job_are_told_of_the_events_that_are_configured() {
    let (harness, seen, archive) = vault_with_archive().await;
    let retrieval = |topic| json!({ "Type": "archive-retrieval", "ArchiveId": archive, "SNSTopic": topic });
    let inventory = |topic| json!({ "Type": "inventory-retrieval", "SNSTopic": topic });
    let none = Value::Null;

    // Without a configuration there is only the job's topic.
    begin(&harness, retrieval(none.clone())).await;
    let second = begin(&harness, retrieval(json!(JOBS_TOPIC))).await;
    hours(&harness, 12).await;
    assert_eq!(told(&seen), expected(&[(JOBS_TOPIC, ARCHIVE, &second)]));

    configure(&harness, VAULTS_TOPIC, &[INVENTORY]).await;
    let third = begin(&harness, retrieval(json!(JOBS_TOPIC))).await;
    hours(&harness, 6).await;
    begin(&harness, retrieval(none.clone())).await;
    hours(&harness, 6).await;
    let fifth = begin(&harness, inventory(none)).await;
    hours(&harness, 6).await;
    assert_eq!(told(&seen), expected(&[(JOBS_TOPIC, ARCHIVE, &third), (VAULTS_TOPIC, INVENTORY, &fifth)]));

    // Both are told, and one that is both is told once.
    configure(&harness, VAULTS_TOPIC, &[ARCHIVE, INVENTORY]).await;
    let sixth = begin(&harness, retrieval(json!(JOBS_TOPIC))).await;
    hours(&harness, 6).await;
    let seventh = begin(&harness, inventory(json!(VAULTS_TOPIC))).await;
    hours(&harness, 6).await;
    let both = [(VAULTS_TOPIC, ARCHIVE, &*sixth), (JOBS_TOPIC, ARCHIVE, &sixth), (VAULTS_TOPIC, INVENTORY, &seventh)];
    assert_eq!(told(&seen), expected(&both));

    // The configuration counts when the job is done.
    let eighth = begin(&harness, retrieval(json!(JOBS_TOPIC))).await;
    harness.raw(Method::Delete, "/-/vaults/v/notification-configuration", "", &[], b"").await;
    hours(&harness, 6).await;
    assert_eq!(told(&seen), expected(&[(JOBS_TOPIC, ARCHIVE, &eighth)]));
    hours(&harness, 100).await;
    assert_eq!(told(&seen), []);
}

#[tokio::test]
async fn the_message_is_what_describe_job_says() {
    let (mut harness, seen, archive) = vault_with_archive().await;
    harness.upload(&data(2000), "").await;
    hours(&harness, 24).await;
    configure(&harness, VAULTS_TOPIC, &[ARCHIVE, INVENTORY]).await;
    let jobs = [
        json!({ "Type": "archive-retrieval", "ArchiveId": archive, "Description": "a \"job\"", "Tier": "Bulk" }),
        json!({ "Type": "inventory-retrieval", "Format": "JSON" }),
        json!({ "Type": "inventory-retrieval", "Format": "CSV", "InventoryRetrievalParameters": { "Limit": "1" } }),
    ];
    for job in jobs {
        let id = begin(&harness, job).await;
        hours(&harness, 12).await;
        let told = std::mem::take(&mut *seen.lock().unwrap());
        let [notification] = &told[..] else { panic!("{told:?}") };
        let message: Value = serde_json::from_str(notification.message()).unwrap();
        let line: Value = serde_json::from_str(&notification.to_line()).unwrap();
        // DescribeJob writes the list, and only then knows its size by having written it.
        let described = described(&harness, &id).await;
        assert_eq!((&message, &line["message"]), (&described, &described));
        assert_eq!(line["at"], described["CompletionDate"]);
        assert_eq!((described["StatusCode"].as_str(), &described["JobId"]), (Some("Succeeded"), &json!(id)));
        if described["Action"] == "InventoryRetrieval" {
            let length = harness.output(&id, None).await.unwrap().data.len();
            assert_eq!(message["InventorySizeInBytes"], length);
            let marker = &message["InventoryRetrievalParameters"]["Marker"];
            assert_eq!(marker.is_string(), described["InventoryRetrievalParameters"]["Limit"] == "1", "{message}");
        }
    }
}

/// Opens vaults in a folder with time that stands still.
fn open(folder: &Path, change: impl FnOnce(Settings) -> Settings) -> (Harness, Seen) {
    let Harness { clock, folder: other, .. } = Harness::in_memory();
    let (settings, seen) = observed(Settings::default().with_clock(clock.clone()));
    let vaults = Vaults::open(folder, change(settings)).unwrap();
    (Harness { client: client(&vaults), vaults, clock, folder: other }, seen)
}

/// A job with a topic that is done; its id.
async fn job_done(harness: &mut Harness) -> String {
    let archive = harness.upload(&data(1000), "").await;
    let job = begin(harness, json!({ "Type": "archive-retrieval", "ArchiveId": archive, "SNSTopic": JOBS_TOPIC })).await;
    hours(harness, 6).await;
    job
}

/// The jobs that a file tells of.
fn lines(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let job = |line: &str| serde_json::from_str::<Value>(line).unwrap()["message"]["JobId"].as_str().unwrap().to_owned();
    text.lines().map(job).collect()
}

#[tokio::test]
async fn each_is_a_line_of_the_file_once_over_restarts_rotation_and_deletion() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notifications.jsonl");
    let (mut harness, seen) = open(folder.path(), |settings| settings);
    harness.create("v").await;
    assert!(!file.exists(), "there was nothing to tell");
    let first = job_done(&mut harness).await;
    assert_eq!(lines(&file), [&*first]);
    let line = fs::read_to_string(&file).unwrap();
    assert_eq!(line, format!("{}\n", seen.lock().unwrap()[0].to_line()));
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions()) & 0o7777, 0o600);
    drop(harness);

    let (mut harness, _) = open(folder.path(), |settings| settings);
    let second = job_done(&mut harness).await;
    assert_eq!(lines(&file), [&*first, &second]);
    // Its owner moves it away, and later cuts it.
    fs::rename(&file, folder.path().join("rotated")).unwrap();
    let third = job_done(&mut harness).await;
    assert_eq!((lines(&file), lines(&folder.path().join("rotated"))), (vec![third], vec![first, second]));
    fs::write(&file, "").unwrap();
    let fourth = job_done(&mut harness).await;
    assert_eq!(lines(&file), [fourth]);
    drop(harness);

    assert!(check_folder(folder.path(), false, |finding| panic!("{finding}")).unwrap().archives > 0);
    let copy = copy(folder.path());
    fs::remove_file(copy.path().join("notifications.jsonl")).unwrap();
    let (harness, _) = open(copy.path(), |settings| settings);
    assert_eq!(harness.vaults.found(), []);
    assert!(!copy.path().join("notifications.jsonl").exists(), "nothing is told twice");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_told_once_and_written_later() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("missing/notes.jsonl");
    let findings: Arc<Mutex<Vec<String>>> = Arc::default();
    let list = findings.clone();
    let observer = Arc::new(move |finding: &Finding| list.lock().unwrap().push(finding.to_string()));
    let settings = |settings: Settings| settings.with_notifications_file(&file).with_finding_observer(observer.clone());
    let (mut harness, seen) = open(folder.path(), settings);
    harness.create("v").await;
    let first = job_done(&mut harness).await;
    let second = job_done(&mut harness).await;
    assert_eq!((findings.lock().unwrap().len(), seen.lock().unwrap().len()), (1, 0));
    let said = findings.lock().unwrap()[0].clone();
    assert!(said.contains("missing/notes.jsonl") && said.contains("they are kept"), "{said}");
    drop(harness);
    fs::create_dir(file.parent().unwrap()).unwrap();
    let (harness, seen) = open(folder.path(), settings);
    assert_eq!((lines(&file), seen.lock().unwrap().len()), (vec![first, second], 2), "opening delivers what is left");
    assert!(harness.vaults.failed_notifications().unwrap().is_empty());
}

/// "The status of the completed job can be Succeeded or Failed", says SetVaultNotifications.
#[tokio::test]
async fn a_job_that_fails_is_told_as_well() {
    let (harness, seen, archive) = vault_with_archive().await;
    let rule = FaultRule::new("InitiateJob", Fault::JobFails { message: Some("broken tape".into()) });
    harness.vaults.set_faults(FaultScript::new(0, vec![rule]).unwrap());
    for job in [json!({ "Type": "archive-retrieval", "ArchiveId": archive }), json!({ "Type": "inventory-retrieval" })] {
        configure(&harness, VAULTS_TOPIC, &[ARCHIVE, INVENTORY]).await;
        let id = begin(&harness, job).await;
        hours(&harness, 6).await;
        let message: Value = serde_json::from_str(seen.lock().unwrap().pop().unwrap().message()).unwrap();
        assert_eq!(message, described(&harness, &id).await);
        assert_eq!((&message["StatusCode"], &message["StatusMessage"]), (&json!("Failed"), &json!("broken tape")));
    }
}

#[tokio::test]
async fn what_is_told_is_about_what_there_was() {
    let (mut harness, seen, _) = vault_with_archive().await;
    // The vault is deleted in the moment in which it could tell.
    let response = harness.raw(Method::Put, "/-/vaults/w", "", &[], b"").await;
    assert_eq!(response.status, 201);
    let job = job_done(&mut harness).await;
    let message: Value = serde_json::from_str(seen.lock().unwrap()[0].message()).unwrap();
    harness.vaults.advance(Duration::from_secs(48 * 3600));
    assert_eq!(described(&harness, &job).await["code"], "ResourceNotFoundException");
    assert_eq!((&message["JobId"], &message["Completed"]), (&json!(job), &json!(true)));
    assert_eq!(message["VaultARN"], "arn:aws:glacier:us-east-1:000000000000:vaults/v");
}
