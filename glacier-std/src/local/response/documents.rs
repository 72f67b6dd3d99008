//! The JSON documents of the API (sections 3 and 4 of the API reference).

use serde::Serialize;

use crate::local::model::{JobRecord, JobWork, PieceRecord, UploadRecord, VaultRecord};

/// A vault: the output of DescribeVault.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VaultDocument {
    creation_date: String,
    last_inventory_date: Option<String>,
    number_of_archives: Option<u64>,
    size_in_bytes: Option<u64>,
    #[serde(rename = "VaultARN")]
    vault_arn: String,
    vault_name: String,
}

impl VaultDocument {
    pub(crate) fn new(arn: String, vault: &VaultRecord) -> Self {
        VaultDocument {
            creation_date: vault.created.to_string(),
            last_inventory_date: vault.inventory.map(|last| last.taken.to_string()),
            number_of_archives: vault.inventory.map(|last| last.archives),
            size_in_bytes: vault.inventory.map(|last| last.bytes),
            vault_arn: arn,
            vault_name: vault.key.name.clone(),
        }
    }
}

/// A page of ListVaults.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VaultPage {
    pub(crate) marker: Option<String>,
    pub(crate) vault_list: Vec<VaultDocument>,
}

/// A multipart upload.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UploadDocument {
    archive_description: Option<String>,
    creation_date: String,
    multipart_upload_id: String,
    part_size_in_bytes: u64,
    #[serde(rename = "VaultARN")]
    vault_arn: String,
}

impl UploadDocument {
    pub(crate) fn new(arn: String, id: &str, upload: &UploadRecord) -> Self {
        UploadDocument {
            archive_description: Some(upload.description.clone()).filter(|text| !text.is_empty()),
            creation_date: upload.created.to_string(),
            multipart_upload_id: id.to_owned(),
            part_size_in_bytes: upload.part_size.bytes(),
            vault_arn: arn,
        }
    }
}

/// A page of ListMultipartUploads.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UploadPage {
    pub(crate) marker: Option<String>,
    pub(crate) uploads_list: Vec<UploadDocument>,
}

/// A part of a multipart upload.
#[derive(Serialize)]
pub(crate) struct PartDocument {
    #[serde(rename = "RangeInBytes")]
    range: String,
    #[serde(rename = "SHA256TreeHash")]
    tree: String,
}

impl PartDocument {
    pub(crate) fn new(first: u64, part: &PieceRecord) -> Self {
        PartDocument { range: format!("{first}-{}", first + part.size - 1), tree: part.tree.to_string() }
    }
}

/// A page of ListParts.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PartPage {
    #[serde(flatten)]
    pub(crate) upload: UploadDocument,
    pub(crate) marker: Option<String>,
    pub(crate) parts: Vec<PartDocument>,
}

/// A job: the output of DescribeJob.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct JobDocument {
    action: &'static str,
    archive_id: Option<String>,
    #[serde(rename = "ArchiveSHA256TreeHash")]
    archive_tree: Option<String>,
    archive_size_in_bytes: Option<u64>,
    completed: bool,
    completion_date: Option<String>,
    creation_date: String,
    inventory_retrieval_parameters: Option<InventoryDocument>,
    inventory_size_in_bytes: Option<u64>,
    job_description: Option<String>,
    job_id: String,
    retrieval_byte_range: Option<String>,
    #[serde(rename = "SHA256TreeHash")]
    tree: Option<String>,
    #[serde(rename = "SNSTopic")]
    sns_topic: Option<String>,
    status_code: &'static str,
    status_message: Option<String>,
    tier: Option<&'static str>,
    #[serde(rename = "VaultARN")]
    vault_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InventoryDocument {
    end_date: Option<String>,
    format: String,
    limit: Option<String>,
    marker: Option<String>,
    start_date: Option<String>,
}

impl JobDocument {
    /// `next` is the marker of the inventory that continues that of the job.
    pub(crate) fn new(arn: String, id: &str, job: &JobRecord, next: Option<String>) -> Self {
        let done = job.completed.is_some();
        let mut document = JobDocument {
            action: "InventoryRetrieval",
            archive_id: None,
            archive_tree: None,
            archive_size_in_bytes: None,
            completed: done,
            completion_date: job.completed.as_ref().map(|completed| completed.at.to_string()),
            creation_date: job.created.to_string(),
            inventory_retrieval_parameters: None,
            inventory_size_in_bytes: None,
            job_description: job.description.clone(),
            job_id: id.to_owned(),
            retrieval_byte_range: None,
            tree: None,
            sns_topic: job.sns_topic.clone(),
            status_code: job.status(),
            status_message: job.completed.as_ref().map(|done| done.failure.clone().unwrap_or_else(|| "Succeeded".to_owned())),
            tier: None,
            vault_arn: arn,
        };
        match &job.work {
            JobWork::Archive(work) => {
                document.action = "ArchiveRetrieval";
                document.archive_id = Some(work.archive.clone());
                document.archive_tree = Some(work.tree.to_string());
                document.archive_size_in_bytes = Some(work.size);
                document.retrieval_byte_range = Some(work.range.to_string());
                document.tree = work.range_tree.clone().filter(|_| done);
                document.tier = Some(work.tier.name());
            }
            JobWork::Inventory(work) => {
                document.inventory_size_in_bytes = work.output.as_ref().map(|output| output.size);
                document.inventory_retrieval_parameters = Some(InventoryDocument {
                    end_date: work.end_date.clone(),
                    format: work.format.clone(),
                    limit: work.limit.map(|limit| limit.to_string()),
                    marker: next,
                    start_date: work.start_date.clone(),
                });
            }
        }
        document
    }
}

/// A page of ListJobs.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct JobPage {
    pub(crate) job_list: Vec<JobDocument>,
    pub(crate) marker: Option<String>,
}
