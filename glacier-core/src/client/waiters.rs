//! Waiting until a vault exists, or does not, or a job is done.

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

/// How often to look, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WaiterConfig {
    /// Milliseconds between two looks.
    pub delay_ms: u32,
    /// The most looks; there is always one.
    pub max_attempts: u32,
}

impl WaiterConfig {
    /// For vaults, as in AWS's own waiters: every 3 s, 15 times.
    pub const VAULT: WaiterConfig = WaiterConfig { delay_ms: 3_000, max_attempts: 15 };

    fn looks(&self) -> u32 {
        self.max_attempts.max(1)
    }

    /// For a job of this tier: as often as its usual time is worth, for twice as long as the service says it takes at most.
    ///
    /// Expedited jobs take 1 to 5 minutes, Standard ones 3 to 5 hours, Bulk ones 5 to 12 hours.
    pub const fn for_job(tier: Tier) -> WaiterConfig {
        match tier {
            Tier::Expedited => WaiterConfig { delay_ms: 30_000, max_attempts: 20 },
            Tier::Standard => WaiterConfig { delay_ms: 15 * 60_000, max_attempts: 40 },
            Tier::Bulk => WaiterConfig { delay_ms: 30 * 60_000, max_attempts: 48 },
        }
    }
}

/// Why the waiting ended without what was waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WaitError<T> {
    /// A look failed with something else than what is waited out.
    Failed(Error<T>),
    /// It did not happen within so many looks.
    Exhausted {
        /// The looks there were.
        attempts: u32,
    },
    /// The job is over and has failed; its description says why.
    JobFailed,
}

impl<T: fmt::Display> fmt::Display for WaitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WaitError::Failed(error) => error.fmt(f),
            WaitError::Exhausted { attempts } => write!(f, "it has not happened after {attempts} looks: wait again later"),
            WaitError::JobFailed => f.write_str("the job has failed; DescribeJob's StatusMessage says why"),
        }
    }
}

impl<T: core::error::Error> core::error::Error for WaitError<T> {}

impl<T> From<Error<T>> for WaitError<T> {
    fn from(error: Error<T>) -> Self {
        WaitError::Failed(error)
    }
}

/// Waits until the vault exists: the waiter VaultExists. `buf` as for [`Client::send`].
///
/// # Errors
/// [`WaitError`]; any refusal but `ResourceNotFound` ends the waiting.
pub async fn until_vault_exists<T: Transport, C: ProvideCredentials, K: KeepState>(
    client: &mut Client<T, C, K>,
    vault: &DescribeVault<'_>,
    patience: WaiterConfig,
    environment: &mut impl Environment,
    buf: &mut [u8],
) -> Result<(), WaitError<T::Error>> {
    for attempt in 1..=patience.looks() {
        if look(client, vault, environment, buf).await? == Look::Status(200) {
            return Ok(());
        }
        pause(attempt, patience, environment).await;
    }
    Err(WaitError::Exhausted { attempts: patience.looks() })
}

/// Waits until the vault does not exist: the waiter VaultNotExists. `buf` as for [`Client::send`].
///
/// # Errors
/// [`WaitError`]; any refusal but `ResourceNotFound` ends the waiting.
pub async fn until_vault_not_exists<T: Transport, C: ProvideCredentials, K: KeepState>(
    client: &mut Client<T, C, K>,
    vault: &DescribeVault<'_>,
    patience: WaiterConfig,
    environment: &mut impl Environment,
    buf: &mut [u8],
) -> Result<(), WaitError<T::Error>> {
    for attempt in 1..=patience.looks() {
        if look(client, vault, environment, buf).await? == Look::NotFound {
            return Ok(());
        }
        pause(attempt, patience, environment).await;
    }
    Err(WaitError::Exhausted { attempts: patience.looks() })
}

/// Waits until the job has succeeded, looking at once and then sparsely; see [`WaiterConfig::for_job`]. `buf` as for [`Client::send`].
///
/// # Errors
/// [`WaitError`]. A look that fails in a way that passes, such as a broken connection, is followed by the next one; any other
/// failure ends the waiting.
pub async fn until_job_succeeds<T: Transport, C: ProvideCredentials, K: KeepState>(
    client: &mut Client<T, C, K>,
    job: &DescribeJob<'_>,
    patience: WaiterConfig,
    environment: &mut impl Environment,
    buf: &mut [u8],
) -> Result<(), WaitError<T::Error>> {
    for attempt in 1..=patience.looks() {
        match client.send_retrying(job, ONCE, environment, buf).await.map(|job| job.status()) {
            Ok(StatusCode::Succeeded) => return Ok(()),
            Ok(StatusCode::Failed) => return Err(WaitError::JobFailed),
            Ok(StatusCode::InProgress | StatusCode::Unknown) => {}
            Err(error) if error.is_retryable() && attempt < patience.looks() => {}
            Err(error) => return Err(error.into()),
        }
        pause(attempt, patience, environment).await;
    }
    Err(WaitError::Exhausted { attempts: patience.looks() })
}

