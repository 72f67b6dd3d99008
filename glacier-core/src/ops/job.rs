//! Jobs: retrievals and inventories, from the request to the output.

use crate::description::Description;
use crate::encode::{Encode, Headers, Method, Path, Payload};
use crate::error::DecodeError;
use crate::id::{ArchiveId, JobId};
use crate::json::{self, FromJson, Object, Text, Value};
use crate::operation::{Fetch, Operation};
use crate::range::{ByteRange, Range};
use crate::response::{FromResponse, Header, Response};
use crate::sink::{Sink, Wire};
use crate::target::VaultRef;

/// How fast, and how dear, a retrieval is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Tier {
    /// 1 to 5 minutes, for archives under 250 MB.
    Expedited,
    /// 3 to 5 hours.
    #[default]
    Standard,
    /// 5 to 12 hours.
    Bulk,
}

impl Tier {
    /// The tier's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Tier::Expedited => "Expedited",
            Tier::Standard => "Standard",
            Tier::Bulk => "Bulk",
        }
    }
}

impl Wire for Tier {
    fn wire(&self, out: &mut dyn Sink) {
        out.put(self.as_str().as_bytes());
    }
}

/// The form of an inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InventoryFormat {
    /// Comma-separated values, with the service's own quoting.
    Csv,
    /// JSON.
    Json,
}

impl Wire for InventoryFormat {
    fn wire(&self, out: &mut dyn Sink) {
        out.put(match self {
            InventoryFormat::Csv => b"CSV",
            InventoryFormat::Json => b"JSON",
        });
    }
}

/// What a job is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobKind<'a> {
    /// Make an archive, or a range of it that is aligned to MiB, ready for download.
    Archive {
        /// The archive.
        id: ArchiveId<'a>,
        /// The bytes wanted; all when `None`.
        range: Option<ByteRange>,
    },
    /// Make a list of the vault's archives.
    Inventory(InventoryRetrieval<'a>),
}

/// Which archives an inventory lists, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct InventoryRetrieval<'a> {
    /// The form; JSON when `None`.
    pub format: Option<InventoryFormat>,
    /// Archives created at this time or later, as `2013-03-20T17:03:43Z`.
    pub start_date: Option<&'a str>,
    /// Archives created before this time.
    pub end_date: Option<&'a str>,
    /// The most archives, at least 1.
    pub limit: Option<u64>,
    /// Where to go on: the marker in the description of the job before.
    pub marker: Option<&'a str>,
}

/// Begins a job. Each call makes one, and retrievals are billed.
#[derive(Clone, Copy, Debug)]
pub struct InitiateJob<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// What to do.
    pub kind: JobKind<'a>,
    /// How fast; the service takes Standard when `None`.
    pub tier: Option<Tier>,
    /// A text to keep with the job.
    pub description: Option<Description<'a>>,
    /// The ARN of a topic to be told on when the job is done.
    pub sns_topic: Option<&'a str>,
}

impl Encode for InitiateJob<'_> {
    fn method(&self) -> Method {
        Method::Post
    }
    fn path(&self, path: &mut Path<'_>) {
        self.vault.path(path);
        path.segment(&"jobs");
    }
    fn payload(&self) -> Payload {
        Payload::Json
    }
    fn json(&self, out: &mut dyn Sink) {
        let mut object = Object::new(out);
        match &self.kind {
            JobKind::Archive { id, range } => {
                object.text("Type", &"archive-retrieval").text("ArchiveId", id);
                object.text_opt("RetrievalByteRange", range.as_ref().map(|range| range as &dyn Wire));
            }
            JobKind::Inventory(inventory) => {
                object.text("Type", &"inventory-retrieval");
                object.text_opt("Format", inventory.format.as_ref().map(|format| format as &dyn Wire));
                let InventoryRetrieval { start_date, end_date, limit, marker, .. } = inventory;
                if start_date.is_some() || end_date.is_some() || limit.is_some() || marker.is_some() {
                    object.object("InventoryRetrievalParameters", &|inner| {
                        inner.text_opt("StartDate", start_date.as_ref().map(|date| date as &dyn Wire));
                        inner.text_opt("EndDate", end_date.as_ref().map(|date| date as &dyn Wire));
                        // A number that the service wants as a string.
                        inner.text_opt("Limit", limit.as_ref().map(|limit| limit as &dyn Wire));
                        inner.text_opt("Marker", marker.as_ref().map(|marker| marker as &dyn Wire));
                    });
                }
            }
        }
        object.text_opt("Tier", self.tier.as_ref().map(|tier| tier as &dyn Wire));
        object.text_opt("Description", self.description.as_ref().map(|text| text as &dyn Wire));
        object.text_opt("SNSTopic", self.sns_topic.as_ref().map(|topic| topic as &dyn Wire));
        object.end();
    }
}

