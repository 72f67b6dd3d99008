//! When to try again: a state machine without a clock, a timer or random numbers of its own.
//!
//! It follows the SDKs' "standard" mode: at most three attempts, exponential backoff from 50 ms (1 s when throttled) to 20 s with full
//! jitter, and a retry quota that stops a client from adding to an outage. Beyond that: an operation that is not idempotent is not sent
//! again after a failure that leaves open whether the service has acted; and what belongs to an hours-long transfer is tried again for
//! hours ([`RetryPolicy::retry_for_s`]). Within that time an empty quota does not end the call but makes each wait the longest, so that
//! a service that comes back meets at most one request per `max_backoff_ms / 2` and call.
//!
//! Source: "Retry behavior", AWS SDKs and tools reference guide.

use crate::error::Error;
use crate::response::ServiceError;
use crate::values::Timestamp;

/// How often to try, and how long to wait between attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Attempts in all, including the first.
    pub max_attempts: u8,
    /// The longest wait between two attempts, in milliseconds.
    pub max_backoff_ms: u32,
    /// Seconds after a request's first failure in which it is sent again however many attempts have failed; 0, the default, leaves it
    /// to `max_attempts`. It needs an [`Environment`](crate::Environment) with an [uptime](crate::Environment::uptime_s).
    ///
    /// In this time expired and missing credentials are waited for too, as somebody may have to sign in.
    pub retry_for_s: u32,
    /// Whether the service may be one that was never reached, as its address may be wrong: `retry_for_s` then counts only once it has
    /// responded to the request, be it with an error.
    pub is_first_contact: bool,
}

/// As in the SDKs: three attempts, at most 20 s apart.
impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy::new(3, 20_000)
    }
}

impl RetryPolicy {
    /// For parts and downloads, since one failure must not end an hours-long transfer: ten attempts.
    pub const TRANSFER: RetryPolicy = RetryPolicy::new(10, 20_000);

    /// A policy of `max_attempts` attempts in all, at most `max_backoff_ms` milliseconds apart.
    #[must_use]
    pub const fn new(max_attempts: u8, max_backoff_ms: u32) -> Self {
        RetryPolicy { max_attempts, max_backoff_ms, retry_for_s: 0, is_first_contact: false }
    }

    /// The same with another number of attempts.
    #[must_use]
    pub const fn with_max_attempts(self, max_attempts: u8) -> Self {
        RetryPolicy { max_attempts, ..self }
    }

    /// The same, with more attempts for this many seconds after the first failure; 0 for none.
    #[must_use]
    pub const fn with_retry_for_s(self, retry_for_s: u32) -> Self {
        RetryPolicy { retry_for_s, ..self }
    }

    /// The same for a service that was perhaps never reached.
    #[must_use]
    pub const fn on_first_contact(self) -> Self {
        RetryPolicy { is_first_contact: true, ..self }
    }
}

/// The tokens that all requests of a client share: a retry takes some, a success returns some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RetryQuota(u16);

const FULL: u16 = 500;

const COST: u16 = 14;

const COST_THROTTLED: u16 = 5;

impl Default for RetryQuota {
    fn default() -> Self {
        RetryQuota(FULL)
    }
}

impl RetryQuota {
    /// A request succeeded after `retries` retries: returns what the last one took, or one token.
    pub fn succeeded(&mut self, retries: u8) {
        let back = if retries > 0 { COST } else { 1 };
        self.0 = self.0.saturating_add(back).min(FULL);
    }
}

/// What to do after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Verdict {
    /// Report the error.
    GiveUp,
    /// Wait, then sign and send again.
    RetryAfter {
        /// Milliseconds.
        wait_ms: u32,
    },
    /// Sign and send again at once, with the service's time.
    CorrectClock {
        /// The service's time when it responded.
        service: Timestamp,
    },
    /// Get new credentials, wait, then sign and send again.
    RenewCredentials {
        /// Milliseconds; 0 unless those before have expired as well.
        wait_ms: u32,
    },
}

/// The attempts of one request.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Retry {
    policy: RetryPolicy,
    failures: u8,
    /// The uptime at the first failure.
    since_s: Option<u32>,
    clock_corrected: bool,
    credentials_renewed: bool,
    may_have_acted: bool,
}

impl Retry {
    /// Starts before the first attempt.
    #[must_use]
    pub fn new(policy: RetryPolicy) -> Self {
        Retry { policy, ..Retry::default() }
    }

    /// Attempts that have failed; 255 for more.
    #[must_use]
    pub fn failures(&self) -> u8 {
        self.failures
    }

