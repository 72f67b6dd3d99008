//! An archive on its way down: the job that makes it ready, and the wait for it.

use std::time::Duration;

use glacier_core::ops::{Action, DescribeJob, InitiateJob, Job, JobKind, StatusCode, Tier};
use glacier_core::{ArchiveId, ByteRange, Client, JobId, ProvideCredentials, Transport, TreeHash, VaultRef};

use super::observe::Event;
use super::pace::Manner;
use super::restore::RestoreError;

/// Bytes for a request and its answer.
const CALL: usize = 16 << 10;

/// What is retrieved.
#[derive(Clone, Copy, Debug)]
pub struct Retrieval<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The archive.
    pub archive: ArchiveId<'a>,
    /// How fast; Standard when `None`.
    pub tier: Option<Tier>,
}

/// A retrieval job that has succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Bytes to download, when the service says so.
    pub size: Option<u64>,
    /// Their tree hash.
    pub tree_hash: TreeHash,
}

/// Begins a job for the whole archive and returns its id. Each job is billed.
///
/// # Errors
/// [`RestoreError::Call`], and [`RestoreError::MayHaveBegun`] when there may be a job whose id nobody knows.
pub async fn begin_retrieval<T: Transport, C: ProvideCredentials>(
    client: &mut Client<T, C>,
    retrieval: &Retrieval<'_>,
    manner: Manner<'_>,
) -> Result<String, RestoreError<T::Error>> {
    let kind = JobKind::Archive { id: retrieval.archive, range: None };
    let operation = InitiateJob { vault: retrieval.vault, kind, tier: retrieval.tier, description: None, sns_topic: None };
    let mut buf = vec![0; CALL];
    let receipt = client.send_retrying(&operation, manner.control, &mut manner.pace(), &mut buf).await;
    let id = receipt.map_err(RestoreError::of_beginning)?.job_id().map_err(|error| RestoreError::MayHaveBegun(error.into()))?;
    let id = id.as_str().to_owned();
    manner.observer.note(Event::JobBegun { job_id: &id });
    Ok(id)
}

/// The wait between two looks at a job: short at first, for services that are quick and for jobs that are nearly done, then as sparse as
/// the tier is slow.
fn wait_before(look: u32, tier: Tier) -> Duration {
    let sparse = match tier {
        Tier::Expedited => 30,
        Tier::Standard => 15 * 60,
        Tier::Bulk => 30 * 60,
    };
    Duration::from_secs(5).saturating_mul(1 << look.min(16)).min(Duration::from_secs(sparse))
}

/// How a job is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Its output can be downloaded.
    Ready(Ready),
    /// It is not over.
    Pending(Tier),
}

/// Looks at a job once. `archive` is what the job must retrieve, all of it.
///
/// # Errors
/// [`RestoreError::JobFailed`] when it failed, [`RestoreError::OtherJob`] when it is not a retrieval of the whole archive, and
/// [`RestoreError::Call`].
pub async fn look_at<T: Transport, C: ProvideCredentials>(
    client: &mut Client<T, C>,
    vault: VaultRef<'_>,
    archive: ArchiveId<'_>,
    job: JobId<'_>,
    manner: Manner<'_>,
) -> Result<Look, RestoreError<T::Error>> {
    let mut buf = vec![0; CALL];
    let operation = DescribeJob { vault, job };
    let described = client.send_retrying(&operation, manner.control, &mut manner.pace(), &mut buf).await;
    judge(&described.map_err(RestoreError::Call)?, archive).map_err(|trouble| match trouble {
        Trouble::Failed(reason) => RestoreError::JobFailed { job_id: job.as_str().into(), reason },
        Trouble::Other(what) => RestoreError::OtherJob { job_id: job.as_str().into(), what },
    })
}

/// Looks at a job until its output can be downloaded. Dropping the future leaves the job as it is.
///
/// # Errors
/// As [`look_at`].
pub async fn wait_for<T: Transport, C: ProvideCredentials>(
    client: &mut Client<T, C>,
    vault: VaultRef<'_>,
    archive: ArchiveId<'_>,
    job: JobId<'_>,
    manner: Manner<'_>,
) -> Result<Ready, RestoreError<T::Error>> {
    let mut looks = 0;
    loop {
        match look_at(client, vault, archive, job, manner).await? {
            Look::Ready(ready) => return Ok(ready),
            Look::Pending(tier) => {
                let wait = wait_before(looks, tier);
                manner.observer.note(Event::JobPending(wait));
                tokio::time::sleep(wait).await;
            }
        }
        looks += 1;
    }
}

