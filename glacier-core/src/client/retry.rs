//! When to try again: a state machine without a clock, a timer or random numbers of its own.
//!
//! It follows the SDKs' "standard" mode: at most three attempts, exponential backoff from 50 ms (1 s when throttled) to 20 s with full
//! jitter, and a retry quota that stops a client from adding to an outage. Beyond that: an operation that is not idempotent is not sent
//! again after a failure that leaves open whether the service has acted.
//!
//! Source: "Retry behavior", AWS SDKs and tools reference guide.

use crate::error::Error;
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
}

/// As in the SDKs: three attempts, at most 20 s apart.
impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy { max_attempts: 3, max_backoff_ms: 20_000 }
    }
}

impl RetryPolicy {
    /// For parts and downloads, since one failure must not end an hours-long transfer: ten attempts.
    pub const TRANSFER: RetryPolicy = RetryPolicy { max_attempts: 10, max_backoff_ms: 20_000 };

    /// A policy of `max_attempts` attempts in all, at most `max_backoff_ms` milliseconds apart.
    #[must_use]
    pub const fn new(max_attempts: u8, max_backoff_ms: u32) -> Self {
        RetryPolicy { max_attempts, max_backoff_ms }
    }

    /// The same with another number of attempts.
    #[must_use]
    pub const fn with_max_attempts(self, max_attempts: u8) -> Self {
        RetryPolicy { max_attempts, ..self }
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
    /// Get new credentials, then sign and send again at once.
    RenewCredentials,
}

/// The attempts of one request.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Retry {
    policy: RetryPolicy,
    failures: u8,
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

    /// Attempts that have failed.
    #[must_use]
    pub fn failures(&self) -> u8 {
        self.failures
    }

    /// Decides after a failure.
    ///
    /// `idempotent` is the operation's own ([`Encode::is_idempotent`](crate::Encode::is_idempotent)); `random` is uniform over all of `u32`.
    pub fn after<T, S>(&mut self, error: &Error<T, S>, idempotent: bool, random: u32, tokens: &mut RetryQuota) -> Verdict {
        self.failures = self.failures.saturating_add(1);
        self.may_have_acted |= error.may_have_acted();
        if let Some(service_error) = error.service_error() {
            // A request that was rejected for its time or token was not carried out, so any operation may be sent again, once.
            if service_error.is_clock_skew() && !self.clock_corrected {
                self.clock_corrected = true;
                return service_error.date.map_or(Verdict::GiveUp, |service| Verdict::CorrectClock { service });
            }
            if service_error.is_expired_token() && !self.credentials_renewed {
                self.credentials_renewed = true;
                return Verdict::RenewCredentials;
            }
        }
        let forbidden = !idempotent && self.may_have_acted;
        if !error.is_retryable() || forbidden || self.failures >= self.policy.max_attempts {
            return Verdict::GiveUp;
        }
        let (cost, first_ms) = if error.is_throttling() { (COST_THROTTLED, 1000) } else { (COST, 50) };
        let Some(left) = tokens.0.checked_sub(cost) else { return Verdict::GiveUp };
        tokens.0 = left;
        let asked_ms = error.service_error().and_then(|service_error| service_error.retry_after_ms).unwrap_or(0);
        Verdict::RetryAfter { wait_ms: self.wait_ms(first_ms, asked_ms, random) }
    }

    /// Whether the service may have acted on one of the failed attempts.
    pub(crate) fn may_have_acted(&self) -> bool {
        self.may_have_acted
    }

    /// A random fraction of the doubled wait; what the service asks for can extend it by 5 s at most.
    fn wait_ms(&self, first_ms: u32, asked_ms: u32, random: u32) -> u32 {
        let doubled = first_ms.saturating_mul(1 << (self.failures.saturating_sub(1)).min(20)).min(self.policy.max_backoff_ms);
        let share = (u64::from(doubled) * u64::from(random)) >> 32;
        let wait = share as u32;
        wait.max(asked_ms.min(wait.saturating_add(5000)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::{ErrorCode, ServiceError};
    use crate::wire::DecodeError;
    use crate::wire::Truncated;

    type E = Error<core::fmt::Error>;

    fn service_error(status: u16, name: &str, message: &str) -> E {
        Error::Service(ServiceError {
            status,
            code: ErrorCode::from_name(name),
            name: Truncated::new(&name),
            message: Truncated::new(&message),
            request_id: Truncated::default(),
            date: Some(Timestamp::from_unix(4600)),
            after_lost_response: false,
            retry_after_ms: (message == "later").then_some(60_000),
        })
    }

    const LOST: E = Error::Transport(core::fmt::Error);

    fn verdicts(error: &E, idempotent: bool, policy: RetryPolicy) -> std::vec::Vec<Verdict> {
        let (mut retry, mut tokens) = (Retry::new(policy), RetryQuota::default());
        let mut all = std::vec::Vec::new();
        loop {
            all.push(retry.after(error, idempotent, u32::MAX, &mut tokens));
            if all.last() == Some(&Verdict::GiveUp) {
                return all;
            }
        }
    }

    fn wait(wait_ms: u32) -> Verdict {
        Verdict::RetryAfter { wait_ms }
    }

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
        assert_eq!(verdicts(&old, false, RetryPolicy::default()), [Verdict::RenewCredentials, Verdict::GiveUp]);
    }

    #[test]
    fn the_service_can_extend_a_wait_by_five_seconds() {
        let later = service_error(503, "ServiceUnavailableException", "later");
        assert_eq!(verdicts(&later, true, RetryPolicy::default())[0], wait(5049));
    }

    #[test]
    fn the_quota_is_spent_and_refilled() {
        let mut tokens = RetryQuota::default();
        let spend = |tokens: &mut RetryQuota| Retry::default().after(&LOST, true, 0, tokens);
        for _ in 0..FULL / COST {
            assert_eq!(spend(&mut tokens), wait(0));
        }
        assert_eq!(spend(&mut tokens), Verdict::GiveUp);
        tokens.succeeded(1);
        assert_eq!(spend(&mut tokens), wait(0));
    }
}