    /// Decides after a failure.
    ///
    /// `idempotent` is the operation's own ([`Encode::is_idempotent`](crate::Encode::is_idempotent)); `uptime_s` is that of
    /// [`Environment::uptime_s`](crate::Environment::uptime_s); `random` is uniform over all of `u32`.
    pub fn after<T, S>(
        &mut self,
        error: &Error<T, S>,
        idempotent: bool,
        uptime_s: Option<u32>,
        random: u32,
        tokens: &mut RetryQuota,
    ) -> Verdict {
        let failure = Failure {
            may_have_acted: error.may_have_acted(),
            is_retryable: error.is_retryable(),
            lacks_credentials: matches!(error, Error::Credentials(_)),
            service_error: error.service_error(),
        };
        self.decide(&failure, idempotent, uptime_s, random, tokens)
    }

    /// Decides for all types of errors, so that a device links it once.
    #[inline(never)]
    fn decide(
        &mut self,
        failure: &Failure<'_>,
        idempotent: bool,
        uptime_s: Option<u32>,
        random: u32,
        tokens: &mut RetryQuota,
    ) -> Verdict {
        if self.failures == 0 {
            self.since_s = uptime_s;
        }
        self.failures = self.failures.saturating_add(1);
        self.may_have_acted |= failure.may_have_acted;
        let (mut is_throttling, mut is_expired, mut asked_ms) = (false, false, 0);
        if let Some(service_error) = failure.service_error {
            self.policy.is_first_contact = false;
            is_throttling = service_error.is_throttling();
            is_expired = service_error.is_expired_token();
            asked_ms = service_error.retry_after_ms.unwrap_or(0);
            // A request that was rejected for its time or token was not carried out, so any operation may be sent again, once; and
            // once more after each wait.
            if service_error.is_clock_skew() && !self.clock_corrected {
                self.clock_corrected = true;
                return service_error.date.map_or(Verdict::GiveUp, |service| Verdict::CorrectClock { service });
            }
            if is_expired && !self.credentials_renewed {
                self.credentials_renewed = true;
                return Verdict::RenewCredentials { wait_ms: 0 };
            }
        }
        let in_time = self.is_in_time(uptime_s);
        let may_pass = failure.is_retryable || in_time && (is_expired || failure.lacks_credentials);
        let forbidden = !idempotent && self.may_have_acted;
        if !may_pass || forbidden || self.failures >= self.policy.max_attempts && !in_time {
            return Verdict::GiveUp;
        }
        let (cost, first_ms) = if is_throttling || is_expired { (COST_THROTTLED, 1000) } else { (COST, 50) };
        let wait_ms = match tokens.0.checked_sub(cost) {
            Some(left) => {
                tokens.0 = left;
                self.wait_ms(first_ms, asked_ms, random)
            }
            None if in_time => {
                let half = self.policy.max_backoff_ms / 2;
                half.saturating_add(share(half, random))
            }
            None => return Verdict::GiveUp,
        };
        (self.clock_corrected, self.credentials_renewed) = (false, is_expired);
        if is_expired { Verdict::RenewCredentials { wait_ms } } else { Verdict::RetryAfter { wait_ms } }
    }

    /// Whether the time for further attempts is not over.
    fn is_in_time(&self, uptime_s: Option<u32>) -> bool {
        match (self.since_s, uptime_s) {
            (Some(since), Some(now)) => !self.policy.is_first_contact && now.wrapping_sub(since) < self.policy.retry_for_s,
            _ => false,
        }
    }

    /// Whether the service may have acted on one of the failed attempts.
    pub(crate) fn may_have_acted(&self) -> bool {
        self.may_have_acted
    }

    /// A random fraction of the doubled wait; what the service asks for can extend it by 5 s at most.
    fn wait_ms(&self, first_ms: u32, asked_ms: u32, random: u32) -> u32 {
        let doubled = first_ms.saturating_mul(1 << (self.failures.saturating_sub(1)).min(20)).min(self.policy.max_backoff_ms);
        let wait = share(doubled, random);
        wait.max(asked_ms.min(wait.saturating_add(5000)))
    }
}

/// What of an error matters for the next attempt.
struct Failure<'e> {
    may_have_acted: bool,
    is_retryable: bool,
    lacks_credentials: bool,
    service_error: Option<&'e ServiceError>,
}

