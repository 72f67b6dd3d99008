//! The job that makes an archive available for download: initiated and checked.

use glacier_core::ops::{Action, DescribeJob, InitiateJob, Job, JobKind, StatusCode, Tier};
use glacier_core::retry::RetryPolicy;
use glacier_core::{ArchiveId, ByteRange, Client, JobId, KeepState, ProvideCredentials, Transport, TreeHash, VaultRef};

use super::observer::Event;
use super::options::{CALL_BUFFER, TransferOptions};
use super::restore_error::RestoreError;

/// An archive to be retrieved.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RetrievalRequest<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The archive.
    pub archive: ArchiveId<'a>,
    /// Speed and cost; Standard when `None`.
    pub tier: Option<Tier>,
}

impl<'a> RetrievalRequest<'a> {
    /// The whole archive, by the Standard tier.
    #[must_use]
    pub fn new(vault: VaultRef<'a>, archive: ArchiveId<'a>) -> Self {
        RetrievalRequest { vault, archive, tier: None }
    }

    /// Retrieves it by this tier.
    #[must_use]
    pub fn with_tier(self, tier: Tier) -> Self {
        RetrievalRequest { tier: Some(tier), ..self }
    }
}

/// An archive whose retrieval job has succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetrievedArchive {
    /// Bytes to download, if the service says so.
    pub size: Option<u64>,
    /// Their tree hash.
    pub tree_hash: TreeHash,
}

impl RetrievedArchive {
    /// An archive of which these are known.
    #[must_use]
    pub fn new(size: Option<u64>, tree_hash: TreeHash) -> Self {
        RetrievedArchive { size, tree_hash }
    }
}

/// Whether a retrieval job has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetrievalStatus {
    /// Its output can be downloaded.
    Ready(RetrievedArchive),
    /// It is still in progress.
    InProgress(Tier),
}

/// Initiates a job for the whole archive and returns its id. Each job is billed.
///
/// # Errors
/// [`RestoreError::Call`], and [`RestoreError::MayHaveStarted`] when there may be a job whose id is unknown.
pub async fn initiate_retrieval<T: Transport, C: ProvideCredentials, K: KeepState>(
    client: &mut Client<T, C, K>,
    retrieval: &RetrievalRequest<'_>,
    options: TransferOptions<'_>,
) -> Result<String, RestoreError<T::Error>> {
    let kind = JobKind::Archive { id: retrieval.archive, range: None };
    let operation = InitiateJob { vault: retrieval.vault, kind, tier: retrieval.tier, description: None, sns_topic: None };
    let mut buf = vec![0; CALL_BUFFER];
    let mut environment = options.environment().calling("InitiateJob", None);
    let output = client.send_retrying(&operation, options.control, &mut environment, &mut buf).await;
    let id = output.map_err(RestoreError::of_initiating)?.job_id().map_err(|error| RestoreError::MayHaveStarted(error.into()))?;
    let id = id.as_str().to_owned();
    options.observer.note(Event::JobInitiated { job_id: &id });
    Ok(id)
}

/// Checks a job once. `archive` is what the job must retrieve, all of it.
///
/// # Errors
/// [`RestoreError::JobFailed`] when it failed, [`RestoreError::OtherJob`] when it is not a retrieval of the whole archive, and
/// [`RestoreError::Call`]; each with the job.
pub async fn check_retrieval<T: Transport, C: ProvideCredentials, K: KeepState>(
    client: &mut Client<T, C, K>,
    vault: VaultRef<'_>,
    archive: ArchiveId<'_>,
    job: JobId<'_>,
    options: TransferOptions<'_>,
) -> Result<RetrievalStatus, RestoreError<T::Error>> {
    describe(client, vault, archive, job, options, options.control).await
}

/// The same, with the retries of `policy`.
pub(super) async fn describe<T: Transport, C: ProvideCredentials, K: KeepState>(
    client: &mut Client<T, C, K>,
    vault: VaultRef<'_>,
    archive: ArchiveId<'_>,
    job: JobId<'_>,
    options: TransferOptions<'_>,
    policy: RetryPolicy,
) -> Result<RetrievalStatus, RestoreError<T::Error>> {
    let mut buf = vec![0; CALL_BUFFER];
    let operation = DescribeJob { vault, job };
    let mut environment = options.environment().calling("DescribeJob", None);
    let described = client.send_retrying(&operation, policy, &mut environment, &mut buf).await;
    let described = described.map_err(|error| RestoreError::Call(error).of_job(job))?;
    status(&described, archive).map_err(|unusable| match unusable {
        Unusable::Failed(reason) => RestoreError::JobFailed { job_id: job.as_str().into(), reason },
        Unusable::Other(what) => RestoreError::OtherJob { job_id: job.as_str().into(), what },
    })
}