/// A look is not repeated, as there is a next one; but it is signed for the right time.
const ONCE: RetryPolicy = RetryPolicy { max_attempts: 1, max_backoff_ms: 0 };

#[derive(PartialEq, Eq)]
enum Look {
    Status(u16),
    NotFound,
}

/// What a vault looks like. The code counts, not the status it comes with.
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

/// Waits between two looks, and not behind the last.
async fn pause(attempt: u32, patience: WaiterConfig, environment: &mut impl Environment) {
    if attempt < patience.max_attempts {
        environment.sleep_ms(patience.delay_ms).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Source;
    use crate::request::Request;
    use crate::response::Head;
    use crate::test_support::block_on;
    use crate::transport::SendError;
    use crate::values::Credentials;
    use crate::values::Endpoint;
    use crate::values::Timestamp;
    use embedded_io_async::{ErrorKind, ErrorType, Read};

    /// Answers with these bodies in turn; an empty one is a connection that breaks.
    struct Looks(&'static [&'static str], &'static str);

    struct Said(&'static [u8]);

    impl ErrorType for Said {
        type Error = ErrorKind;
    }

    impl Read for Said {
        async fn read(&mut self, into: &mut [u8]) -> Result<usize, ErrorKind> {
            self.0.read(into).await.map_err(|never| match never {})
        }
    }

    impl Transport for Looks {
        type Error = ErrorKind;
        type Body<'t> = Said;

        async fn send<S: Source>(
            &mut self,
            _: &Request<'_>,
            _: &mut S,
            head: &mut Head<'_>,
        ) -> Result<(), SendError<ErrorKind, S::Error>> {
            let (next, rest) = self.0.split_first().expect("no more looks");
            self.0 = rest;
            if next.is_empty() {
                return Err(SendError::Transport(ErrorKind::ConnectionReset));
            }
            head.start(if next.contains("code") { 404 } else { 200 });
            self.1 = next;
            Ok(())
        }

        fn body(&mut self) -> Said {
            Said(self.1.as_bytes())
        }
    }

    struct Still(u64);

    impl Environment for Still {
        fn now(&mut self) -> Option<Timestamp> {
            Some(Timestamp::from_unix(0))
        }
        async fn sleep_ms(&mut self, milliseconds: u32) {
            self.0 += u64::from(milliseconds);
        }
        fn random(&mut self) -> u32 {
            0
        }
    }

    /// Waits with three looks at most. Returns the outcome, the looks left, and the milliseconds waited.
    fn wait(looks: &'static [&'static str]) -> (Result<(), WaitError<ErrorKind>>, usize, u64) {
        let service = Endpoint::new("eu-west-1", "h").unwrap();
        let mut client = Client::new(Looks(looks, ""), service, Credentials::new("a", "b", None).unwrap());
        let (mut still, mut buf) = (Still(0), [0; 1024]);
        let job = DescribeJob { vault: "v".try_into().unwrap(), job: "j".try_into().unwrap() };
        let patience = WaiterConfig { max_attempts: 3, ..WaiterConfig::for_job(Tier::Standard) };
        let outcome = block_on(until_job_succeeds(&mut client, &job, patience, &mut still, &mut buf));
        (outcome, client.transport.0.len(), still.0)
    }

    const RUNNING: &str = r#"{"StatusCode":"InProgress"}"#;
    const DONE: &str = r#"{"StatusCode":"Succeeded"}"#;

    #[test]
    fn a_job_is_waited_for_through_failures_that_pass() {
        assert_eq!(wait(&[RUNNING, "", DONE]), (Ok(()), 0, 30 * 60_000));
        assert_eq!(wait(&[DONE]), (Ok(()), 0, 0));
    }

    #[test]
    fn waiting_for_a_job_ends() {
        assert_eq!(wait(&[RUNNING, RUNNING, RUNNING]), (Err(WaitError::Exhausted { attempts: 3 }), 0, 30 * 60_000));
        assert_eq!(wait(&[r#"{"StatusCode":"Failed"}"#, ""]), (Err(WaitError::JobFailed), 1, 0));
        assert_eq!(wait(&[RUNNING, "", ""]).0, Err(WaitError::Failed(Error::Transport(ErrorKind::ConnectionReset))));
        let (gone, left, _) = wait(&[r#"{"code":"ResourceNotFoundException"}"#, DONE]);
        assert!(
            matches!(gone, Err(WaitError::Failed(Error::Service(service_error))) if service_error.code == ErrorCode::ResourceNotFound)
        );
        assert_eq!(left, 1);
    }
}
