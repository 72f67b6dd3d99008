//! The job that makes an archive available for download: initiated, checked, waited for.

use std::fmt;
use std::time::Duration;

use glacier_core::ops::{Action, DescribeJob, InitiateJob, Job, JobKind, StatusCode, Tier};
use glacier_core::waiters::{WaitError, WaiterConfig, until_job_succeeds};
use glacier_core::{
    ArchiveId, ByteRange, Client, Environment, JobId, KeepState, ProvideCredentials, Timestamp, Transport, TreeHash, VaultRef,
};

use super::observer::{Event, Observer};
use super::options::TransferOptions;
use super::restore_error::RestoreError;

/// Room for a request and its response.
const CALL_BUFFER: usize = 16 << 10;

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
    let output = client.send_retrying(&operation, options.control, &mut options.environment(), &mut buf).await;
    let id = output.map_err(RestoreError::of_initiating)?.job_id().map_err(|error| RestoreError::MayHaveStarted(error.into()))?;
    let id = id.as_str().to_owned();
    options.observer.note(Event::JobInitiated { job_id: &id });
    Ok(id)
}

/// Checks a job once. `archive` is what the job must retrieve, all of it.
///
/// # Errors
/// [`RestoreError::JobFailed`] when it failed, [`RestoreError::OtherJob`] when it is not a retrieval of the whole archive, and
/// [`RestoreError::Call`].
pub async fn check_retrieval<T: Transport, C: ProvideCredentials, K: KeepState>(
    client: &mut Client<T, C, K>,
    vault: VaultRef<'_>,
    archive: ArchiveId<'_>,
    job: JobId<'_>,
    options: TransferOptions<'_>,
) -> Result<RetrievalStatus, RestoreError<T::Error>> {
    let mut buf = vec![0; CALL_BUFFER];
    let operation = DescribeJob { vault, job };
    let described = client.send_retrying(&operation, options.control, &mut options.environment(), &mut buf).await;
    status(&described.map_err(RestoreError::Call)?, archive).map_err(|unusable| match unusable {
        Unusable::Failed(reason) => RestoreError::JobFailed { job_id: job.as_str().into(), reason },
        Unusable::Other(what) => RestoreError::OtherJob { job_id: job.as_str().into(), what },
    })
}

/// The first interval between two checks, for services that are quick and jobs that are almost done; it then doubles up to what
/// [`WaiterConfig::for_job`] says.
const FIRST_INTERVAL_MS: u32 = 5_000;

/// Checks a job until its output can be downloaded. A check that fails in a way that may pass is followed by the next one.
///
/// # Errors
/// As [`check_retrieval`], and [`RestoreError::StillInProgress`] after twice the time that a job of its tier takes at most.
///
/// # Cancel safety
/// Dropping the future leaves the job as it is.
pub async fn wait_for_retrieval<T: Transport, C: ProvideCredentials, K: KeepState>(
    client: &mut Client<T, C, K>,
    vault: VaultRef<'_>,
    archive: ArchiveId<'_>,
    job: JobId<'_>,
    options: TransferOptions<'_>,
) -> Result<RetrievedArchive, RestoreError<T::Error>> {
    let tier = match check_retrieval(client, vault, archive, job, options).await? {
        RetrievalStatus::Ready(archive) => return Ok(archive),
        RetrievalStatus::InProgress(tier) => tier,
    };
    let config = WaiterConfig::for_job(tier).starting_with(FIRST_INTERVAL_MS);
    let mut environment = ReportingWaits { environment: options.environment(), observer: options.observer, retrying: false };
    // The check above was the first of this wait.
    environment.sleep_ms(config.min_delay_ms).await;
    let waited = until_job_succeeds(client, &DescribeJob { vault, job }, config, &mut environment, &mut vec![0; CALL_BUFFER]).await;
    let attempts = match waited {
        // How it ended, and with what, is in the description.
        Ok(()) | Err(WaitError::JobFailed) => 0,
        Err(WaitError::Exhausted { attempts }) => attempts,
        Err(WaitError::Failed(error)) => return Err(RestoreError::Call(error)),
        Err(_) => config.max_attempts,
    };
    match check_retrieval(client, vault, archive, job, options).await? {
        RetrievalStatus::Ready(archive) => Ok(archive),
        RetrievalStatus::InProgress(_) => Err(RestoreError::StillInProgress { job_id: job.as_str().into(), attempts }),
    }
}

/// An environment that reports each interval between two checks.
struct ReportingWaits<'o, E> {
    environment: E,
    observer: &'o dyn Observer,
    /// The next wait was reported as one before a retry.
    retrying: bool,
}

