//! When a request that failed is sent again, and after which wait. Simple and bounded.

use std::time::Duration;

use glacier_core::{Client, Code, Error, Operation, ProvideCredentials, Transport};

use super::observe::{Event, Observer};
use crate::clock;

/// What a request bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Repeating it changes nothing.
    Freely,
    /// Each success makes something new or costs something: repeated only when it is certain that it was not done.
    WhenRefused,
}

/// The repetitions of a part. It is the long work, on the long way.
pub(super) const PART: u32 = 10;
/// The repetitions of any other request.
pub(super) const CONTROL: u32 = 3;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(20);

/// Counts the repetitions of one request.
#[derive(Debug)]
pub(super) struct Attempts {
    repeat: Repeat,
    used: u32,
    most: u32,
}

impl Attempts {
    pub(super) fn new(repeat: Repeat, most: u32) -> Self {
        Attempts { repeat, used: 0, most }
    }

    /// Waits before the next try.
    ///
    /// # Errors
    /// `error` itself, when there is no point in another try, or there were enough.
    pub(super) async fn after<T, S>(&mut self, error: Error<T, S>, observer: &dyn Observer) -> Result<(), Error<T, S>>
    where
        T: embedded_io_async::Error,
        S: std::fmt::Display,
    {
        if self.used >= self.most || !may_repeat(&error, self.repeat) {
            return Err(error);
        }
        let wait = jittered(self.used);
        self.used += 1;
        observer.note(Event::Repeating { error: &error, attempt: self.used, most: self.most, wait });
        tokio::time::sleep(wait).await;
        Ok(())
    }
}

/// Somewhere between nothing and the whole of a wait that doubles each time, so that many clients do not come back together.
fn jittered(used: u32) -> Duration {
    FIRST.saturating_mul(1 << used.min(16)).min(LONGEST).mul_f64(fastrand::f64())
}

/// Whether another try may succeed, and does no harm.
fn may_repeat<T: embedded_io_async::Error, S>(error: &Error<T, S>, repeat: Repeat) -> bool {
    use embedded_io_async::ErrorKind as Kind;
    match error {
        Error::Service(refusal) => match refusal.code {
            // Refused before anything was done.
            Code::Throttling | Code::RequestTimeout | Code::ServiceUnavailable => true,
            _ => match refusal.status {
                408 | 429 | 503 => true,
                500..=599 => repeat == Repeat::Freely,
                _ => false,
            },
        },
        Error::Transport(error) => match error.kind() {
            // What the user has to put right: a certificate, a permission, a name, a folder.
            Kind::PermissionDenied | Kind::InvalidInput | Kind::InvalidData | Kind::Unsupported | Kind::NotFound => false,
            Kind::ConnectionRefused => true,
            _ => repeat == Repeat::Freely,
        },
        _ => false,
    }
}

/// Whether the service may have done what was asked, although there was no good answer.
pub(super) fn is_ambiguous<T: embedded_io_async::Error, S>(error: &Error<T, S>) -> bool {
    match error {
        Error::Transport(error) => error.kind() != embedded_io_async::ErrorKind::ConnectionRefused,
        Error::Decode(_) => true,
        Error::Service(refusal) => refusal.status >= 500 && refusal.status != 503,
        _ => false,
    }
}

/// Does one operation, with repetitions. `own` takes what is wanted out of the answer, which lies in a buffer of this function.
///
/// # Errors
/// As [`Client::send`]: the last try's.
pub async fn send<T, C, O, R>(
    client: &mut Client<T, C>,
    operation: &O,
    repeat: Repeat,
    observer: &dyn Observer,
    own: impl Fn(O::Answer<'_>) -> R,
) -> Result<R, Error<T::Error>>
where
    T: Transport,
    C: ProvideCredentials,
    O: Operation + Sync,
{
    let mut buf = vec![0; 16 << 10];
    let mut attempts = Attempts::new(repeat, CONTROL);
    loop {
        match client.send(operation, clock::now(), &mut buf).await {
            Ok(answer) => return Ok(own(answer)),
            Err(error) => attempts.after(error, observer).await?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::test_support::{Log, Script, client, refusal};
    use glacier_core::ops::{DescribeVault, InitiateJob, JobKind};

    async fn describe(script: Script) -> Result<u64, String> {
        let mut client = client(script);
        let operation = DescribeVault { vault: "v".try_into().unwrap() };
        let size = |vault: glacier_core::ops::Vault<'_>| vault.size_in_bytes.unwrap();
        send(&mut client, &operation, Repeat::Freely, &(), size).await.map_err(|error| error.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn an_idempotent_request_is_repeated_three_times() {
        let good = r#"{"SizeInBytes":5}"#;
        let script = Script::new().broken().answer(500, &[], "").answer(429, &[], "").answer(200, &[], good);
        assert_eq!(describe(script).await, Ok(5));
        let script = Script::new().broken().broken().broken().broken().answer(200, &[], good);
        assert!(describe(script).await.unwrap_err().contains("scripted"), "the budget is three");
    }

    #[tokio::test(start_paused = true)]
    async fn what_will_not_get_better_is_not_repeated() {
        let script = Script::new().answer(404, &[], &refusal("ResourceNotFoundException")).answer(200, &[], "{}");
        assert!(describe(script).await.unwrap_err().contains("404 ResourceNotFoundException"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_is_begun_again_only_when_it_was_refused() {
        let begin = async |script| {
            let log = Log::default();
            let kind = JobKind::Archive { id: "a".try_into().unwrap(), range: None };
            let job = InitiateJob { vault: "v".try_into().unwrap(), kind, tier: None, description: None, sns_topic: None };
            let mut client = client(script);
            let result = send(&mut client, &job, Repeat::WhenRefused, &log, |job| job.job_id().unwrap().to_string()).await;
            (result.map_err(|error| is_ambiguous(&error)), log.lines().len())
        };
        let done = [("x-amz-job-id", "J")];
        let busy = refusal("ThrottlingException");
        assert_eq!(begin(Script::new().answer(400, &[], &busy).answer(202, &done, "")).await, (Ok("J".into()), 1));
        assert_eq!(begin(Script::new().refused().answer(202, &done, "")).await, (Ok("J".into()), 1));
        assert_eq!(begin(Script::new().broken().answer(202, &done, "")).await, (Err(true), 0));
        assert_eq!(begin(Script::new().answer(500, &[], "").answer(202, &done, "")).await, (Err(true), 0));
        assert_eq!(begin(Script::new().answer(403, &[], "").answer(202, &done, "")).await, (Err(false), 0));
    }

    #[test]
    fn waits_double_up_to_a_limit() {
        for used in 0..40 {
            let longest = if used < 6 { FIRST * (1 << used) } else { LONGEST };
            assert!(jittered(used) <= longest, "{used}");
        }
    }
}
