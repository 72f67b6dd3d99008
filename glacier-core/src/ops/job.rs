//! The status of jobs, and their output.

use crate::request::{Encode, Fetch, Headers, List, Method, Operation, Paginate};
use crate::response::{FromResponse, Response, with_member};
use crate::values::{JobId, Range, VaultRef};
use crate::wire::json::{FromJson, Text, Value};
use crate::wire::{DecodeError, Path, Query, json};

/// `/{account}/vaults/{name}/jobs/{id}`
fn job_path(vault: &VaultRef<'_>, job: &JobId<'_>, path: &mut Path<'_>) {
    vault.path(path);
    path.segment(&"jobs").segment(job);
}

/// Describes a job: its status and its parameters.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-describe-job-get.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DescribeJob<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The job.
    pub job: JobId<'a>,
}

impl Encode for DescribeJob<'_> {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, path: &mut Path<'_>) {
        job_path(&self.vault, &self.job, path);
    }
}

impl Operation for DescribeJob<'_> {
    type Output<'b> = Job<'b>;
}

/// The description of a job (section 4.1 of the API reference).
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct Job<'b> {
    /// The job's id.
    pub job_id: Option<Text<'b>>,
    /// Its description.
    pub job_description: Option<Text<'b>>,
    /// `ArchiveRetrieval`, `InventoryRetrieval` or `Select`; [`Job::action`] reads it.
    pub action: Option<Text<'b>>,
    /// The archive, for retrievals.
    pub archive_id: Option<Text<'b>>,
    /// The vault's ARN.
    #[cfg_attr(feature = "serde", serde(rename = "VaultARN"))]
    pub vault_arn: Option<Text<'b>>,
    /// When it was initiated, ISO 8601.
    pub creation_date: Option<Text<'b>>,
    /// Whether it has ended, successfully or not.
    pub completed: Option<bool>,
    /// `InProgress`, `Succeeded` or `Failed`; [`Job::status`] reads it.
    pub status_code: Option<Text<'b>>,
    /// Details of the status.
    pub status_message: Option<Text<'b>>,
    /// Bytes in the archive.
    pub archive_size_in_bytes: Option<u64>,
    /// Bytes in the inventory, once it is complete.
    pub inventory_size_in_bytes: Option<u64>,
    /// The SNS topic that is notified.
    #[cfg_attr(feature = "serde", serde(rename = "SNSTopic"))]
    pub sns_topic: Option<Text<'b>>,
    /// When it ended.
    pub completion_date: Option<Text<'b>>,
    /// The tree hash of the bytes retrieved, when they are a node of the archive's tree.
    #[cfg_attr(feature = "serde", serde(rename = "SHA256TreeHash"))]
    pub sha256_tree_hash: Option<Text<'b>>,
    /// The tree hash of the whole archive.
    #[cfg_attr(feature = "serde", serde(rename = "ArchiveSHA256TreeHash"))]
    pub archive_sha256_tree_hash: Option<Text<'b>>,
    /// The bytes retrieved, `A-B`, both included.
    pub retrieval_byte_range: Option<Text<'b>>,
    /// The tier.
    pub tier: Option<Text<'b>>,
    /// The parameters of an inventory job.
    pub inventory_retrieval_parameters: Option<InventoryParameters<'b>>,
    /// Where a select job writes its output.
    pub job_output_path: Option<Text<'b>>,
    /// The parameters of a select job: an object, as the service wrote it.
    pub select_parameters: Option<Value<'b>>,
    /// The output location of a select job: an object, as the service wrote it.
    pub output_location: Option<Value<'b>>,
}

/// A value that is returned unchanged, if it is an object.
fn object(value: Value<'_>) -> Result<Option<Value<'_>>, DecodeError> {
    match value.raw().first() {
        Some(b'{') => Ok(Some(value)),
        _ if value.is_null() => Ok(None),
        _ => Err(DecodeError::Json),
    }
}

impl<'b> FromJson<'b> for Job<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        let text = match name {
            "JobId" => &mut self.job_id,
            "JobDescription" => &mut self.job_description,
            "Action" => &mut self.action,
            "ArchiveId" => &mut self.archive_id,
            "VaultARN" => &mut self.vault_arn,
            "CreationDate" => &mut self.creation_date,
            "StatusCode" => &mut self.status_code,
            "StatusMessage" => &mut self.status_message,
            "SNSTopic" => &mut self.sns_topic,
            "CompletionDate" => &mut self.completion_date,
            "SHA256TreeHash" => &mut self.sha256_tree_hash,
            "ArchiveSHA256TreeHash" => &mut self.archive_sha256_tree_hash,
            "RetrievalByteRange" => &mut self.retrieval_byte_range,
            "Tier" => &mut self.tier,
            "JobOutputPath" => &mut self.job_output_path,
            _ => return self.other_member(name, value),
        };
        *text = value.text()?;
        Ok(())
    }
}

impl<'b> Job<'b> {
    /// A member that is not a string.
    fn other_member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        match name {
            "Completed" => self.completed = value.flag()?,
            "ArchiveSizeInBytes" => self.archive_size_in_bytes = value.number()?,
            "InventorySizeInBytes" => self.inventory_size_in_bytes = value.number()?,
            "InventoryRetrievalParameters" => self.inventory_retrieval_parameters = value.object()?,
            "SelectParameters" => self.select_parameters = object(value)?,
            "OutputLocation" => self.output_location = object(value)?,
            _ => {}
        }
        Ok(())
    }
}