/// A random fraction of `of`.
fn share(of: u32, random: u32) -> u32 {
    ((u64::from(of) * u64::from(random)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::ErrorCode;
    use crate::wire::DecodeError;
    use crate::wire::Truncated;

    type E = Error<core::fmt::Error>;

    fn service_error(status: u16, name: &str, message: &str) -> E {
        Error::Service(ServiceError {
            status,
            code: ErrorCode::from_name(name),
            name: Truncated::new(&name),
            message: Truncated::new(&message),
            #[cfg(feature = "std")]
            whole: None,
            request_id: Truncated::default(),
            date: Some(Timestamp::from_unix(4600)),
            after_lost_response: false,
            retry_after_ms: (message == "later").then_some(60_000),
        })
    }

    const LOST: E = Error::Transport(core::fmt::Error);

    /// All verdicts on an error that does not go away. Time passes only while it is waited.
    fn verdicts(error: &E, idempotent: bool, policy: RetryPolicy) -> std::vec::Vec<Verdict> {
        let (mut retry, mut tokens) = (Retry::new(policy), RetryQuota::default());
        let mut all = std::vec::Vec::new();
        loop {
            // The uptime may wrap.
            let uptime_s = u32::MAX.wrapping_add((waited_ms(&all) / 1000) as u32);
            all.push(retry.after(error, idempotent, Some(uptime_s), u32::MAX, &mut tokens));
            if all.last() == Some(&Verdict::GiveUp) {
                return all;
            }
        }
    }

    fn waited_ms(verdicts: &[Verdict]) -> u64 {
        let waits = verdicts.iter().map(|verdict| match verdict {
            Verdict::RetryAfter { wait_ms } | Verdict::RenewCredentials { wait_ms } => u64::from(*wait_ms),
            Verdict::CorrectClock { .. } | Verdict::GiveUp => 0,
        });
        waits.sum()
    }

    fn wait(wait_ms: u32) -> Verdict {
        Verdict::RetryAfter { wait_ms }
    }

    fn renew(wait_ms: u32) -> Verdict {
        Verdict::RenewCredentials { wait_ms }
    }

    const HOUR_S: u32 = 3600;

    #[test]
    fn three_attempts_with_doubling_waits() {
        assert_eq!(verdicts(&LOST, true, RetryPolicy::default()), [wait(49), wait(99), Verdict::GiveUp]);
        let slow = service_error(400, "ThrottlingException", "");
        assert_eq!(verdicts(&slow, true, RetryPolicy::default()), [wait(999), wait(1999), Verdict::GiveUp]);
        let many = verdicts(&slow, true, RetryPolicy::TRANSFER);
        assert_eq!((many.len(), many[8]), (10, wait(19_999)));
    }

    #[test]
    fn requests_on_which_the_service_may_have_acted_are_not_retried() {
        assert_eq!(verdicts(&LOST, false, RetryPolicy::default()), [Verdict::GiveUp]);
        assert_eq!(verdicts(&service_error(504, "", ""), false, RetryPolicy::default()), [Verdict::GiveUp]);
        let definite = service_error(400, "ThrottlingException", "");
        assert_eq!(verdicts(&definite, false, RetryPolicy::default()).len(), 3);
        assert_eq!(verdicts(&Error::Decode(DecodeError::Json), true, RetryPolicy::default()), [Verdict::GiveUp]);
    }

    #[test]
    fn a_wrong_clock_and_an_expired_token_allow_one_more_attempt() {
        let skewed = service_error(403, "InvalidSignatureException", "Signature expired: ...");
        assert_eq!(
            verdicts(&skewed, false, RetryPolicy::default()),
            [Verdict::CorrectClock { service: Timestamp::from_unix(4600) }, Verdict::GiveUp]
        );
        let old = service_error(403, "ExpiredTokenException", "");
        assert_eq!(verdicts(&old, false, RetryPolicy::default()), [renew(0), Verdict::GiveUp]);
    }

    #[test]
    fn the_service_can_extend_a_wait_by_five_seconds() {
        let later = service_error(503, "ServiceUnavailableException", "later");
        assert_eq!(verdicts(&later, true, RetryPolicy::default())[0], wait(5049));
    }

    #[test]
    fn the_quota_is_spent_and_refilled() {
        let mut tokens = RetryQuota::default();
        let spend = |tokens: &mut RetryQuota| Retry::default().after(&LOST, true, None, 0, tokens);
        for _ in 0..FULL / COST {
            assert_eq!(spend(&mut tokens), wait(0));
        }
        assert_eq!(spend(&mut tokens), Verdict::GiveUp);
        tokens.succeeded(1);
        assert_eq!(spend(&mut tokens), wait(0));
    }
    #[test]
    fn within_the_time_neither_attempts_nor_quota_end_a_call_and_after_it_they_do() {
        let all = verdicts(&LOST, true, RetryPolicy::TRANSFER.with_retry_for_s(3 * HOUR_S));
        let waited_s = waited_ms(&all) / 1000;
        assert!((10_800..10_821).contains(&waited_s), "{waited_s} s");
        // The service meets one request every 20 s once the quota is used up: 3 x 180, and some of the first seconds.
        assert!((540..560).contains(&all.len()), "{} requests", all.len());
        assert_eq!(all[all.len() - 2], wait(19_999));
        // With the smallest random number every wait of a full quota is 0; of an empty one it is half the longest.
        let (mut retry, mut empty) = (Retry::new(RetryPolicy::TRANSFER.with_retry_for_s(HOUR_S)), RetryQuota(COST - 1));
        assert_eq!(retry.after(&LOST, true, Some(0), 0, &mut empty), wait(10_000));
        assert_eq!(empty, RetryQuota(COST - 1));
        assert_eq!(retry.after(&LOST, true, Some(HOUR_S), 0, &mut empty), Verdict::GiveUp);
    }

    #[test]
    fn the_time_adds_attempts_and_takes_none() {
        let (mut retry, mut tokens) = (Retry::new(RetryPolicy::TRANSFER.with_retry_for_s(60)), RetryQuota::default());
        assert_eq!(retry.after(&LOST, true, Some(0), 0, &mut tokens), wait(0));
        // The second attempt took five hours.
        assert_eq!(retry.after(&LOST, true, Some(5 * HOUR_S), 0, &mut tokens), wait(0));
        assert_eq!(verdicts(&LOST, false, RetryPolicy::TRANSFER.with_retry_for_s(60)), [Verdict::GiveUp], "it may have acted");
        let gone = service_error(404, "ResourceNotFoundException", "");
        assert_eq!(verdicts(&gone, true, RetryPolicy::TRANSFER.with_retry_for_s(60)), [Verdict::GiveUp]);
        // Without an uptime the attempts count alone.
        let (mut retry, mut tokens) = (Retry::new(RetryPolicy::default().with_retry_for_s(60)), RetryQuota::default());
        let unknown = [(); 3].map(|()| retry.after(&LOST, true, None, 0, &mut tokens));
        assert_eq!(unknown, [wait(0), wait(0), Verdict::GiveUp]);
    }

    #[test]
    fn the_time_begins_when_the_service_was_reached() {
        let policy = RetryPolicy::TRANSFER.with_retry_for_s(HOUR_S).on_first_contact();
        let refused = Error::NotSent(core::fmt::Error);
        assert_eq!(verdicts(&refused, true, policy).len(), 10);
        assert!(verdicts(&service_error(503, "ServiceUnavailableException", ""), false, policy).len() > 180);
        let (mut retry, mut tokens) = (Retry::new(policy.with_max_attempts(1)), RetryQuota::default());
        let busy = service_error(503, "ServiceUnavailableException", "");
        assert_eq!(retry.after(&busy, true, Some(0), 0, &mut tokens), wait(0));
        assert_eq!(retry.after(&refused, true, Some(1), 0, &mut tokens), wait(0));
    }

    #[test]
    fn clock_and_credentials_are_corrected_again_after_each_wait() {
        let skewed = service_error(403, "InvalidSignatureException", "Signature expired: ...");
        let old = service_error(403, "ExpiredTokenException", "");
        let corrected = Verdict::CorrectClock { service: Timestamp::from_unix(4600) };
        let (mut retry, mut tokens) = (Retry::new(RetryPolicy::TRANSFER), RetryQuota::default());
        let mut after = |error: &E| retry.after(error, true, None, 0, &mut tokens);
        for _ in 0..3 {
            assert_eq!((after(&skewed), after(&old), after(&LOST)), (corrected, renew(0), wait(0)));
        }
        assert_eq!((after(&old), after(&skewed), after(&old)), (renew(0), corrected, Verdict::GiveUp), "and not in a circle");
    }

    #[test]
    fn within_the_time_credentials_that_stay_expired_or_missing_are_waited_for() {
        let policy = RetryPolicy::TRANSFER.with_retry_for_s(HOUR_S);
        let old = verdicts(&service_error(403, "ExpiredTokenException", ""), false, policy);
        assert_eq!(old[..3], [renew(0), renew(1999), renew(3999)]);
        assert!((3600..3621).contains(&(waited_ms(&old) / 1000)));
        let none = Error::Credentials(crate::values::NoCredentials("they have expired"));
        assert!(verdicts(&none, false, policy).len() > 180);
        assert_eq!(verdicts(&none, false, RetryPolicy::TRANSFER), [Verdict::GiveUp]);
    }
}
