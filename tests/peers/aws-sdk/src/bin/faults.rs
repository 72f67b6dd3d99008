//! The workload of `tests/peers/faults` with the AWS SDK for Rust, as a program uses it: its default retries, and what its calls return.
//! `faults URL PLAN`. A line of JSON says what became of each operation.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::config::retry::RetryConfig;
use aws_sdk_glacier::config::timeout::TimeoutConfig;
use aws_sdk_glacier::config::{Credentials, Region};
use aws_sdk_glacier::error::{DisplayErrorContext, SdkError};
use aws_sdk_glacier::primitives::ByteStream;
use aws_sdk_glacier::types::JobParameters;
use glacier_core::hash::{LinearHasher, PayloadHasher};
use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A run takes a minute; a hang is a failure.
const LIMIT: Duration = Duration::from_secs(300);

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, plan] = arguments.as_slice() else { return Err("usage: faults URL PLAN".into()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { tokio::time::timeout(LIMIT, run(url, plan)).await? })
}

async fn run(url: &str, plan: &str) -> Outcome<()> {
    // Stalls end soon; everything else is as the SDK has it.
    let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(2)).read_timeout(Duration::from_secs(1)).build();
    let config = aws_sdk_glacier::Config::builder()
        .region(Region::new("eu-west-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts)
        .build();
    let mut work = Work { sdk: Client::from_conf(config), ids: HashMap::new() };
    let plan: Vec<Value> = serde_json::from_slice(&std::fs::read(plan)?)?;
    for step in &plan {
        let mut line = work.step(step).await?;
        line["n"] = step["n"].clone();
        println!("{line}");
    }
    Ok(())
}

struct Work {
    sdk: Client,
    /// What each operation made.
    ids: HashMap<u64, String>,
}

/// Whoever knows HTTP takes it that the service may have acted when the connection failed.
fn failed<E: Error + Send + Sync + 'static>(error: &SdkError<E>) -> Value {
    let result = match error {
        SdkError::ServiceError(_) | SdkError::ConstructionFailure(_) => "failed",
        _ => "unknown",
    };
    json!({ "result": result, "error": DisplayErrorContext(error).to_string() })
}

fn done<T, E: Error + Send + Sync + 'static>(called: Result<T, SdkError<E>>) -> Value {
    match called {
        Ok(_) => json!({ "result": "ok" }),
        Err(error) => failed(&error),
    }
}

impl Work {
    /// Remembers what an operation made.
    fn keep<E: Error + Send + Sync + 'static>(&mut self, number: u64, called: Result<Option<String>, SdkError<E>>) -> Value {
        match called {
            Ok(Some(id)) => {
                self.ids.insert(number, id.clone());
                json!({ "result": "ok", "id": id })
            }
            Ok(None) => json!({ "result": "unknown", "error": "the response has no id" }),
            Err(error) => failed(&error),
        }
    }

    async fn step(&mut self, step: &Value) -> Outcome<Value> {
        let sdk = self.sdk.clone();
        let whole = |name: &str| step[name].as_u64().ok_or_else(|| format!("{name} is missing"));
        let (number, vault) = (whole("n")?, step["vault"].as_str().unwrap_or_default());
        let needed = ["upload", "job", "archive"].into_iter().find_map(|name| step[name].as_u64());
        let Some(id) = needed.map_or(Some(String::new()), |needed| self.ids.get(&needed).cloned()) else {
            return Ok(json!({ "result": "skipped" }));
        };
        Ok(match step["op"].as_str().unwrap_or_default() {
            "CreateVault" => done(sdk.create_vault().vault_name(vault).send().await),
            "DescribeVault" => done(sdk.describe_vault().vault_name(vault).send().await),
            "ListVaults" => done(sdk.list_vaults().send().await),
            "ListJobs" => done(sdk.list_jobs().vault_name(vault).send().await),
            "ListTagsForVault" => done(sdk.list_tags_for_vault().vault_name(vault).send().await),
            "AddTagsToVault" => {
                let (key, value) = (step["key"].as_str().unwrap_or_default(), step["value"].as_str().unwrap_or_default());
                done(sdk.add_tags_to_vault().vault_name(vault).tags(key, value).send().await)
            }
            "UploadArchive" => {
                let upload = sdk.upload_archive().vault_name(vault).archive_description(number.to_string());
                let sent = upload.body(ByteStream::from(body(number, whole("size")?))).send().await;
                self.keep(number, sent.map(|output| output.archive_id))
            }
            "InitiateMultipartUpload" => {
                let initiate = sdk.initiate_multipart_upload().vault_name(vault).archive_description(number.to_string());
                let sent = initiate.part_size(whole("part")?.to_string()).send().await;
                self.keep(number, sent.map(|output| output.upload_id))
            }
            "UploadMultipartPart" => {
                let (at, length) = (whole("at")?, whole("length")?);
                let data = body(whole("upload")?, whole("size")?);
                let piece = data.get(usize::try_from(at)?..usize::try_from(at + length)?).ok_or("a part beyond the archive")?;
                let part = sdk.upload_multipart_part().vault_name(vault).upload_id(id);
                let part = part.range(format!("bytes {at}-{}/*", at + length - 1)).checksum(tree(piece)?);
                done(part.body(ByteStream::from(piece.to_vec())).send().await)
            }
            "CompleteMultipartUpload" => {
                let (upload, size) = (whole("upload")?, whole("size")?);
                self.ids.remove(&upload);
                let complete = sdk.complete_multipart_upload().vault_name(vault).upload_id(id);
                let sent = complete.archive_size(size.to_string()).checksum(tree(&body(upload, size))?).send().await;
                self.keep(upload, sent.map(|output| output.archive_id))
            }
            "InitiateJob" => {
                let parameters =
                    JobParameters::builder().r#type("archive-retrieval").archive_id(id).description(number.to_string());
                let sent = sdk.initiate_job().vault_name(vault).job_parameters(parameters.build()).send().await;
                self.keep(number, sent.map(|output| output.job_id))
            }
            "DescribeJob" => done(sdk.describe_job().vault_name(vault).job_id(id).send().await),
            "GetJobOutput" => match sdk.get_job_output().vault_name(vault).job_id(id).send().await {
                Ok(output) => match output.body.collect().await {
                    Ok(bytes) => {
                        let mut hasher = LinearHasher::new();
                        hasher.update(&bytes.to_vec());
                        json!({ "result": "ok", "sha256": hasher.finish().to_string() })
                    }
                    Err(error) => json!({ "result": "unknown", "error": error.to_string() }),
                },
                Err(error) => failed(&error),
            },
            "DeleteArchive" => done(sdk.delete_archive().vault_name(vault).archive_id(id).send().await),
            other => return Err(format!("{other} is not in the workload").into()),
        })
    }
}

/// The bytes of the archive that operation n makes; every client has this function.
fn body(number: u64, size: u64) -> Vec<u8> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    format!("archive {number}\n").into_bytes().into_iter().cycle().take(size).collect()
}

fn tree(data: &[u8]) -> Outcome<String> {
    let mut hasher = PayloadHasher::new();
    hasher.update(data);
    Ok(hasher.finish()?.tree.to_string())
}