/// Why a job is of no use to someone who wants the archive.
enum Trouble {
    Failed(String),
    Other(&'static str),
}

fn judge(job: &Job<'_>, archive: ArchiveId<'_>) -> Result<Look, Trouble> {
    if job.action() != Action::ArchiveRetrieval {
        return Err(Trouble::Other("is no archive retrieval"));
    }
    if job.archive_id.is_some_and(|id| id != archive.as_str()) {
        return Err(Trouble::Other("retrieves another archive"));
    }
    match job.status() {
        StatusCode::Succeeded => judge_output(job).map(Look::Ready),
        StatusCode::Failed => Err(Trouble::Failed(job.status_message.map(|text| text.to_string()).unwrap_or_default())),
        // A status that is newer than this client is no end either, unless the job says so.
        _ if job.completed == Some(true) => Err(Trouble::Other("is over, with a status that is not known here")),
        _ => Ok(Look::Pending(tier(job))),
    }
}

fn judge_output(job: &Job<'_>) -> Result<Ready, Trouble> {
    let range = job.retrieval_byte_range.and_then(|text| text.as_plain()?.parse::<ByteRange>().ok());
    let whole = range.is_none_or(|range| range.first() == 0 && job.archive_size_in_bytes.is_none_or(|size| range.len() == size));
    if !whole {
        return Err(Trouble::Other("retrieves only a part of the archive"));
    }
    let hash = job.sha256_tree_hash.or(job.archive_sha256_tree_hash);
    match hash.and_then(|text| text.as_plain()?.parse().ok()) {
        Some(tree_hash) => Ok(Ready { size: job.archive_size_in_bytes, tree_hash }),
        None => Err(Trouble::Other("has no tree hash, so that nothing of it could be verified")),
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
    use crate::transfer::test_support::{Log, Script, client};

    const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn job(members: &str) -> String {
        format!(r#"{{"Action":"ArchiveRetrieval","ArchiveId":"A","ArchiveSizeInBytes":9,{members}}}"#)
    }

    async fn wait(answers: &[String]) -> (Result<Ready, String>, Vec<String>) {
        let log = Log::default();
        let script = answers.iter().fold(Script::new(), |script, answer| script.answer(200, &[], answer));
        let (vault, archive, id) = ("v".try_into().unwrap(), "A".try_into().unwrap(), "J".try_into().unwrap());
        let ready = wait_for(&mut client(script), vault, archive, id, Manner::new(&log)).await;
        (ready.map_err(|error| error.to_string()), log.lines())
    }

    #[tokio::test(start_paused = true)]
    async fn looks_ever_more_rarely_until_the_job_is_over() {
        let pending = job(r#""StatusCode":"InProgress","Completed":false,"Tier":"Expedited""#);
        let over = job(&format!(r#""StatusCode":"Succeeded","Completed":true,"SHA256TreeHash":"{HASH}""#));
        let (ready, waits) = wait(&[pending.clone(), pending.clone(), pending.clone(), pending.clone(), pending, over]).await;
        assert_eq!(ready, Ok(Ready { size: Some(9), tree_hash: HASH.parse().unwrap() }));
        assert_eq!(waits, ["pending 5", "pending 10", "pending 20", "pending 30", "pending 30"]);
        assert_eq!(wait_before(40, Tier::Standard).as_secs(), 900);
        assert_eq!(wait_before(40, Tier::Bulk).as_secs(), 1800);
    }

    #[tokio::test]
    async fn only_a_finished_retrieval_of_the_whole_archive_will_do() {
        let over = format!(r#""StatusCode":"Succeeded","SHA256TreeHash":"{HASH}""#);
        for (answer, expected) in [
            (job(r#""StatusCode":"Failed","StatusMessage":"lost \"it\"""#), "job J failed: lost \"it\""),
            (job(r#""StatusCode":"Succeeded""#), "no tree hash"),
            (job(&format!(r#"{over},"RetrievalByteRange":"0-7""#)), "only a part"),
            (job(&format!(r#"{over},"RetrievalByteRange":"1-9""#)), "only a part"),
            (job(&over).replace(r#""A""#, r#""B""#), "another archive"),
            (job(&over).replace("ArchiveRetrieval", "InventoryRetrieval"), "no archive retrieval"),
            (job(r#""StatusCode":"Novel","Completed":true"#), "not known here"),
        ] {
            let error = wait(std::slice::from_ref(&answer)).await.0.unwrap_err();
            assert!(error.contains(expected), "{answer}: {error}");
        }
        assert!(wait(&[job(&format!(r#"{over},"RetrievalByteRange":"0-8""#))]).await.0.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_is_begun_again_only_when_it_was_refused() {
        let begin = async |script| {
            let log = Log::default();
            let retrieval = Retrieval { vault: "v".try_into().unwrap(), archive: "A".try_into().unwrap(), tier: Some(Tier::Bulk) };
            let result = begin_retrieval(&mut client(script), &retrieval, Manner::new(&log)).await;
            (result.map_err(|error| error.to_string()), log.lines())
        };
        let done = [("x-amz-job-id", "-J")];
        let (id, log) = begin(Script::new().answer(429, &[], "").answer(202, &done, "")).await;
        assert_eq!((id.as_deref(), log), (Ok("-J"), vec!["repeating".to_string(), "job -J".to_string()]));
        let (lost, log) = begin(Script::new().broken()).await;
        assert!(lost.unwrap_err().contains("may have begun") && log.is_empty());
        // A refused connection is tried again: nothing was sent.
        let (id, log) = begin(Script::new().refused().answer(202, &done, "")).await;
        assert_eq!((id.as_deref(), log), (Ok("-J"), vec!["repeating".to_string(), "job -J".to_string()]));
        let (refused, _) = begin(Script::new().refused().refused().refused()).await;
        assert!(!refused.unwrap_err().contains("may have begun"));
    }
}