impl Operation for InitiateJob<'_> {
    type Answer<'b> = JobReceipt<'b>;
}

/// A job that has begun.
#[derive(Clone, Copy, Debug)]
pub struct JobReceipt<'b> {
    job_id: Option<JobId<'b>>,
    /// The job's path.
    pub location: Option<&'b str>,
    /// Where a select job puts its output.
    pub job_output_path: Option<&'b str>,
}

impl<'b> JobReceipt<'b> {
    /// The job's id.
    ///
    /// # Errors
    /// [`DecodeError::MissingHeader`] when the answer had none, which no Glacier endpoint does.
    pub fn job_id(&self) -> Result<JobId<'b>, DecodeError> {
        self.job_id.ok_or(DecodeError::MissingHeader(Header::JobId.name()))
    }
}

impl<'b> FromResponse<'b> for JobReceipt<'b> {
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        Ok(JobReceipt {
            job_id: response.header(Header::JobId).and_then(|id| id.try_into().ok()),
            location: response.header(Header::Location),
            job_output_path: response.header(Header::JobOutputPath),
        })
    }
}

/// `/{account}/vaults/{name}/jobs/{id}`
fn job_path(vault: &VaultRef<'_>, job: &JobId<'_>, path: &mut Path<'_>) {
    vault.path(path);
    path.segment(&"jobs").segment(job);
}

/// Says how a job is doing.
#[derive(Clone, Copy, Debug)]
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
    type Answer<'b> = Job<'b>;
}

/// What the service says of a job (section 4.1 of the API reference).
#[derive(Clone, Copy, Debug, Default)]
pub struct Job<'b> {
    /// The job's id.
    pub job_id: Option<Text<'b>>,
    /// The text kept with it.
    pub job_description: Option<Text<'b>>,
    /// `ArchiveRetrieval` or `InventoryRetrieval`; [`Job::action`] reads it.
    pub action: Option<Text<'b>>,
    /// The archive, for retrievals.
    pub archive_id: Option<Text<'b>>,
    /// The vault's ARN.
    pub vault_arn: Option<Text<'b>>,
    /// When it began, ISO 8601.
    pub creation_date: Option<Text<'b>>,
    /// Whether it is over, well or badly.
    pub completed: Option<bool>,
    /// `InProgress`, `Succeeded` or `Failed`; [`Job::status`] reads it.
    pub status_code: Option<Text<'b>>,
    /// More on the status.
    pub status_message: Option<Text<'b>>,
    /// Bytes in the archive.
    pub archive_size_in_bytes: Option<u64>,
    /// Bytes in the inventory, once it is made.
    pub inventory_size_in_bytes: Option<u64>,
    /// The topic that is told.
    pub sns_topic: Option<Text<'b>>,
    /// When it was over.
    pub completion_date: Option<Text<'b>>,
    /// The tree hash of the bytes retrieved, when they are a node of the archive's tree.
    pub sha256_tree_hash: Option<Text<'b>>,
    /// The tree hash of the whole archive.
    pub archive_sha256_tree_hash: Option<Text<'b>>,
    /// The bytes retrieved, `A-B`, both included.
    pub retrieval_byte_range: Option<Text<'b>>,
    /// The tier.
    pub tier: Option<Text<'b>>,
    /// What an inventory was asked for.
    pub inventory_retrieval_parameters: Option<InventoryParameters<'b>>,
    /// Where a select job puts its output.
    pub job_output_path: Option<Text<'b>>,
}

