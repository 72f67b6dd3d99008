//! Initiating jobs.

use super::select::Select;
use crate::request::{Encode, Method, Operation, Payload};
use crate::response::{FromResponse, Header, Response};
use crate::values::{ArchiveId, ByteRange, Description, JobId, VaultRef};
use crate::wire::json::Object;
use crate::wire::{DecodeError, Path, Sink, Wire};

/// The tier of a retrieval: its speed and its cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
    #[must_use]
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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum InventoryFormat {
    /// Comma-separated values, with the quoting of the service.
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
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
    /// Query an archive, which the service has withdrawn. Made from a [`SelectJob`](super::SelectJob).
    Select(Select<'a>),
}

/// Which archives an inventory lists, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InventoryRetrieval<'a> {
    /// The form; JSON when `None`.
    pub format: Option<InventoryFormat>,
    /// Which archives; all when `None`.
    pub filter: Option<InventoryFilter<'a>>,
}

/// Which archives an inventory lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InventoryFilter<'a> {
    /// Archives created at this time or later, as `2013-03-20T17:03:43Z`.
    pub start_date: Option<&'a str>,
    /// Archives created before this time.
    pub end_date: Option<&'a str>,
    /// The maximum number of archives, at least 1.
    pub limit: Option<u64>,
    /// Where to continue: the marker in the description of the previous job.
    pub marker: Option<&'a str>,
}

/// Initiates a job. Each call creates one, and retrievals are billed.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-initiate-job-post.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InitiateJob<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The kind of job.
    pub kind: JobKind<'a>,
    /// The tier; Standard when `None`.
    pub tier: Option<Tier>,
    /// The description of the job.
    pub description: Option<Description<'a>>,
    /// The ARN of an SNS topic that is notified when the job completes.
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
                if let Some(filter) = &inventory.filter {
                    object.object("InventoryRetrievalParameters", &|inner| {
                        let InventoryFilter { start_date, end_date, limit, marker } = filter;
                        inner.text_opt("StartDate", start_date.as_ref().map(|date| date as &dyn Wire));
                        inner.text_opt("EndDate", end_date.as_ref().map(|date| date as &dyn Wire));
                        // The service requires this number as a string.
                        inner.text_opt("Limit", limit.as_ref().map(|limit| limit as &dyn Wire));
                        inner.text_opt("Marker", marker.as_ref().map(|marker| marker as &dyn Wire));
                    });
                }
            }
            JobKind::Select(select) => select.json(&mut object),
        }
        object.text_opt("Tier", self.tier.as_ref().map(|tier| tier as &dyn Wire));
        object.text_opt("Description", self.description.as_ref().map(|text| text as &dyn Wire));
        object.text_opt("SNSTopic", self.sns_topic.as_ref().map(|topic| topic as &dyn Wire));
        object.end();
    }
    fn is_idempotent(&self) -> bool {
        false
    }
}

impl Operation for InitiateJob<'_> {
    type Output<'b> = InitiateJobOutput<'b>;
}

/// A job that was initiated.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct InitiateJobOutput<'b> {
    job_id: Option<JobId<'b>>,
    /// The job's path.
    pub location: Option<&'b str>,
    /// Where a select job writes its output.
    pub job_output_path: Option<&'b str>,
}

impl<'b> InitiateJobOutput<'b> {
    /// The job's id.
    ///
    /// # Errors
    /// [`DecodeError::MissingHeader`] when the response has none, so that it is probably not from a Glacier endpoint.
    pub fn job_id(&self) -> Result<JobId<'b>, DecodeError> {
        self.job_id.ok_or(DecodeError::MissingHeader(Header::JobId.name()))
    }
}

impl<'b> FromResponse<'b> for InitiateJobOutput<'b> {
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        Ok(InitiateJobOutput {
            job_id: response.header(Header::JobId).and_then(|id| id.try_into().ok()),
            location: response.header(Header::Location),
            job_output_path: response.header(Header::JobOutputPath),
        })
    }
}
