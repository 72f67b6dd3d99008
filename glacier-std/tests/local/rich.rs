//! A folder with something in each table, and all that can be asked about it: at once, and a few days of vault time later, when everything
//! that is due has happened.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use glacier_core::ops::InitiateVaultLock;
use glacier_core::*;
use glacier_std::local::*;
use serde_json::json;

use crate::harness::{LEAF, *};

const HOUR: Duration = Duration::from_secs(3600);
/// What was asked for, with what was responded: the output, or the error.
pub(crate) type Told = BTreeMap<String, Result<Vec<u8>, String>>;

/// A policy that denies nothing that is done here, as JSON has it in a request.
fn policy(vault: &str) -> (String, String) {
    let statement = json!({
        "Effect": "Deny",
        "Principal": "*",
        "Action": "glacier:DeleteArchive",
        "Resource": format!("arn:aws:glacier:{TEST_REGION}:{TEST_ACCOUNT}:vaults/{vault}"),
        "Condition": {"NumericGreaterThan": {"glacier:ArchiveAgeInDays": "3650"}},
    });
    let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let body = json!({"Policy": text}).to_string();
    (text, body)
}

/// A folder with something in each table, while it is in use; what can be asked about it, and what is downloaded.
pub(crate) struct Rich {
    pub(crate) harness: Harness,
    questions: Vec<String>,
    outputs: Vec<String>,
    /// An upload with all its parts, and what they make.
    upload: String,
    pub(crate) parts: Vec<u8>,
}

/// Opens a folder whose vault time stands still.
pub(crate) fn open(
    folder: tempfile::TempDir,
    clock: &Arc<ManualClock>,
    found: &Arc<Mutex<Vec<Finding>>>,
) -> Result<Harness, OpenError> {
    let to = found.clone();
    let observer = move |finding: &Finding| to.lock().unwrap().push(finding.clone());
    let settings = Settings::default().with_time(TimeMode::Manual).with_clock(clock.clone());
    let vaults = Vaults::open(folder.path(), settings.with_finding_observer(Arc::new(observer)))?;
    found.lock().unwrap().extend_from_slice(vaults.found());
    Ok(Harness { client: client(&vaults), vaults, clock: clock.clone(), folder })
}

async fn send(harness: &Harness, method: Method, path: &str, query: &str, body: &str) {
    let response = harness.raw(method, path, query, &[], body.as_bytes()).await;
    assert!(response.status < 300, "{path}: {response:?}");
}

async fn job(harness: &Harness, outputs: &mut Vec<String>, body: &str) {
    let response = harness.raw(Method::Post, "/-/vaults/v/jobs", "", &[], body.as_bytes()).await;
    assert_eq!(response.status, 202, "{body}: {}", response.message);
    outputs.push(response.location.unwrap().rsplit('/').next().unwrap().to_owned());
}

