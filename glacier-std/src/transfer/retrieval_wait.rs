//! Waits until a retrieval job has ended.

use std::time::Duration;

use glacier_core::waiters::WaiterConfig;
use glacier_core::{ArchiveId, Client, JobId, KeepState, ProvideCredentials, Transport, VaultRef};

use super::observer::Event;
use super::options::TransferOptions;
use super::restore_error::RestoreError;
use super::retrieval_job::{RetrievalStatus, RetrievedArchive, describe};

/// The first interval between two checks, for services that are quick and jobs that are almost done; it then doubles up to what
/// [`WaiterConfig::for_job`] says.
const FIRST_INTERVAL_MS: u32 = 5_000;

/// Checks a job until its output can be downloaded.
///
/// A check is made again as [`TransferOptions::transfer`] says, so an outage of hours does not end the wait; the job is billed already,
/// and goes on meanwhile.
///
/// # Errors
/// As [`check_retrieval`](super::check_retrieval), and [`RestoreError::StillInProgress`] after twice the time that a job of its tier
/// takes at most; each with the job.
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
    let (mut checks, mut interval_ms) = (0, FIRST_INTERVAL_MS);
    loop {
        let tier = match describe(client, vault, archive, job, options, options.transfer).await? {
            RetrievalStatus::Ready(archive) => return Ok(archive),
            RetrievalStatus::InProgress(tier) => tier,
        };
        checks += 1;
        let config = WaiterConfig::for_job(tier).starting_with(FIRST_INTERVAL_MS);
        if checks >= config.max_attempts {
            return Err(RestoreError::StillInProgress { job_id: job.as_str().into(), attempts: checks });
        }
        let wait = Duration::from_millis(interval_ms.min(config.max_delay_ms).into());
        options.observer.note(Event::JobPending(wait));
        tokio::time::sleep(wait).await;
        interval_ms = interval_ms.saturating_mul(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::test_support::{EventLog, client, error, lost, refused, retrieval_job};
    use glacier_core::testing::{Reply, ScriptedError, ScriptedTransport};

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
        let (archive, waits) = wait(&[pending(), pending(), pending(), pending(), pending(), succeeded()]).await;
        assert_eq!(archive, Ok(RetrievedArchive::new(Some(9), HASH.parse().unwrap())));
        assert_eq!(waits, ["pending 5", "pending 10", "pending 20", "pending 30", "pending 30"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_that_passes_does_not_end_the_wait() {
        let log = EventLog::default();
        let [pending, succeeded] = [pending(), succeeded()].map(|job| Reply::json(200, &job));
        let transport = ScriptedTransport::new([pending, lost(), refused(), Reply::status(503), succeeded]);
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
        let (error, _) = wait(&[pending(), failed]).await;
        assert_eq!(error.unwrap_err(), "the retrieval job J failed: lost");
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_has_an_end() {
        let (error, waits) = wait(&vec![pending(); 23]).await;
        assert!(error.unwrap_err().contains("still in progress after 23 checks"));
        assert_eq!(waits.len(), 22);
    }

    /// Waits for a job that is done after an hour, at a service that gives these replies instead for the first three hours.
    async fn wait_through(
        mut outage: impl FnMut() -> Reply + Send + 'static,
    ) -> Result<RetrievedArchive, RestoreError<ScriptedError>> {
        let end = tokio::time::Instant::now() + Duration::from_secs(3 * 3600);
        let transport = ScriptedTransport::from_fn(move |_| match tokio::time::Instant::now() < end {
            true => outage(),
            false => Reply::json(200, &succeeded()),
        });
        let (vault, archive, id) = ("v".try_into().unwrap(), "A".try_into().unwrap(), "-J".try_into().unwrap());
        wait_for_retrieval(&mut client(transport), vault, archive, id, TransferOptions::new(&())).await
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_of_three_hours_does_not_end_the_wait_whatever_it_looks_like() {
        assert!(wait_through(refused).await.is_ok());
        assert!(wait_through(lost).await.is_ok());
        assert!(wait_through(|| Reply::status(500)).await.is_ok());
        assert!(wait_through(|| error(400, "ThrottlingException")).await.is_ok());
        assert!(wait_through(|| Reply::json(200, &succeeded()).cut_after(9)).await.is_ok(), "cut within its body");
    }

    #[tokio::test(start_paused = true)]
    async fn every_error_of_the_wait_names_the_job() {
        // These credentials cannot be renewed.
        for reply in [|| error(403, "ExpiredTokenException"), || error(403, "AccessDeniedException"), || Reply::json(200, "[]")] {
            let failed = wait_through(reply).await.unwrap_err();
            assert_eq!((failed.job_id(), failed.job_to_go_on_with()), (Some("-J"), Some("-J")), "{failed}");
        }
    }
}
