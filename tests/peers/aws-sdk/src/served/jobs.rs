//! Jobs: retrievals, inventories, their output and their list.

use std::collections::BTreeMap;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::operation::describe_job::DescribeJobOutput;
use aws_sdk_glacier::operation::get_job_output::GetJobOutputOutput;
use aws_sdk_glacier::primitives::ByteStream;
use aws_sdk_glacier::types::{ActionCode, InventoryRetrievalJobInput, JobParameters, StatusCode};

use super::archives::tree;
use super::check::{ABSENT, Failure, INVALID, Outcome, equal, fails, some};
use super::server::arn;

/// Initiates a job, which is done at the next look.
async fn job(sdk: &Client, vault: &str, parameters: JobParameters) -> Result<(String, DescribeJobOutput), Failure> {
    let id = some(sdk.initiate_job().vault_name(vault).job_parameters(parameters).send().await?.job_id, "job id")?;
    let described = sdk.describe_job().vault_name(vault).job_id(&id).send().await?;
    equal((described.completed, described.status_code()), (true, Some(&StatusCode::Succeeded)), "the job")?;
    equal(described.vault_arn(), Some(arn(vault).as_str()), "the job's vault")?;
    Ok((id, described))
}

/// Retrieves a range of an archive, and reads a range of the output: its bytes, what came with them, and the job.
pub(super) async fn retrieve(
    sdk: &Client,
    vault: &str,
    archive: &str,
    of_archive: Option<&str>,
    of_output: Option<&str>,
) -> Result<(Vec<u8>, GetJobOutputOutput, DescribeJobOutput), Failure> {
    let parameters = JobParameters::builder().r#type("archive-retrieval").archive_id(archive);
    let (id, described) = job(sdk, vault, parameters.set_retrieval_byte_range(of_archive.map(str::to_owned)).build()).await?;
    equal((described.action(), described.archive_id()), (Some(&ActionCode::ArchiveRetrieval), Some(archive)), "the job")?;
    let output = sdk.get_job_output().vault_name(vault).job_id(id).set_range(of_output.map(str::to_owned)).send().await;
    let mut output = output?;
    let body = std::mem::replace(&mut output.body, ByteStream::from_static(b""));
    Ok((body.collect().await?.to_vec(), output, described))
}

pub(super) async fn jobs(sdk: Client) -> Outcome {
    let vault = "listed";
    sdk.create_vault().vault_name(vault).send().await?;
    let mut made = BTreeMap::new();
    for number in 1..4_u8 {
        let content = vec![number; number.into()];
        let up = sdk.upload_archive().vault_name(vault).archive_description(format!("no. {number}, \"a\""));
        let up = up.body(ByteStream::from(content.clone())).send().await?;
        made.insert(some(up.archive_id, "archive id")?, (number, tree(&content)?));
    }

    let parameters = JobParameters::builder().r#type("inventory-retrieval").description("why");
    let (first, described) = job(&sdk, vault, parameters.build()).await?;
    equal((described.action(), described.job_description()), (Some(&ActionCode::InventoryRetrieval), Some("why")), "the job")?;
    let output = sdk.get_job_output().vault_name(vault).job_id(&first).send().await?;
    equal(output.content_type(), Some("application/json"), "content type")?;
    let text = output.body.collect().await?.to_vec();
    equal(described.inventory_size_in_bytes(), Some(text.len().try_into()?), "size of the inventory")?;
    let inventory: serde_json::Value = serde_json::from_slice(&text)?;
    equal(inventory["VaultARN"].as_str(), Some(arn(vault).as_str()), "the inventory's vault")?;
    let archives = some(inventory["ArchiveList"].as_array(), "archives")?;
    equal(archives.len(), made.len(), "archives")?;
    for archive in archives {
        let (number, hash) = some(made.get(archive["ArchiveId"].as_str().unwrap_or_default()), "an archive of the inventory")?;
        equal(archive["Size"].as_u64(), Some(u64::from(*number)), "size")?;
        equal(archive["SHA256TreeHash"].as_str(), Some(hash.as_str()), "tree hash")?;
        equal(archive["ArchiveDescription"].as_str(), Some(format!("no. {number}, \"a\"").as_str()), "description")?;
    }

    // In CSV, and no more than one archive.
    let limit = InventoryRetrievalJobInput::builder().limit("1").build();
    let parameters = JobParameters::builder().r#type("inventory-retrieval").format("CSV").inventory_retrieval_parameters(limit);
    let (second, described) = job(&sdk, vault, parameters.build()).await?;
    let marker = described.inventory_retrieval_parameters().and_then(|parameters| parameters.marker());
    equal(marker.is_some(), true, "a marker for the next inventory")?;
    let output = sdk.get_job_output().vault_name(vault).job_id(&second).send().await?;
    equal(output.content_type(), Some("text/csv"), "content type")?;
    let text = String::from_utf8(output.body.collect().await?.to_vec())?;
    equal(text.lines().count(), 2, "lines")?;
    equal(text.lines().next(), Some("ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash"), "the first line")?;

    let listed = sdk.list_jobs().vault_name(vault).statuscode("Succeeded").completed("true");
    let pages = listed.into_paginator().page_size(1).send().try_collect().await?;
    let listed: Vec<&str> = pages.iter().flat_map(|page| page.job_list()).filter_map(|job| job.job_id()).collect();
    equal(listed, vec![first.as_str(), second.as_str()], "jobs")?;
    equal(pages.len() >= 2, true, "pages of jobs")?;
    equal(sdk.list_jobs().vault_name(vault).completed("false").send().await?.job_list().len(), 0, "jobs that are not completed")?;

    let initiate = |parameters: JobParameters| sdk.initiate_job().vault_name(vault).job_parameters(parameters).send();
    let retrieval = JobParameters::builder().r#type("archive-retrieval");
    let known = some(made.keys().next(), "archive id")?;
    fails(initiate(JobParameters::builder().r#type("guess").build()).await, INVALID)?;
    fails(initiate(retrieval.clone().archive_id(known).retrieval_byte_range("5-1048575").build()).await, INVALID)?;
    fails(initiate(retrieval.archive_id("x".repeat(138)).build()).await, ABSENT)?;
    fails(sdk.list_jobs().vault_name(vault).statuscode("Guess").send().await, INVALID)?;
    fails(sdk.describe_job().vault_name(vault).job_id("nosuch").send().await, ABSENT)?;
    fails(sdk.get_job_output().vault_name(vault).job_id("nosuch").send().await, ABSENT)
}
