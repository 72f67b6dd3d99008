//! The workload with our client, as a program uses it: `faults-driver URL PLAN`. A line of JSON says what became of each operation.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::time::Duration;

use glacier_core::ops::{
    AddTagsToVault, CompleteMultipartUpload, CreateVault, DeleteArchive, DescribeJob, DescribeVault, GetJobOutput, InitiateJob,
    InitiateMultipartUpload, JobKind, ListJobs, ListTagsForVault, ListVaults, Tags, UploadArchive, UploadMultipartPart,
};
use glacier_core::pages::Pages;
use glacier_core::retry::RetryPolicy;
use glacier_core::{
    ArchiveId, Bytes, Client, Credentials, DecodeError, Description, Error, JobId, LinearHash, PartSize, PayloadHasher,
    PayloadHashes, UploadId, VaultRef,
};
use glacier_std::TokioEnvironment;
use glacier_std::config::BaseUrl;
use glacier_std::http::{HttpError, HttpOptions, HttpTransport};
use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn StdError>>;
type CallError = Error<HttpError>;

/// A run takes a minute; a hang is a failure.
const LIMIT: Duration = Duration::from_secs(300);
const POLICY: RetryPolicy = RetryPolicy::new(3, 20_000);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, plan] = arguments.as_slice() else { return Err("usage: faults-driver URL PLAN".into()) };
    tokio::time::timeout(LIMIT, run(url, plan)).await?
}

async fn run(url: &str, plan: &str) -> Outcome<()> {
    let url = BaseUrl::parse(url)?;
    // Stalls end soon; everything else is as the library has it.
    let transport = HttpTransport::new(&url, &HttpOptions::default().with_idle_timeout(Duration::from_secs(1)))?;
    let client = Client::new(transport, url.to_core("eu-west-1")?, Credentials::new("test", "test", None)?);
    let mut work = Work { client, environment: TokioEnvironment::new(), ids: HashMap::new(), buf: vec![0; 64 << 10] };
    let plan: Vec<Value> = serde_json::from_slice(&std::fs::read(plan)?)?;
    for step in &plan {
        let number = step["n"].as_u64().ok_or("a step without a number")?;
        let mut line = work.step(number, step).await?;
        line["n"] = number.into();
        println!("{line}");
    }
    Ok(())
}

struct Work {
    client: Client<HttpTransport, Credentials<'static>>,
    environment: TokioEnvironment,
    /// What each operation made.
    ids: HashMap<u64, String>,
    buf: Vec<u8>,
}

