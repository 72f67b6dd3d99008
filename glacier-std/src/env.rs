//! The environment of a client on a host: the system's clock, tokio's timer, random numbers.

use std::fmt;
use std::time::Duration;

use glacier_core::{Environment, Timestamp};
use tokio::time::Instant;

use crate::clock;

/// A request that failed and is about to be sent again.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Retrying<'r> {
    /// The operation, by its name in the API reference; `None` when [`TokioEnvironment::calling`] has not named it.
    pub operation: Option<&'static str>,
    /// The part of a multipart upload that the request carries, counted from 0.
    pub part: Option<u64>,
    /// How many attempts of it have failed; 255 for more.
    pub failures: u8,
    /// The wait before the next one.
    pub wait: Duration,
    /// Why the last one failed.
    pub reason: &'r dyn fmt::Display,
}

impl fmt::Debug for Retrying<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = format_args!("{}", self.reason);
        let mut shown = f.debug_struct("Retrying");
        shown.field("operation", &self.operation).field("part", &self.part).field("failures", &self.failures);
        shown.field("wait", &self.wait).field("reason", &reason).finish()
    }
}

/// The environment of a client within a tokio runtime that has its timer enabled.
///
/// ```
/// # use glacier_core::{Client, Error, ProvideCredentials, Transport, ops::DescribeVault, retry::RetryPolicy};
/// # use glacier_std::TokioEnvironment;
/// # async fn example<T: Transport, C: ProvideCredentials>(client: &mut Client<T, C>) -> Result<(), Error<T::Error>> {
/// let mut environment = TokioEnvironment::reporting(|retry| eprintln!("{}; retrying in {:?}", retry.reason, retry.wait));
/// let mut buf = [0; 2048];
/// let describe = DescribeVault { vault: "photos".try_into().expect("a valid name") };
/// client.send_retrying(&describe, RetryPolicy::default(), &mut environment, &mut buf).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct TokioEnvironment<F = fn(Retrying<'_>)> {
    report: Option<F>,
    retries: u32,
    operation: Option<&'static str>,
    part: Option<u64>,
    /// When the uptime was first asked for.
    since: Option<Instant>,
}

impl TokioEnvironment {
    /// An environment that retries silently.
    #[must_use]
    pub fn new() -> Self {
        TokioEnvironment { report: None, retries: 0, operation: None, part: None, since: None }
    }
}

impl<F: FnMut(Retrying<'_>)> TokioEnvironment<F> {
    /// An environment that calls `report` before each wait for a retry.
    #[must_use]
    pub fn reporting(report: F) -> Self {
        TokioEnvironment { report: Some(report), retries: 0, operation: None, part: None, since: None }
    }
}

impl<F> TokioEnvironment<F> {
    /// Names the operation that the next requests call, and the part that they carry, for whoever is told of their retries.
    #[must_use]
    pub fn calling(self, operation: &'static str, part: Option<u64>) -> Self {
        TokioEnvironment { operation: Some(operation), part, ..self }
    }

    /// How many times a request was sent again, over all calls with this environment.
    #[must_use]
    pub fn retries(&self) -> u32 {
        self.retries
    }
}

impl<F: FnMut(Retrying<'_>)> Environment for TokioEnvironment<F> {
    fn now(&mut self) -> Option<Timestamp> {
        Some(clock::now())
    }

    fn uptime_s(&mut self) -> Option<u32> {
        let since = *self.since.get_or_insert_with(Instant::now);
        u32::try_from(since.elapsed().as_secs()).ok()
    }

    fn retrying(&mut self, failures: u8, wait_ms: u32, reason: &dyn fmt::Display) {
        self.retries = self.retries.saturating_add(1);
        let (operation, part) = (self.operation, self.part);
        if let Some(report) = &mut self.report {
            report(Retrying { operation, part, failures, wait: Duration::from_millis(wait_ms.into()), reason });
        }
    }

    async fn sleep_ms(&mut self, milliseconds: u32) {
        tokio::time::sleep(Duration::from_millis(milliseconds.into())).await;
    }

    fn random(&mut self) -> u32 {
        fastrand::u32(..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_as_long_as_asked_and_reports_each_retry() {
        let mut reported = Vec::new();
        let mut environment = TokioEnvironment::reporting(|retry: Retrying<'_>| {
            let Retrying { operation, part, failures, wait, reason } = retry;
            reported.push(format!("{operation:?} {part:?} {failures} {wait:?} {reason}"));
        });
        let began = Instant::now();
        environment.retrying(1, 250, &"refused");
        environment.sleep_ms(250).await;
        assert_eq!(began.elapsed(), Duration::from_millis(250));
        assert_eq!(environment.uptime_s(), Some(0));
        environment.sleep_ms(7_200_000).await;
        assert_eq!(environment.uptime_s(), Some(7200));
        let mut environment = environment.calling("UploadMultipartPart", Some(7));
        environment.retrying(2, 500, &"reset");
        assert_eq!(environment.retries(), 2);
        assert_eq!(reported, ["None None 1 250ms refused", r#"Some("UploadMultipartPart") Some(7) 2 500ms reset"#]);
    }
}
