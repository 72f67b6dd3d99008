//! Notifications of jobs that are done. Each is a record that is written with the change it tells of, and delivered later: it is about what
//! there was then, whatever becomes of job and vault.

use super::context::OperationContext;
use super::error::OperationError;
use super::inventory::measure;
use super::job::{WRITTEN_BY_A_LIST, job_document};
use crate::local::model::{
    ApiError, BodyId, Completed, InventoryOutput, JobRecord, JobWork, Notification, Notifications, VaultNumber, VaultRecord,
};
use crate::local::store::{ReadSettings, Writer};

/// Notifies the topic of the vault, if its configuration has the event, and that of the job. "If you add both the notification configuration
/// on the vault and also specify an SNS topic in your initiate job request, Amazon Glacier sends both notifications", says the guide; to one
/// topic that is both there is one.
pub(super) fn notify(
    context: &OperationContext,
    records: &Writer<'_>,
    number: VaultNumber,
    vault: &VaultRecord,
    id: &str,
    job: &JobRecord,
) -> Result<(), OperationError> {
    let Some(Completed { at, .. }) = job.completed else { return Ok(()) };
    let configured: Option<Notifications> = records.setting(number)?;
    let of_vault = configured.as_ref().and_then(|configured| configured.topic_of(job.event()));
    let of_job = job.sns_topic.as_deref().filter(|topic| Some(*topic) != of_vault);
    if of_vault.or(of_job).is_none() {
        return Ok(());
    }
    let message = message(records, number, vault, id, job)?;
    for topic in of_vault.into_iter().chain(of_job) {
        let (topic, event) = (topic.to_owned(), job.event().to_owned());
        let notification = Notification { at, topic, event, message: message.clone() };
        let post = if context.posts_notifications { Some(context.ids.uuid()?) } else { None };
        records.add_notification(notification, post)?;
    }
    Ok(())
}

/// The text of DescribeJob's output. The list of an inventory is not written yet; what DescribeJob will say of a short one is found out.
fn message(
    records: &Writer<'_>,
    number: VaultNumber,
    vault: &VaultRecord,
    id: &str,
    job: &JobRecord,
) -> Result<String, OperationError> {
    let (arn, mut job) = (vault.key.arn(), job.clone());
    if let JobWork::Inventory(work) = &mut job.work
        && job.completed.as_ref().is_some_and(|completed| completed.failure.is_none())
        && work.archives <= WRITTEN_BY_A_LIST
    {
        let (size, last) = measure(records, &arn, number, work)?;
        // It has no body yet; the document does not say which.
        work.output = Some(InventoryOutput { body: BodyId(0), size, last });
    }
    let text = serde_json::to_string(&job_document(arn, number, id, &job));
    text.map_err(|error| ApiError::unavailable(format!("The notification cannot be written: {error}")).into())
}
