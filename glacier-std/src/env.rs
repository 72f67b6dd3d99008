//! The environment of a client on a host: the system's clock, tokio's timer, random numbers.

use std::fmt;
use std::time::Duration;

use glacier_core::{Environment, Timestamp};

use crate::clock;

/// A request that failed and is about to be sent again.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Retrying<'r> {
    /// How many attempts of it have failed.
    pub failures: u8,
    /// The wait before the next one.
    pub wait: Duration,
    /// Why the last one failed.
    pub reason: &'r dyn fmt::Display,
}

impl fmt::Debug for Retrying<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = format_args!("{}", self.reason);
        f.debug_struct("Retrying").field("failures", &self.failures).field("wait", &self.wait).field("reason", &reason).finish()
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
}

impl TokioEnvironment {
    /// An environment that retries silently.
    #[must_use]
    pub fn new() -> Self {
        TokioEnvironment { report: None, retries: 0 }
    }
}

impl<F: FnMut(Retrying<'_>)> TokioEnvironment<F> {
    /// An environment that calls `report` before each wait for a retry.
    #[must_use]
    pub fn reporting(report: F) -> Self {
        TokioEnvironment { report: Some(report), retries: 0 }
    }
}

impl<F> TokioEnvironment<F> {
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

    fn retrying(&mut self, failures: u8, wait_ms: u32, reason: &dyn fmt::Display) {
        self.retries = self.retries.saturating_add(1);
        if let Some(report) = &mut self.report {
            report(Retrying { failures, wait: Duration::from_millis(wait_ms.into()), reason });
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
            reported.push(format!("{} {:?} {}", retry.failures, retry.wait, retry.reason));
        });
        let began = tokio::time::Instant::now();
        environment.retrying(1, 250, &"refused");
        environment.sleep_ms(250).await;
        assert_eq!(began.elapsed(), Duration::from_millis(250));
        environment.retrying(2, 500, &"reset");
        assert_eq!(environment.retries(), 2);
        assert_eq!(reported, ["1 250ms refused", "2 500ms reset"]);
    }
}