impl<'b> FromJson<'b> for Job<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        match name {
            "JobId" => self.job_id = value.text()?,
            "JobDescription" => self.job_description = value.text()?,
            "Action" => self.action = value.text()?,
            "ArchiveId" => self.archive_id = value.text()?,
            "VaultARN" => self.vault_arn = value.text()?,
            "CreationDate" => self.creation_date = value.text()?,
            "Completed" => self.completed = value.flag()?,
            "StatusCode" => self.status_code = value.text()?,
            "StatusMessage" => self.status_message = value.text()?,
            "ArchiveSizeInBytes" => self.archive_size_in_bytes = value.number()?,
            "InventorySizeInBytes" => self.inventory_size_in_bytes = value.number()?,
            "SNSTopic" => self.sns_topic = value.text()?,
            "CompletionDate" => self.completion_date = value.text()?,
            "SHA256TreeHash" => self.sha256_tree_hash = value.text()?,
            "ArchiveSHA256TreeHash" => self.archive_sha256_tree_hash = value.text()?,
            "RetrievalByteRange" => self.retrieval_byte_range = value.text()?,
            "Tier" => self.tier = value.text()?,
            "InventoryRetrievalParameters" => self.inventory_retrieval_parameters = value.object()?,
            "JobOutputPath" => self.job_output_path = value.text()?,
            _ => {}
        }
        Ok(())
    }
}

/// What an inventory was asked for, and where the next one goes on.
#[derive(Clone, Copy, Debug, Default)]
pub struct InventoryParameters<'b> {
    /// `CSV` or `JSON`.
    pub format: Option<Text<'b>>,
    /// The first time of creation.
    pub start_date: Option<Text<'b>>,
    /// The time of creation to end before.
    pub end_date: Option<Text<'b>>,
    /// The most archives, a number as text.
    pub limit: Option<Text<'b>>,
    /// Where the next inventory goes on; `None` at the end.
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
#[non_exhaustive]
pub enum Action {
    /// An archive is retrieved.
    ArchiveRetrieval,
    /// An inventory is made.
    InventoryRetrieval,
    /// Something newer than this client.
    Unknown,
}

/// How a job is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatusCode {
    /// It is not over.
    InProgress,
    /// Its output can be downloaded, for at least 24 hours.
    Succeeded,
    /// It is over and has no output.
    Failed,
    /// Something newer than this client.
    Unknown,
}

impl Job<'_> {
    /// How the job is doing.
    pub fn status(&self) -> StatusCode {
        match self.status_code.and_then(|text| text.as_plain()) {
            Some("InProgress") => StatusCode::InProgress,
            Some("Succeeded") => StatusCode::Succeeded,
            Some("Failed") => StatusCode::Failed,
            _ => StatusCode::Unknown,
        }
    }

    /// What the job does.
    pub fn action(&self) -> Action {
        match self.action.and_then(|text| text.as_plain()) {
            Some("ArchiveRetrieval") => Action::ArchiveRetrieval,
            Some("InventoryRetrieval") => Action::InventoryRetrieval,
            _ => Action::Unknown,
        }
    }
}

impl<'b> FromResponse<'b> for Job<'b> {
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        json::object(response.body)
    }
}

/// Downloads the output of a job that has succeeded.
#[derive(Clone, Copy, Debug)]
pub struct GetJobOutput<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The job.
    pub job: JobId<'a>,
    /// The bytes wanted, counted in the job's output; all when `None`. The service ignores a range that it does not
    /// understand, so compare the answer's `content_range`.
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
