//! Waiting until a vault exists or does not, or until a job has succeeded.

use core::fmt;

use super::client::Client;
use super::environment::Environment;
use super::retry::RetryPolicy;
use super::retrying::Reading;
use super::state::KeepState;
use crate::error::Error;
use crate::ops::{DescribeJob, DescribeVault, StatusCode, Tier};
use crate::request::JsonBody;
use crate::response::ErrorCode;
use crate::transport::Transport;
use crate::values::ProvideCredentials;

/// Polling interval and maximum attempts, as in the waiters of AWS SDKs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct WaiterConfig {
    /// Milliseconds between the first attempt and the second. Each interval is twice the one before it, up to `max_delay_ms`.
    pub min_delay_ms: u32,
    /// The longest interval, in milliseconds.
    pub max_delay_ms: u32,
    /// The maximum number of attempts; there is always one.
    pub max_attempts: u32,
}

impl WaiterConfig {
    /// For vaults, as in AWS's own waiters: every 3 s, 15 times.
    pub const VAULT: WaiterConfig = WaiterConfig::every(3_000, 15);

    /// The same interval throughout.
    #[must_use]
    pub const fn every(delay_ms: u32, max_attempts: u32) -> WaiterConfig {
        WaiterConfig { min_delay_ms: delay_ms, max_delay_ms: delay_ms, max_attempts }
    }

    /// For a job of this tier: an interval in proportion to its usual time, for twice as long as the service says it takes at most.
    ///
    /// Expedited jobs take 1 to 5 minutes, Standard ones 3 to 5 hours, Bulk ones 5 to 12 hours.
    #[must_use]
    pub const fn for_job(tier: Tier) -> WaiterConfig {
        match tier {
            Tier::Expedited => WaiterConfig::every(30_000, 20),
            Tier::Standard => WaiterConfig::every(15 * 60_000, 40),
            Tier::Bulk => WaiterConfig::every(30 * 60_000, 48),
        }
    }

    /// Starts with this interval, for jobs that may be almost done; the attempts increase by those that fit into the first long interval.
    #[must_use]
    pub const fn starting_with(self, min_delay_ms: u32) -> WaiterConfig {
        let (mut delay_ms, mut max_attempts) = (min_delay_ms, self.max_attempts);
        while delay_ms > 0 && delay_ms < self.max_delay_ms {
            delay_ms = delay_ms.saturating_mul(2);
            max_attempts = max_attempts.saturating_add(1);
        }
        WaiterConfig { min_delay_ms, max_attempts, ..self }
    }

    fn attempts(&self) -> u32 {
        self.max_attempts.max(1)
    }

    /// The interval after an attempt, of which the first is 1.
    fn delay_ms(&self, attempt: u32) -> u32 {
        self.min_delay_ms.saturating_mul(1 << attempt.saturating_sub(1).min(31)).min(self.max_delay_ms)
    }
}

/// Why a waiter ended without success.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WaitError<T> {
    /// An attempt failed with an error that waiting does not resolve.
    Failed(Error<T>),
    /// The state was not reached within the maximum number of attempts.
    Exhausted {
        /// The attempts that were made.
        attempts: u32,
    },
    /// The job has ended and failed; its description says why.
    JobFailed,
}

impl<T: fmt::Display> fmt::Display for WaitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WaitError::Failed(error) => error.fmt(f),
            WaitError::Exhausted { attempts } => write!(f, "it has not happened after {attempts} attempts: wait again later"),
            WaitError::JobFailed => f.write_str("the job has failed; DescribeJob's StatusMessage says why"),
        }
    }
}

impl<T: core::error::Error + 'static> core::error::Error for WaitError<T> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            WaitError::Failed(error) => error.source(),
            WaitError::Exhausted { .. } | WaitError::JobFailed => None,
        }
    }
}

