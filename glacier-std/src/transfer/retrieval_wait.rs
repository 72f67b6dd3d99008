//! Waits until a retrieval job has ended.

use std::fmt;
use std::time::Duration;

use glacier_core::ops::DescribeJob;
use glacier_core::waiters::{WaitError, WaiterConfig, until_job_succeeds};
use glacier_core::{ArchiveId, Client, Environment, JobId, KeepState, ProvideCredentials, Timestamp, Transport, VaultRef};

use super::observer::{Event, Observer};
use super::options::{CALL_BUFFER, TransferOptions};
use super::restore_error::RestoreError;
use super::retrieval_job::{RetrievalStatus, RetrievedArchive, check_retrieval};

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
    let mut environment = ReportingWaits {
        environment: options.environment().calling("DescribeJob", None),
        observer: options.observer,
        retrying: false,
    };
    // The check above was the first of this wait.
    environment.sleep_ms(config.min_delay_ms).await;
    let waited = until_job_succeeds(client, &DescribeJob { vault, job }, config, &mut environment, &mut vec![0; CALL_BUFFER]).await;
    let attempts = match waited {
        // How it ended, and with what, is in the description.
        Ok(()) | Err(WaitError::JobFailed) => 0,
        Err(WaitError::Exhausted { attempts }) => attempts,
        Err(WaitError::Failed(error)) => return Err(RestoreError::Call(error).of_job(job)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::test_support::{EventLog, client, lost, refused, retrieval_job};
    use glacier_core::testing::{Reply, ScriptedTransport};

    const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    async fn wait(responses: &[String]) -> (Result<RetrievedArchive, String>, Vec<String>) {
        let log = EventLog::default();
        let transport = ScriptedTransport::new(responses.iter().map(|response| Reply::json(200, response)));
        let (vault, archive, id) = ("v".try_into().unwrap(), "A".try_into().unwrap(), "J".try_into().unwrap());
        let ready = wait_for_retrieval(&mut client(transport), vault, archive, id, TransferOptions::new(&log)).await;
        (ready.map_err(|error| error.to_string()), log.lines())
    }

    fn pending() -> String {
        retrieval_job(r#""StatusCode":"InProgress","Completed":false,"Tier":"Expedited""#)
    }

    fn succeeded() -> String {
        retrieval_job(&format!(r#""StatusCode":"Succeeded","Completed":true,"SHA256TreeHash":"{HASH}""#))
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
        assert!(log.retries()[0].starts_with("DescribeJob: 1 no response"), "{:?}", log.retries());
        assert!(log.retries()[2].starts_with("DescribeJob: 3 "), "{:?}", log.retries());
    }

    #[tokio::test(start_paused = true)]
    async fn the_reason_of_a_job_that_fails_later_is_reported() {
        let failed = retrieval_job(r#""StatusCode":"Failed","StatusMessage":"lost""#);
        let (error, _) = wait(&[pending(), failed.clone(), failed]).await;
        assert_eq!(error.unwrap_err(), "the retrieval job J failed: lost");
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_has_an_end() {
        let (error, waits) = wait(&vec![pending(); 25]).await;
        assert!(error.unwrap_err().contains("still in progress after 23 checks"));
        assert_eq!(waits.len(), 23);
    }
}