/// Why a job cannot supply the archive.
enum Unusable {
    Failed(String),
    Other(&'static str),
}

fn status(job: &Job<'_>, archive: ArchiveId<'_>) -> Result<RetrievalStatus, Unusable> {
    if job.action() != Action::ArchiveRetrieval {
        return Err(Unusable::Other("is not an archive retrieval"));
    }
    if job.archive_id.is_some_and(|id| id != archive.as_str()) {
        return Err(Unusable::Other("retrieves another archive"));
    }
    match job.status() {
        StatusCode::Succeeded => retrieved(job).map(RetrievalStatus::Ready),
        StatusCode::Failed => Err(Unusable::Failed(job.status_message.map(|text| text.to_string()).unwrap_or_default())),
        // A status that this version does not know is taken for in progress, unless the job says that it has ended.
        _ if job.completed == Some(true) => Err(Unusable::Other("has ended with a status that this version does not know")),
        _ => Ok(RetrievalStatus::InProgress(tier(job))),
    }
}

fn retrieved(job: &Job<'_>) -> Result<RetrievedArchive, Unusable> {
    let range = job.retrieval_byte_range.and_then(|text| text.as_plain()?.parse::<ByteRange>().ok());
    let whole = range.is_none_or(|range| range.first() == 0 && job.archive_size_in_bytes.is_none_or(|size| range.len() == size));
    if !whole {
        return Err(Unusable::Other("retrieves only a part of the archive"));
    }
    let hash = job.sha256_tree_hash.or(job.archive_sha256_tree_hash);
    match hash.and_then(|text| text.as_plain()?.parse().ok()) {
        Some(tree_hash) => Ok(RetrievedArchive { size: job.archive_size_in_bytes, tree_hash }),
        None => Err(Unusable::Other("has no tree hash, so the archive cannot be verified")),
    }
}

fn tier(job: &Job<'_>) -> Tier {
    match job.tier.and_then(|text| text.as_plain()) {
        Some("Expedited") => Tier::Expedited,
        Some("Bulk") => Tier::Bulk,
        _ => Tier::Standard,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::test_support::{EventLog, client, lost, refused, retrieval_job};
    use glacier_core::testing::{Reply, ScriptedTransport};

    const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    async fn check(response: &str) -> Result<RetrievalStatus, String> {
        let transport = ScriptedTransport::new([Reply::json(200, response)]);
        let (vault, archive, id) = ("v".try_into().unwrap(), "A".try_into().unwrap(), "J".try_into().unwrap());
        let checked = check_retrieval(&mut client(transport), vault, archive, id, TransferOptions::new(&())).await;
        checked.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn only_a_successful_retrieval_of_the_whole_archive_is_ready() {
        let over = format!(r#""StatusCode":"Succeeded","SHA256TreeHash":"{HASH}""#);
        for (response, expected) in [
            (retrieval_job(r#""StatusCode":"Failed","StatusMessage":"lost \"it\"""#), "job J failed: lost \"it\""),
            (retrieval_job(r#""StatusCode":"Succeeded""#), "no tree hash"),
            (retrieval_job(&format!(r#"{over},"RetrievalByteRange":"0-7""#)), "only a part"),
            (retrieval_job(&format!(r#"{over},"RetrievalByteRange":"1-9""#)), "only a part"),
            (retrieval_job(&over).replace(r#""A""#, r#""B""#), "another archive"),
            (retrieval_job(&over).replace("ArchiveRetrieval", "InventoryRetrieval"), "not an archive retrieval"),
            (retrieval_job(r#""StatusCode":"Novel","Completed":true"#), "does not know"),
        ] {
            let error = check(&response).await.unwrap_err();
            assert!(error.contains(expected), "{response}: {error}");
        }
        let whole = RetrievalStatus::Ready(RetrievedArchive::new(Some(9), HASH.parse().unwrap()));
        assert_eq!(check(&retrieval_job(&format!(r#"{over},"RetrievalByteRange":"0-8""#))).await, Ok(whole));
        let pending = check(&retrieval_job(r#""StatusCode":"InProgress","Completed":false,"Tier":"Bulk""#)).await;
        assert_eq!(pending, Ok(RetrievalStatus::InProgress(Tier::Bulk)));
    }

    #[tokio::test(start_paused = true)]
    async fn initiating_is_retried_only_if_there_cannot_be_a_job() {
        let initiate = async |replies: Vec<Reply>| {
            let log = EventLog::default();
            let retrieval = RetrievalRequest::new("v".try_into().unwrap(), "A".try_into().unwrap()).with_tier(Tier::Bulk);
            let result =
                initiate_retrieval(&mut client(ScriptedTransport::new(replies)), &retrieval, TransferOptions::new(&log)).await;
            (result.map_err(|error| error.to_string()), log.lines())
        };
        let done = || Reply::status(202).header("x-amz-job-id", "-J");
        let (id, log) = initiate(vec![Reply::status(429), done()]).await;
        assert_eq!((id.as_deref(), log), (Ok("-J"), vec!["retrying".to_string(), "job -J".to_string()]));
        let (lost, log) = initiate(vec![lost()]).await;
        assert!(lost.unwrap_err().contains("may have been initiated") && log.is_empty());
        // A refused connection is tried again: nothing was sent.
        let (id, log) = initiate(vec![refused(), done()]).await;
        assert_eq!((id.as_deref(), log), (Ok("-J"), vec!["retrying".to_string(), "job -J".to_string()]));
        let (failed, _) = initiate(vec![refused(), refused(), refused()]).await;
        assert!(!failed.unwrap_err().contains("may have been initiated"));
    }
}