impl<T> From<Error<T>> for WaitError<T> {
    fn from(error: Error<T>) -> Self {
        WaitError::Failed(error)
    }
}

/// Waits until the vault exists: the waiter VaultExists. `buf` as for [`Client::send`].
///
/// # Errors
/// [`WaitError`]; any service error but `ResourceNotFound` ends the wait.
pub async fn until_vault_exists<T: Transport, C: ProvideCredentials, K: KeepState>(
    client: &mut Client<T, C, K>,
    vault: &DescribeVault<'_>,
    config: WaiterConfig,
    environment: &mut impl Environment,
    buf: &mut [u8],
) -> Result<(), WaitError<T::Error>> {
    for attempt in 1..=config.attempts() {
        if look(client, vault, environment, buf).await? == Look::Status(200) {
            return Ok(());
        }
        pause(attempt, config, environment).await;
    }
    Err(WaitError::Exhausted { attempts: config.attempts() })
}

/// Waits until the vault does not exist: the waiter VaultNotExists. `buf` as for [`Client::send`].
///
/// # Errors
/// [`WaitError`]; any service error but `ResourceNotFound` ends the wait.
pub async fn until_vault_not_exists<T: Transport, C: ProvideCredentials, K: KeepState>(
    client: &mut Client<T, C, K>,
    vault: &DescribeVault<'_>,
    config: WaiterConfig,
    environment: &mut impl Environment,
    buf: &mut [u8],
) -> Result<(), WaitError<T::Error>> {
    for attempt in 1..=config.attempts() {
        if look(client, vault, environment, buf).await? == Look::NotFound {
            return Ok(());
        }
        pause(attempt, config, environment).await;
    }
    Err(WaitError::Exhausted { attempts: config.attempts() })
}

/// Waits until the job has succeeded; the first attempt is made at once. See [`WaiterConfig::for_job`]. `buf` as for [`Client::send`].
///
/// # Errors
/// [`WaitError`]. After a failure that may pass, such as a broken connection, [`Environment::retrying`] is told and the next attempt
/// follows; any other failure ends the wait.
pub async fn until_job_succeeds<T: Transport, C: ProvideCredentials, K: KeepState>(
    client: &mut Client<T, C, K>,
    job: &DescribeJob<'_>,
    config: WaiterConfig,
    environment: &mut impl Environment,
    buf: &mut [u8],
) -> Result<(), WaitError<T::Error>> {
    let mut failures: u8 = 0;
    for attempt in 1..=config.attempts() {
        match client.send_retrying(job, ONCE, environment, buf).await {
            Ok(job) => match job.status() {
                StatusCode::Succeeded => return Ok(()),
                StatusCode::Failed => return Err(WaitError::JobFailed),
                StatusCode::InProgress | StatusCode::Unknown => failures = 0,
            },
            Err(error) if error.is_retryable() && attempt < config.attempts() => {
                failures = failures.saturating_add(1);
                environment.retrying(failures, config.delay_ms(attempt), &error);
            }
            Err(error) => return Err(error.into()),
        }
        pause(attempt, config, environment).await;
    }
    Err(WaitError::Exhausted { attempts: config.attempts() })
}

/// An attempt is not retried, as the next one follows; but it is signed for the right time.
const ONCE: RetryPolicy = RetryPolicy::new(1, 0);

#[derive(PartialEq, Eq)]
enum Look {
    Status(u16),
    NotFound,
}

/// Whether a vault exists. The error code decides, not the status that it comes with.
async fn look<T: Transport, C: ProvideCredentials, K: KeepState>(
    client: &mut Client<T, C, K>,
    vault: &DescribeVault<'_>,
    environment: &mut impl Environment,
    buf: &mut [u8],
) -> Result<Look, Error<T::Error>> {
    match client.tries(vault, &mut JsonBody::new(vault), ONCE, environment, Reading::Whole, buf).await {
        Ok((head, _)) => Ok(Look::Status(head.status)),
        Err(Error::Service(service_error)) if service_error.code == ErrorCode::ResourceNotFound => Ok(Look::NotFound),
        Err(error) => Err(error),
    }
}