impl<E: Environment> Environment for ReportingWaits<'_, E> {
    fn now(&mut self) -> Option<Timestamp> {
        self.environment.now()
    }

    fn retrying(&mut self, failures: u8, wait_ms: u32, reason: &dyn fmt::Display) {
        self.retrying = true;
        self.environment.retrying(failures, wait_ms, reason);
    }

    async fn sleep_ms(&mut self, milliseconds: u32) {
        if !std::mem::take(&mut self.retrying) {
            self.observer.note(Event::JobPending(Duration::from_millis(milliseconds.into())));
        }
        self.environment.sleep_ms(milliseconds).await;
    }

    fn random(&mut self) -> u32 {
        self.environment.random()
    }
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
    use crate::transfer::test_support::{EventLog, client, lost, refused};
    use glacier_core::testing::{Reply, ScriptedTransport};

    const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn job(members: &str) -> String {
        format!(r#"{{"Action":"ArchiveRetrieval","ArchiveId":"A","ArchiveSizeInBytes":9,{members}}}"#)
    }

    async fn wait(responses: &[String]) -> (Result<RetrievedArchive, String>, Vec<String>) {
        let log = EventLog::default();
        let transport = ScriptedTransport::new(responses.iter().map(|response| Reply::json(200, response)));
        let (vault, archive, id) = ("v".try_into().unwrap(), "A".try_into().unwrap(), "J".try_into().unwrap());
        let ready = wait_for_retrieval(&mut client(transport), vault, archive, id, TransferOptions::new(&log)).await;
        (ready.map_err(|error| error.to_string()), log.lines())
    }

    fn pending() -> String {
        job(r#""StatusCode":"InProgress","Completed":false,"Tier":"Expedited""#)
    }

    fn succeeded() -> String {
        job(&format!(r#""StatusCode":"Succeeded","Completed":true,"SHA256TreeHash":"{HASH}""#))
    }

    #[tokio::test(start_paused = true)]
    async fn the_intervals_grow_until_the_job_has_ended() {
        let (archive, waits) =
            wait(&[pending(), pending(), pending(), pending(), pending(), pending(), succeeded(), succeeded()]).await;
        assert_eq!(archive, Ok(RetrievedArchive::new(Some(9), HASH.parse().unwrap())));
        assert_eq!(waits, ["pending 5", "pending 5", "pending 10", "pending 20", "pending 30", "pending 30"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_that_passes_does_not_end_the_wait() {
        let log = EventLog::default();
        let [pending, first, second] = [pending(), succeeded(), succeeded()].map(|job| Reply::json(200, &job));
        let transport = ScriptedTransport::new([pending, lost(), refused(), Reply::status(503), first, second]);
        let (vault, archive, id) = ("v".try_into().unwrap(), "A".try_into().unwrap(), "J".try_into().unwrap());
        let retrieved = wait_for_retrieval(&mut client(transport), vault, archive, id, TransferOptions::new(&log)).await;
        assert!(retrieved.is_ok());
        assert_eq!(log.lines(), ["pending 5", "retrying", "retrying", "retrying"]);
        assert!(log.retries()[0].contains("1 no response"), "{:?}", log.retries());
        assert!(log.retries()[2].contains("3 "), "{:?}", log.retries());
    }

    #[tokio::test(start_paused = true)]
    async fn the_reason_of_a_job_that_fails_later_is_reported() {
        let failed = job(r#""StatusCode":"Failed","StatusMessage":"lost""#);
        let (error, _) = wait(&[pending(), failed.clone(), failed]).await;
        assert_eq!(error.unwrap_err(), "the retrieval job J failed: lost");
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_has_an_end() {
        let (error, waits) = wait(&vec![pending(); 25]).await;
        assert!(error.unwrap_err().contains("still in progress after 23 checks"));
        assert_eq!(waits.len(), 23);
    }

    #[tokio::test]
    async fn only_a_successful_retrieval_of_the_whole_archive_is_ready() {
        let over = format!(r#""StatusCode":"Succeeded","SHA256TreeHash":"{HASH}""#);
        for (response, expected) in [
            (job(r#""StatusCode":"Failed","StatusMessage":"lost \"it\"""#), "job J failed: lost \"it\""),
            (job(r#""StatusCode":"Succeeded""#), "no tree hash"),
            (job(&format!(r#"{over},"RetrievalByteRange":"0-7""#)), "only a part"),
            (job(&format!(r#"{over},"RetrievalByteRange":"1-9""#)), "only a part"),
            (job(&over).replace(r#""A""#, r#""B""#), "another archive"),
            (job(&over).replace("ArchiveRetrieval", "InventoryRetrieval"), "not an archive retrieval"),
            (job(r#""StatusCode":"Novel","Completed":true"#), "does not know"),
        ] {
            let error = wait(std::slice::from_ref(&response)).await.0.unwrap_err();
            assert!(error.contains(expected), "{response}: {error}");
        }
        assert!(wait(&[job(&format!(r#"{over},"RetrievalByteRange":"0-8""#))]).await.0.is_ok());
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