impl Rich {
    pub(crate) async fn new() -> Self {
        let Harness { clock, .. } = Harness::in_memory();
        let folder = copy(Harness::new().folder.path());
        let mut harness = open(folder, &clock, &Arc::default()).unwrap();
        let mut outputs = Vec::new();
        for vault in ["v", "w", "gone"] {
            harness.create(vault).await;
        }
        for n in 0..12 {
            send(&harness, Method::Put, &format!("/-/vaults/other-{n}"), "", "").await;
        }
        let (text, _) = policy("w");
        let operation = InitiateVaultLock { vault: "w".try_into().unwrap(), policy: text.as_str().try_into().unwrap() };
        let now = harness.now();
        let lock = harness.client.send(&operation, now, &mut [0; 4096]).await.unwrap().lock_id().unwrap().as_str().to_owned();
        let set = async |method, path: &str, body: &str| send(&harness, method, &format!("/-/vaults/{path}"), "", body).await;
        set(Method::Delete, "gone", "").await;
        set(Method::Post, &format!("w/lock-policy/{lock}"), "").await;
        set(Method::Put, "v/access-policy", &policy("v").1).await;
        set(Method::Post, "v/lock-policy", &policy("v").1).await;
        let topic = r#"{"SNSTopic":"arn:aws:sns:us-east-1:000000000000:t","Events":["ArchiveRetrievalCompleted"]}"#;
        set(Method::Put, "w/notification-configuration", topic).await;
        send(&harness, Method::Post, "/-/vaults/v/tags", "operation=add", r#"{"Tags":{"one":"1","two":"2"}}"#).await;
        let rules = r#"{"Policy":{"Rules":[{"Strategy":"BytesPerHour","BytesPerHour":123456789}]}}"#;
        send(&harness, Method::Put, "/-/policies/data-retrieval", "", rules).await;
        send(&harness, Method::Post, "/-/provisioned-capacity", "", "").await;

        let mut archives = Vec::new();
        for n in 0..24 {
            archives.push(harness.upload(&data(300 + n), &format!("the description of archive {n}")).await);
        }
        let parts = data(LEAF + 7);
        let upload = harness.begin(PartSize::MIN).await;
        harness.part(&upload, 0, &parts[..LEAF]).await.unwrap();
        harness.part(&upload, LEAF, &parts[LEAF..]).await.unwrap();
        archives.push(harness.complete(&upload, &parts).await.unwrap());
        harness.vaults.advance(13 * HOUR);
        let retrieval = |archive: &str, tier| format!(r#"{{"Type":"archive-retrieval","ArchiveId":"{archive}","Tier":"{tier}"}}"#);
        job(&harness, &mut outputs, r#"{"Type":"inventory-retrieval","Format":"CSV"}"#).await;
        job(&harness, &mut outputs, &retrieval(&archives[0], "Standard")).await;
        job(&harness, &mut outputs, &retrieval(&archives[24], "Expedited")).await;
        harness.vaults.advance(6 * HOUR);
        send(&harness, Method::Get, "/-/vaults/v/jobs", "", "").await;
        // The inventories to come list the one that is deleted, and its output stays.
        send(&harness, Method::Delete, &format!("/-/vaults/v/archives/{}", archives[0]), "", "").await;
        job(&harness, &mut outputs, r#"{"Type":"inventory-retrieval","Format":"JSON"}"#).await;
        job(&harness, &mut outputs, &retrieval(&archives[1], "Bulk")).await;
        let upload = harness.begin(PartSize::MIN).await;
        harness.part(&upload, 0, &parts[..LEAF]).await.unwrap();
        harness.part(&upload, LEAF, &parts[LEAF..]).await.unwrap();
        send(&harness, Method::Post, "/-/vaults/v/tags", "operation=remove", r#"{"TagKeys":["two"]}"#).await;

        let mut questions: Vec<String> = ["", "/tags", "/access-policy", "/notification-configuration", "/lock-policy"]
            .iter()
            .flat_map(|what| ["v", "w"].map(|vault| format!("/-/vaults/{vault}{what}")))
            .collect();
        questions
            .extend(["/-/vaults", "/-/policies/data-retrieval", "/-/provisioned-capacity", "/-/vaults/v/jobs"].map(str::to_owned));
        questions.extend(["/-/vaults/v/multipart-uploads".into(), format!("/-/vaults/v/multipart-uploads/{upload}")]);
        questions.extend(outputs.iter().map(|job| format!("/-/vaults/v/jobs/{job}")));
        Rich { harness, questions, outputs, upload, parts }
    }

    /// Asks everything, now and when everything that is due has happened.
    pub(crate) async fn ask(&self, harness: &mut Harness) -> Told {
        let mut told = BTreeMap::new();
        for (when, later) in [("now", Duration::ZERO), ("hours later", 11 * HOUR), ("days later", 90 * HOUR)] {
            harness.vaults.advance(later);
            for path in &self.questions {
                let response = harness.raw(Method::Get, path, "", &[], b"").await;
                let result = if response.status == 500 { Err(response.message) } else { Ok(response.body) };
                told.insert(format!("{when} {path}"), result);
            }
            for job in &self.outputs {
                let result = match harness.output(job, None).await {
                    Ok(got) => Ok(got.data),
                    Err(Error::Service(error)) if error.status < 500 => Ok(format!("{:?}", error.code).into_bytes()),
                    Err(error) => Err(error.to_string()),
                };
                told.insert(format!("{when} output of {job}"), result);
            }
        }
        // Deleting a vault again tells whether there ever was one.
        for vault in ["gone", "never"] {
            let response = harness.raw(Method::Delete, &format!("/-/vaults/{vault}"), "", &[], b"").await;
            let result = if response.status == 500 { Err(response.message) } else { Ok(response.status.to_string().into()) };
            told.insert(format!("deleting {vault}"), result);
        }
        told
    }

    /// Completes the upload and retrieves the archive.
    pub(crate) async fn complete(&self, harness: &mut Harness) -> Result<Vec<u8>, String> {
        let archive = harness.complete(&self.upload, &self.parts).await.map_err(|error| error.to_string())?;
        let job = harness.retrieve(&archive, None).await;
        harness.vaults.advance(6 * HOUR);
        harness.output(&job, None).await.map(|got| got.data).map_err(|error| error.to_string())
    }
}