impl Work {
    async fn step(&mut self, number: u64, step: &Value) -> Outcome<Value> {
        let vault = VaultRef::try_from(step["vault"].as_str().unwrap_or("none"))?;
        let needed = ["upload", "job", "archive"].into_iter().find_map(|name| step[name].as_u64());
        let Some(id) = needed.map_or(Some(String::new()), |needed| self.ids.get(&needed).cloned()) else {
            return Ok(json!({ "result": "skipped" }));
        };
        let whole = |name: &str| step[name].as_u64().ok_or_else(|| format!("{name} is missing"));
        let Work { client, environment, ids, buf } = self;
        Ok(match step["op"].as_str().unwrap_or_default() {
            "CreateVault" => done(client.send_retrying(&CreateVault { vault }, POLICY, environment, buf).await),
            "DescribeVault" => done(client.send_retrying(&DescribeVault { vault }, POLICY, environment, buf).await),
            "ListVaults" => {
                let operation = ListVaults::default();
                done(
                    Pages::new(&operation)
                        .for_each(client, POLICY, environment, buf, |_| std::ops::ControlFlow::Continue(()))
                        .await,
                )
            }
            "ListJobs" => {
                let operation = ListJobs { vault, completed: None, limit: None, marker: None, status: None };
                done(
                    Pages::new(&operation)
                        .for_each(client, POLICY, environment, buf, |_| std::ops::ControlFlow::Continue(()))
                        .await,
                )
            }
            "ListTagsForVault" => match client.list_retrying(&ListTagsForVault { vault }, POLICY, environment, buf).await {
                Ok(mut tags) => loop {
                    match tags.next().await {
                        Ok(Some(_)) => {}
                        Ok(None) => break json!({ "result": "ok" }),
                        Err(error) => break failed(&error),
                    }
                },
                Err(error) => failed(&error),
            },
            "AddTagsToVault" => {
                let tags = [(step["key"].as_str().unwrap_or_default(), step["value"].as_str().unwrap_or_default())];
                let tags = Tags::new(&tags)?;
                done(client.send_retrying(&AddTagsToVault { vault, tags }, POLICY, environment, buf).await)
            }
            "UploadArchive" => {
                let (data, text) = (body(number, whole("size")?), number.to_string());
                let description = Some(Description::try_from(text.as_str())?);
                let operation = UploadArchive { vault, description, body: hashes(&data)?.try_into()? };
                let sent = client.upload_retrying(&operation, &mut Bytes::new(&data), POLICY, environment, buf).await;
                keep(ids, number, sent, |output| Ok(output.archive_id()?.as_str().to_owned()))
            }
            "InitiateMultipartUpload" => {
                let text = number.to_string();
                let (part_size, description) = (PartSize::from_bytes(whole("part")?)?, Some(Description::try_from(text.as_str())?));
                let operation = InitiateMultipartUpload { vault, part_size, description };
                let sent = client.send_retrying(&operation, POLICY, environment, buf).await;
                keep(ids, number, sent, |output| Ok(output.upload_id()?.as_str().to_owned()))
            }
            "UploadMultipartPart" => {
                let (at, length) = (whole("at")?, whole("length")?);
                let data = body(whole("upload")?, whole("size")?);
                let piece = data.get(usize::try_from(at)?..usize::try_from(at + length)?).ok_or("a part beyond the archive")?;
                let operation = UploadMultipartPart::new(vault, UploadId::try_from(id.as_str())?, at, hashes(piece)?)?;
                done(client.upload_retrying(&operation, &mut Bytes::new(piece), POLICY, environment, buf).await)
            }
            "CompleteMultipartUpload" => {
                let (number, archive_size) = (whole("upload")?, whole("size")?);
                let tree_hash = hashes(&body(number, archive_size))?.tree;
                ids.remove(&number);
                let operation =
                    CompleteMultipartUpload { vault, upload: UploadId::try_from(id.as_str())?, archive_size, tree_hash };
                let sent = client.send_retrying(&operation, POLICY, environment, buf).await;
                keep(ids, number, sent, |output| Ok(output.archive_id()?.as_str().to_owned()))
            }
            "InitiateJob" => {
                let (text, kind) = (number.to_string(), JobKind::Archive { id: ArchiveId::try_from(id.as_str())?, range: None });
                let description = Some(Description::try_from(text.as_str())?);
                let operation = InitiateJob { vault, kind, tier: None, description, sns_topic: None };
                let sent = client.send_retrying(&operation, POLICY, environment, buf).await;
                keep(ids, number, sent, |output| Ok(output.job_id()?.as_str().to_owned()))
            }
            "DescribeJob" => {
                let operation = DescribeJob { vault, job: JobId::try_from(id.as_str())? };
                done(client.send_retrying(&operation, POLICY, environment, buf).await)
            }
            "GetJobOutput" => self.output(&GetJobOutput { vault, job: JobId::try_from(id.as_str())?, range: None }).await,
            "DeleteArchive" => {
                let operation = DeleteArchive { vault, archive: ArchiveId::try_from(id.as_str())? };
                done(client.send_retrying(&operation, POLICY, environment, buf).await)
            }
            other => return Err(format!("{other} is not in the workload").into()),
        })
    }

    /// All of an output; a download that fails on the way begins again, twice.
    async fn output(&mut self, operation: &GetJobOutput<'_>) -> Value {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.output_once(operation).await {
                Ok(hash) => return json!({ "result": "ok", "sha256": hash.to_string() }),
                Err(error) if error.may_have_acted() && tries < 3 => {}
                Err(error) => return failed(&error),
            }
        }
    }

    async fn output_once(&mut self, operation: &GetJobOutput<'_>) -> Result<LinearHash, CallError> {
        let mut download = self.client.fetch_retrying(operation, POLICY, &mut self.environment, &mut self.buf).await?;
        let (mut hasher, mut piece) = (glacier_core::hash::LinearHasher::new(), vec![0; 64 << 10]);
        loop {
            match download.read(&mut piece).await? {
                0 => return Ok(hasher.finish()),
                got => hasher.update(piece.get(..got).unwrap_or_default()),
            }
        }
    }
}

fn done<T>(called: Result<T, CallError>) -> Value {
    match called {
        Ok(_) => json!({ "result": "ok" }),
        Err(error) => failed(&error),
    }
}

fn failed(error: &CallError) -> Value {
    json!({ "result": if error.may_have_acted() { "unknown" } else { "failed" }, "error": error.to_string() })
}

/// Remembers what an operation made.
fn keep<T>(
    ids: &mut HashMap<u64, String>,
    number: u64,
    called: Result<T, CallError>,
    id: impl FnOnce(&T) -> Result<String, DecodeError>,
) -> Value {
    let output = match called {
        Ok(output) => output,
        Err(error) => return failed(&error),
    };
    match id(&output) {
        Ok(id) => {
            ids.insert(number, id.clone());
            json!({ "result": "ok", "id": id })
        }
        Err(error) => failed(&error.into()),
    }
}

/// The bytes of the archive that operation n makes; every client has this function.
fn body(number: u64, size: u64) -> Vec<u8> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    format!("archive {number}\n").into_bytes().into_iter().cycle().take(size).collect()
}

fn hashes(data: &[u8]) -> Outcome<PayloadHashes> {
    let mut hasher = PayloadHasher::new();
    hasher.update(data);
    Ok(hasher.finish()?)
}
