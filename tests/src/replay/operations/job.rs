//! Jobs.

use glacier_core::ops::{
    DescribeJob, GetJobOutput, InitiateJob, InventoryFilter, InventoryFormat, InventoryRetrieval, JobKind, ListJobs, SelectJob,
    StatusCode, Tier,
};
use glacier_core::{ByteRange, Range};

use super::super::outputs::Shape;
use super::super::params::{Built, NotBuilt, Params, byte_range, missing};
use super::row::Row;
use super::{Visit, inexpressible, select};

/// The operations of this file.
pub(super) const OPERATIONS: &[Row] = &[
    ("DescribeJob", &["accountId", "vaultName", "jobId"], r#"{}"#),
    ("GetJobOutput", &["accountId", "vaultName", "jobId", "range"], r#"{}"#),
    ("InitiateJob", &["accountId", "vaultName", "jobParameters"], r#"{"jobParameters": {"Type": "inventory-retrieval"}}"#),
    ("ListJobs", &["accountId", "vaultName", "limit", "marker", "statuscode", "completed"], r#"{}"#),
];

pub(super) fn with<V: Visit>(operation: &str, p: &Params<'_>, visit: V) -> Built<V::Out> {
    match operation {
        "InitiateJob" => {
            let vault = p.vault()?;
            let job = p.object("jobParameters")?.ok_or_else(|| missing("jobParameters"))?;
            p.finish_operation(operation)?;
            let job_type = job.required("Type")?;
            let lists = if job_type == "select" { select::Lists::new(&job)? } else { select::Lists::default() };
            let select = if job_type == "select" { Some(select::job(&job, &lists)?) } else { None };
            let built = InitiateJob {
                vault,
                kind: kind(&job, select.as_ref())?,
                tier: tier(&job)?,
                description: job.description("Description")?,
                sns_topic: job.text("SNSTopic")?,
            };
            job.finish(|name| members_of(job_type, name))?;
            Ok(visit.operation(&built))
        }
        "DescribeJob" => {
            let built = DescribeJob { vault: p.vault()?, job: p.id("jobId")? };
            p.finish_operation(operation)?;
            Ok(visit.operation(&built))
        }
        "ListJobs" => {
            let completed = match p.text("completed")? {
                None => None,
                Some("true") => Some(true),
                Some("false") => Some(false),
                Some(other) => return Err(inexpressible("completed", other)),
            };
            let status = match p.text("statuscode")? {
                None => None,
                Some("InProgress") => Some(StatusCode::InProgress),
                Some("Succeeded") => Some(StatusCode::Succeeded),
                Some("Failed") => Some(StatusCode::Failed),
                Some(other) => return Err(inexpressible("statuscode", other)),
            };
            let (limit, marker) = (p.number("limit")?, p.text("marker")?);
            let built = ListJobs { vault: p.vault()?, completed, limit, marker, status };
            p.finish_operation(operation)?;
            Ok(visit.pages(&built, Shape::PAGE))
        }
        "GetJobOutput" => {
            let built = GetJobOutput { vault: p.vault()?, job: p.id("jobId")?, range: p.text("range")?.map(range).transpose()? };
            p.finish_operation(operation)?;
            Ok(visit.fetch(&built))
        }
        _ => Err(NotBuilt::Unknown(operation.to_string())),
    }
}

/// Whether the service accepts a member with jobs of this type (section 3.26 of the API reference); with others it is an error, and
/// the typed API has no place for it.
fn members_of(job_type: &str, name: &str) -> bool {
    let own: &[&str] = match job_type {
        "archive-retrieval" => &["ArchiveId", "RetrievalByteRange"],
        "inventory-retrieval" => &["Format", "InventoryRetrievalParameters"],
        "select" => &["ArchiveId", "SelectParameters", "OutputLocation"],
        _ => &[],
    };
    own.contains(&name) || ["Type", "Description", "SNSTopic", "Tier"].contains(&name)
}

fn kind<'a>(job: &Params<'a>, select: Option<&'a SelectJob<'a>>) -> Built<JobKind<'a>> {
    match job.required("Type")? {
        "archive-retrieval" => {
            let range = match job.text("RetrievalByteRange")? {
                None => None,
                Some(text) => Some(byte_range(text).ok_or_else(|| inexpressible("RetrievalByteRange", text))?),
            };
            Ok(JobKind::Archive { id: job.id("ArchiveId")?, range })
        }
        "inventory-retrieval" => {
            let format = match job.text("Format")? {
                None => None,
                Some("CSV") => Some(InventoryFormat::Csv),
                Some("JSON") => Some(InventoryFormat::Json),
                Some(other) => return Err(inexpressible("Format", other)),
            };
            let filter = job.object("InventoryRetrievalParameters")?.map(|inner| filter(&inner)).transpose()?;
            Ok(JobKind::Inventory(InventoryRetrieval { format, filter }))
        }
        "select" => {
            let select = select.ok_or_else(|| missing("SelectParameters"))?;
            Ok(JobKind::Select(select.into()))
        }
        other => Err(inexpressible("Type", other)),
    }
}

fn filter<'a>(inner: &Params<'a>) -> Built<InventoryFilter<'a>> {
    let filter = InventoryFilter {
        start_date: inner.text("StartDate")?,
        end_date: inner.text("EndDate")?,
        limit: inner.number("Limit")?,
        marker: inner.text("Marker")?,
    };
    inner.finish(|_| false)?;
    Ok(filter)
}

fn tier(job: &Params<'_>) -> Built<Option<Tier>> {
    Ok(match job.text("Tier")? {
        None => None,
        Some("Expedited") => Some(Tier::Expedited),
        Some("Standard") => Some(Tier::Standard),
        Some("Bulk") => Some(Tier::Bulk),
        Some(other) => return Err(inexpressible("Tier", other)),
    })
}

/// `bytes=A-B`, `bytes=A-` or `bytes=-N`.
fn range(text: &str) -> Built<Range> {
    let number = |digits: &str| digits.parse().ok().filter(|number: &u64| number.to_string() == digits);
    let read = || {
        Some(match text.strip_prefix("bytes=")?.split_once('-')? {
            ("", count) => Range::Last(number(count)?),
            (first, "") => Range::From(number(first)?),
            (first, last) => Range::Bytes(ByteRange::new(number(first)?, number(last)?).ok()?),
        })
    };
    read().ok_or_else(|| inexpressible("range", text))
}
