//! DescribeJob and ListJobs.

use serde::Serialize;

use super::answer::Answer;
use super::call::Call;
use super::page::page;
use super::records::{Job, Work};
use super::refuse::Refused;
use super::tables::{JOB_ORDER, JOBS, Records, VAULTS};
use super::time::Moment;
use super::{Inner, vaults};

pub(super) fn describe(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
    let job = find(inner, call)?;
    Answer::json(&show(call, &call.id, &job))
}

/// The job in the path, which must exist.
pub(super) fn find(inner: &Inner, call: &Call) -> Result<Job, Refused> {
    inner.store.read(|transaction| {
        vaults::find(&transaction.open_table(VAULTS)?, call)?;
        let job: Option<Job> = transaction.open_table(JOBS)?.load((&call.vault, &call.id))?;
        job.ok_or_else(|| Refused::not_found(format!("The job ID was not found: {}", call.id)))
    })
}

pub(super) fn list(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Page {
        job_list: Vec<Shown>,
        marker: Option<String>,
    }
    let limit = call.query.limit(50)?;
    let status = call.query.get("statuscode");
    if let Some(status) = status.filter(|status| !matches!(*status, "InProgress" | "Succeeded" | "Failed")) {
        return Err(Refused::invalid(format!("Invalid statuscode: {status}. The status is InProgress, Succeeded or Failed")));
    }
    let completed = match call.query.get("completed") {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(other) => return Err(Refused::invalid(format!("Invalid completed: {other}. It is true or false"))),
    };
    let (job_list, marker) = inner.store.read(|transaction| {
        vaults::find(&transaction.open_table(VAULTS)?, call)?;
        let jobs = transaction.open_table(JOBS)?;
        let order = transaction.open_table(JOB_ORDER)?;
        let vault = call.vault.as_str();
        let (after, last) = match call.query.marker() {
            Some(marker) => {
                let job: Option<Job> = jobs.load((vault, marker))?;
                (job.ok_or_else(|| Refused::invalid(format!("Invalid marker: {marker}")))?.created.0, marker)
            }
            None => (0, ""),
        };
        let rows = order.range((vault, after, last)..=(vault, u64::MAX, ""))?.map(|row| {
            let id = row?.0.value().2.to_owned();
            let job: Option<Job> = jobs.load((vault, &id))?;
            Ok(job.map(|job| (id, job)))
        });
        let rows = rows.filter_map(Result::transpose).filter(|row| {
            let Ok((id, job)) = row else { return true };
            let is_done = job.is_done(call.now);
            id != last && status.is_none_or(|status| status == job.status(call.now)) && completed.is_none_or(|done| done == is_done)
        });
        page(limit, rows, |(id, _)| id.clone(), |(id, job)| show(call, &id, &job))
    })?;
    Answer::json(&Page { job_list, marker })
}

impl Job {
    pub(super) fn is_done(&self, now: Moment) -> bool {
        now >= self.done
    }

    fn status(&self, now: Moment) -> &'static str {
        if self.is_done(now) { "Succeeded" } else { "InProgress" }
    }
}

/// A job as the service shows it (section 4.1 of the API reference).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    action: &'static str,
    archive_id: Option<String>,
    #[serde(rename = "ArchiveSHA256TreeHash")]
    archive_tree: Option<String>,
    archive_size_in_bytes: Option<u64>,
    completed: bool,
    completion_date: Option<String>,
    creation_date: String,
    inventory_retrieval_parameters: Option<ShownInventory>,
    inventory_size_in_bytes: Option<u64>,
    job_description: Option<String>,
    job_id: String,
    retrieval_byte_range: Option<String>,
    #[serde(rename = "SHA256TreeHash")]
    tree: Option<String>,
    #[serde(rename = "SNSTopic")]
    sns_topic: Option<String>,
    status_code: &'static str,
    status_message: Option<&'static str>,
    tier: Option<String>,
    #[serde(rename = "VaultARN")]
    vault_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ShownInventory {
    end_date: Option<String>,
    format: String,
    limit: Option<String>,
    marker: Option<String>,
    start_date: Option<String>,
}

fn show(call: &Call, id: &str, job: &Job) -> Shown {
    let done = job.is_done(call.now);
    let mut shown = Shown {
        action: "InventoryRetrieval",
        archive_id: None,
        archive_tree: None,
        archive_size_in_bytes: None,
        completed: done,
        completion_date: done.then(|| job.done.to_string()),
        creation_date: job.created.to_string(),
        inventory_retrieval_parameters: None,
        inventory_size_in_bytes: None,
        job_description: job.description.clone(),
        job_id: id.to_owned(),
        retrieval_byte_range: None,
        tree: None,
        sns_topic: job.sns_topic.clone(),
        status_code: job.status(call.now),
        status_message: done.then_some("Succeeded"),
        tier: None,
        vault_arn: call.arn(),
    };
    match &job.work {
        Work::Archive(retrieval) => {
            shown.action = "ArchiveRetrieval";
            shown.archive_id = Some(retrieval.archive.clone());
            shown.archive_tree = Some(retrieval.tree.to_string());
            shown.archive_size_in_bytes = Some(retrieval.size);
            shown.retrieval_byte_range = Some(format!("{}-{}", retrieval.first, retrieval.last));
            shown.tree = retrieval.range_tree.clone().filter(|_| done);
            shown.tier = Some(retrieval.tier.clone());
        }
        Work::Inventory(inventory) => {
            shown.inventory_size_in_bytes = done.then_some(inventory.size);
            shown.inventory_retrieval_parameters = Some(ShownInventory {
                end_date: inventory.end_date.clone(),
                format: inventory.format.clone(),
                limit: inventory.limit.map(|limit| limit.to_string()),
                marker: inventory.next.clone().filter(|_| done),
                start_date: inventory.start_date.clone(),
            });
        }
    }
    shown
}