/// The parameters of an inventory job, and where the next one continues.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct InventoryParameters<'b> {
    /// `CSV` or `JSON`.
    pub format: Option<Text<'b>>,
    /// The earliest time of creation, included.
    pub start_date: Option<Text<'b>>,
    /// The latest time of creation, not included.
    pub end_date: Option<Text<'b>>,
    /// The maximum number of archives, a number as text.
    pub limit: Option<Text<'b>>,
    /// Where the next inventory continues; `None` at the end.
    pub marker: Option<Text<'b>>,
}

impl<'b> FromJson<'b> for InventoryParameters<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        match name {
            "Format" => self.format = value.text()?,
            "StartDate" => self.start_date = value.text()?,
            "EndDate" => self.end_date = value.text()?,
            "Limit" => self.limit = value.text()?,
            "Marker" => self.marker = value.text()?,
            _ => {}
        }
        Ok(())
    }
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Action {
    /// An archive is retrieved.
    ArchiveRetrieval,
    /// An inventory is made.
    InventoryRetrieval,
    /// An archive is queried.
    Select,
    /// A value that this client does not know.
    Unknown,
}

/// The status of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StatusCode {
    /// It has not ended.
    InProgress,
    /// Its output can be downloaded, for at least 24 hours.
    Succeeded,
    /// It has ended without an output.
    Failed,
    /// A value that this client does not know.
    Unknown,
}

impl StatusCode {
    /// The status as the service spells it; `None` for [`StatusCode::Unknown`].
    #[must_use]
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            StatusCode::InProgress => Some("InProgress"),
            StatusCode::Succeeded => Some("Succeeded"),
            StatusCode::Failed => Some("Failed"),
            StatusCode::Unknown => None,
        }
    }
}

impl Job<'_> {
    /// The status of the job.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.status_code.and_then(|text| text.as_plain()) {
            Some("InProgress") => StatusCode::InProgress,
            Some("Succeeded") => StatusCode::Succeeded,
            Some("Failed") => StatusCode::Failed,
            _ => StatusCode::Unknown,
        }
    }

    /// What the job does.
    #[must_use]
    pub fn action(&self) -> Action {
        match self.action.and_then(|text| text.as_plain()) {
            Some("ArchiveRetrieval") => Action::ArchiveRetrieval,
            Some("InventoryRetrieval") => Action::InventoryRetrieval,
            Some("Select") => Action::Select,
            _ => Action::Unknown,
        }
    }
}

impl<'b> FromResponse<'b> for Job<'b> {
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        json::object(response.body)
    }
    fn from_service(response: &Response<'b>) -> Result<Self, DecodeError> {
        with_member(
            Self::from_response(response),
            |found| found.status_code.is_some() || found.job_id.is_some(),
            "StatusCode",
            response.body,
        )
    }
}

/// Lists the jobs of a vault, in progress and completed, oldest first.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-jobs-get.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ListJobs<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// Only jobs that have ended, or only those in progress.
    pub completed: Option<bool>,
    /// The maximum number of jobs in a page; 50 by default and at most.
    pub limit: Option<u64>,
    /// Where to continue: the marker of the previous page.
    pub marker: Option<&'a str>,
    /// Only jobs with this status. [`StatusCode::Unknown`] is the same as none.
    pub status: Option<StatusCode>,
}

impl Encode for ListJobs<'_> {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, path: &mut Path<'_>) {
        self.vault.path(path);
        path.segment(&"jobs");
    }
    fn query(&self, query: &mut Query<'_>) {
        self.page_query(self.limit, self.marker, query);
    }
}

impl List for ListJobs<'_> {
    const NAME: &'static str = "JobList";
    type Item<'b> = Job<'b>;
    fn item<'b>(_: &'b str, value: Value<'b>) -> Result<Job<'b>, DecodeError> {
        Ok(value.object()?.unwrap_or_default())
    }
}

impl Paginate for ListJobs<'_> {
    fn page_query(&self, limit: Option<u64>, marker: Option<&str>, query: &mut Query<'_>) {
        if let Some(completed) = self.completed {
            query.pair("completed", if completed { &"true" } else { &"false" });
        }
        query.page(limit, marker);
        if let Some(status) = self.status.and_then(StatusCode::as_str) {
            query.pair("statuscode", &status);
        }
    }
    fn limit(&self) -> Option<u64> {
        self.limit
    }
    fn marker(&self) -> Option<&str> {
        self.marker
    }
}

/// Downloads the output of a job that has succeeded.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-job-output-get.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GetJobOutput<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The job.
    pub job: JobId<'a>,
    /// The bytes wanted, counted in the job's output; all when `None`. The service ignores a range that it does not
    /// understand, so compare the response's `content_range`.
    pub range: Option<Range>,
}

impl Encode for GetJobOutput<'_> {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, path: &mut Path<'_>) {
        job_path(&self.vault, &self.job, path);
        path.segment(&"output");
    }
    fn headers(&self, headers: &mut Headers<'_, '_>) {
        if let Some(range) = &self.range {
            headers.put("range", range);
        }
    }
}

impl Fetch for GetJobOutput<'_> {}