/// Waits between two attempts, and not after the last.
async fn pause(attempt: u32, config: WaiterConfig, environment: &mut impl Environment) {
    if attempt < config.max_attempts {
        environment.sleep_ms(config.delay_ms(attempt)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ManualEnvironment, Reply, ScriptedError, ScriptedTransport, block_on};
    use crate::values::{Credentials, Endpoint, Timestamp};
    use embedded_io_async::ErrorKind;

    #[test]
    fn intervals_double_up_to_the_longest() {
        let config = WaiterConfig::for_job(Tier::Expedited).starting_with(5_000);
        assert_eq!([1, 2, 3, 4, 5, 99].map(|attempt| config.delay_ms(attempt)), [5_000, 10_000, 20_000, 30_000, 30_000, 30_000]);
        // 5, 10 and 20 s come before the first interval of 30 s.
        assert_eq!(config.max_attempts, 23);
        assert_eq!([1, 2, 40].map(|attempt| WaiterConfig::VAULT.delay_ms(attempt)), [3_000; 3]);
        assert_eq!(WaiterConfig::every(0, 3).starting_with(0), WaiterConfig::every(0, 3));
    }

    /// Waits for a job with three attempts at most. Returns the outcome, the replies left, and the milliseconds waited.
    fn wait<const N: usize>(replies: [Reply; N]) -> (Result<(), WaitError<ScriptedError>>, usize, u32) {
        let transport = ScriptedTransport::new(replies);
        let endpoint = Endpoint::new("eu-west-1", "h").unwrap();
        let mut client = Client::new(transport.clone(), endpoint, Credentials::new("a", "b", None).unwrap());
        let (mut environment, mut buf) = (ManualEnvironment::at(Timestamp::from_unix(0)), [0; 1024]);
        let job = DescribeJob { vault: "v".try_into().unwrap(), job: "j".try_into().unwrap() };
        let config = WaiterConfig { max_attempts: 3, ..WaiterConfig::for_job(Tier::Standard) };
        let outcome = block_on(until_job_succeeds(&mut client, &job, config, &mut environment, &mut buf));
        (outcome, transport.replies_left(), environment.sleeps_ms.iter().sum())
    }

    fn running() -> Reply {
        Reply::json(200, r#"{"StatusCode":"InProgress"}"#)
    }

    fn succeeded() -> Reply {
        Reply::json(200, r#"{"StatusCode":"Succeeded"}"#)
    }

    fn lost() -> Reply {
        Reply::connection_lost(ErrorKind::ConnectionReset)
    }

    #[test]
    fn transient_failures_do_not_end_the_wait_for_a_job() {
        assert_eq!(wait([running(), lost(), succeeded()]), (Ok(()), 0, 30 * 60_000));
        assert_eq!(wait([succeeded()]), (Ok(()), 0, 0));
    }

    #[test]
    fn the_wait_for_a_job_ends() {
        assert_eq!(wait([running(), running(), running()]), (Err(WaitError::Exhausted { attempts: 3 }), 0, 30 * 60_000));
        assert_eq!(wait([Reply::json(200, r#"{"StatusCode":"Failed"}"#), lost()]), (Err(WaitError::JobFailed), 1, 0));
        let reset = ScriptedError::new(ErrorKind::ConnectionReset);
        assert_eq!(wait([running(), lost(), lost()]).0, Err(WaitError::Failed(Error::Transport(reset))));
        let (gone, left, _) = wait([Reply::service_error(404, "ResourceNotFoundException", ""), succeeded()]);
        assert!(matches!(gone, Err(WaitError::Failed(Error::Service(error))) if error.code == ErrorCode::ResourceNotFound));
        assert_eq!(left, 1);
    }
}
