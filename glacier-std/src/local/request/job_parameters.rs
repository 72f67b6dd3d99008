//! The body of InitiateJob.

use glacier_core::{Description, Timestamp};
use serde::Deserialize;

use super::json_body::json_body;
use super::text::number;
use crate::local::model::{ApiError, InventoryQuery, JsonObject, Tier};

/// The body as it is sent. Empty strings, which some callers send, count as absent.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct JobParameters {
    r#type: Option<String>,
    archive_id: Option<String>,
    retrieval_byte_range: Option<String>,
    tier: Option<String>,
    format: Option<String>,
    description: Option<String>,
    #[serde(rename = "SNSTopic")]
    sns_topic: Option<String>,
    inventory_retrieval_parameters: Option<JsonObject<InventoryParameters>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InventoryParameters {
    start_date: Option<String>,
    end_date: Option<String>,
    limit: Option<String>,
    marker: Option<String>,
}

/// What a job is asked for.
pub(crate) enum JobRequest<'p> {
    Archive { id: &'p str, tier: Tier, range: Option<&'p str> },
    Inventory(InventoryQuery),
}

impl JobParameters {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json_body(body)
    }

    pub(crate) fn description(&self) -> Result<Option<String>, ApiError> {
        let Some(text) = given(&self.description) else { return Ok(None) };
        Description::try_from(text).map_err(|error| ApiError::invalid(format!("Invalid job description: {error}")))?;
        Ok(Some(text.to_owned()))
    }

    pub(crate) fn sns_topic(&self) -> Option<String> {
        given(&self.sns_topic).map(str::to_owned)
    }

    /// The job's type and the parameters of that type.
    pub(crate) fn job(&self) -> Result<JobRequest<'_>, ApiError> {
        match given(&self.r#type) {
            Some("archive-retrieval") => self.archive(),
            Some("inventory-retrieval") => self.inventory().map(JobRequest::Inventory),
            Some(other) => {
                Err(ApiError::invalid(format!("Invalid job type: {other}. The type is archive-retrieval or inventory-retrieval")))
            }
            None => Err(ApiError::missing("Type")),
        }
    }

    fn archive(&self) -> Result<JobRequest<'_>, ApiError> {
        let id = given(&self.archive_id).ok_or_else(|| ApiError::missing("ArchiveId"))?;
        if given(&self.format).is_some() || self.inventory_retrieval_parameters.is_some() {
            return Err(ApiError::invalid("Format and InventoryRetrievalParameters are for inventory-retrieval jobs only"));
        }
        let tier = given(&self.tier).unwrap_or("Standard");
        let tier = Tier::from_name(tier)
            .ok_or_else(|| ApiError::invalid(format!("Invalid tier: {tier}. The tier is Expedited, Standard or Bulk")))?;
        Ok(JobRequest::Archive { id, tier, range: given(&self.retrieval_byte_range) })
    }

    fn inventory(&self) -> Result<InventoryQuery, ApiError> {
        if given(&self.archive_id).is_some() || given(&self.retrieval_byte_range).is_some() {
            return Err(ApiError::invalid("ArchiveId and RetrievalByteRange are for archive-retrieval jobs only"));
        }
        let format = given(&self.format).unwrap_or("JSON");
        if !matches!(format, "JSON" | "CSV") {
            return Err(ApiError::invalid(format!("Invalid format: {format}. The format is CSV or JSON")));
        }
        let none = InventoryParameters::default();
        let parameters = self.inventory_retrieval_parameters.as_ref().map_or(&none, |JsonObject(parameters)| parameters);
        let date = |name: &str, text: &Option<String>| match given(text) {
            Some(text) if Timestamp::parse_iso(text).is_none() => {
                Err(ApiError::invalid(format!("Invalid {name}: {text}. The form is 2013-03-20T17:03:43Z")))
            }
            text => Ok(text.map(str::to_owned)),
        };
        let limit = given(&parameters.limit).map(|text| {
            let limit = number(text).filter(|limit| *limit > 0);
            limit.ok_or_else(|| ApiError::invalid(format!("Invalid Limit: {text}. The limit is a whole number of at least 1")))
        });
        Ok(InventoryQuery {
            format: format.to_owned(),
            start_date: date("StartDate", &parameters.start_date)?,
            end_date: date("EndDate", &parameters.end_date)?,
            limit: limit.transpose()?,
            marker: given(&parameters.marker).map(str::to_owned),
        })
    }
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}
