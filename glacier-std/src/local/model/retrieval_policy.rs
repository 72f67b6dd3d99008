//! The data retrieval policy of an account: how fast archives may be retrieved.

use glacier_core::ErrorCode;
use serde::{Deserialize, Serialize};

use super::api_error::ApiError;
use super::clock::Moment;
use super::schedule::{DAY, Tier};

const HOUR: u64 = 3_600_000;
/// Hours that a standard retrieval takes, by which a rate is computed.
const HOURS_OF_STANDARD: u64 = 4;
/// The free tier of a day: a thirtieth of 10 GiB a month.
const FREE_BYTES_A_DAY: u64 = (10 << 30) / 30;

/// A policy. Standard retrievals only are limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RetrievalPolicy {
    /// No limit; that of an account which never set one.
    #[default]
    None,
    FreeTier,
    BytesPerHour(u64),
}

impl RetrievalPolicy {
    /// From the strategy and its rate as they are sent.
    pub(crate) fn new(strategy: Option<&str>, bytes_per_hour: Option<u64>) -> Result<Self, ApiError> {
        match (strategy, bytes_per_hour) {
            (Some("BytesPerHour"), Some(rate)) if (1..=i64::MAX as u64).contains(&rate) => Ok(RetrievalPolicy::BytesPerHour(rate)),
            (Some("BytesPerHour"), Some(rate)) => {
                Err(ApiError::invalid(format!("Invalid BytesPerHour: {rate}. It is a whole number from 1 to {}", i64::MAX)))
            }
            (Some("BytesPerHour"), None) => Err(ApiError::missing("BytesPerHour")),
            (Some("FreeTier" | "None"), Some(_)) => {
                Err(ApiError::invalid("BytesPerHour goes with the strategy BytesPerHour only: leave it out"))
            }
            (Some("FreeTier"), None) => Ok(RetrievalPolicy::FreeTier),
            (Some("None"), None) => Ok(RetrievalPolicy::None),
            (Some(other), _) => {
                Err(ApiError::invalid(format!("Invalid strategy: {other}. The strategies are BytesPerHour, FreeTier and None")))
            }
            (None, _) => Err(ApiError::missing("Strategy")),
        }
    }

    pub(crate) fn strategy(self) -> &'static str {
        match self {
            RetrievalPolicy::None => "None",
            RetrievalPolicy::FreeTier => "FreeTier",
            RetrievalPolicy::BytesPerHour(_) => "BytesPerHour",
        }
    }

    pub(crate) fn bytes_per_hour(self) -> Option<u64> {
        match self {
            RetrievalPolicy::BytesPerHour(rate) => Some(rate),
            RetrievalPolicy::None | RetrievalPolicy::FreeTier => None,
        }
    }

    /// Whether a retrieval may begin beside those that run.
    pub(crate) fn check(self, retrieval: &Retrieval, load: &RetrievalLoad, now: Moment) -> Result<(), ApiError> {
        let allowed = match self {
            _ if retrieval.tier != Tier::Standard => true,
            RetrievalPolicy::None => true,
            RetrievalPolicy::FreeTier => load.bytes_of_day(now).saturating_add(retrieval.bytes) <= FREE_BYTES_A_DAY,
            RetrievalPolicy::BytesPerHour(rate) => load.bytes_per_hour.saturating_add(retrieval.rate()) <= rate,
        };
        if allowed {
            return Ok(());
        }
        Err(ApiError::new(ErrorCode::PolicyEnforced, "InitiateJob request denied by current data retrieval policy."))
    }
}

/// A retrieval that is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retrieval {
    pub(crate) tier: Tier,
    pub(crate) bytes: u64,
    /// How long it takes, in milliseconds; 0 if it is done at once.
    pub(crate) duration: u64,
}

impl Retrieval {
    /// Bytes an hour, rounded up. One that is done at once counts as the service's usual four hours.
    pub(crate) fn rate(&self) -> u64 {
        let duration = if self.duration == 0 { HOURS_OF_STANDARD * HOUR } else { self.duration };
        let rate = (u128::from(self.bytes) * u128::from(HOUR)).div_ceil(u128::from(duration));
        u64::try_from(rate).unwrap_or(u64::MAX)
    }
}

/// What an account retrieves with the tier Standard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RetrievalLoad {
    /// The sum over running jobs.
    bytes_per_hour: u64,
    /// The day of the last retrieval, counted from 1970-01-01, and the bytes that were asked for on it.
    day: u64,
    bytes: u64,
}

impl RetrievalLoad {
    /// Counts a retrieval that begins; the rate at which it is counted until it is done.
    pub(crate) fn begin(&mut self, retrieval: &Retrieval, now: Moment) -> u64 {
        // Those that are done at once are judged by themselves.
        if retrieval.tier != Tier::Standard || retrieval.duration == 0 {
            return 0;
        }
        self.bytes = self.bytes_of_day(now).saturating_add(retrieval.bytes);
        self.day = now.0 / DAY;
        let rate = retrieval.rate();
        self.bytes_per_hour = self.bytes_per_hour.saturating_add(rate);
        rate
    }

    /// A retrieval that was counted at this rate is done.
    pub(crate) fn end(&mut self, rate: u64) {
        self.bytes_per_hour = self.bytes_per_hour.saturating_sub(rate);
    }

    fn bytes_of_day(&self, now: Moment) -> u64 {
        if self.day == now.0 / DAY { self.bytes } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_goes_with_its_strategy() {
        assert_eq!(RetrievalPolicy::new(Some("BytesPerHour"), Some(1)), Ok(RetrievalPolicy::BytesPerHour(1)));
        assert_eq!(RetrievalPolicy::new(Some("FreeTier"), None), Ok(RetrievalPolicy::FreeTier));
        use ErrorCode::{InvalidParameterValue, MissingParameterValue};
        for (strategy, rate, code) in [
            (Some("BytesPerHour"), None, MissingParameterValue),
            (Some("BytesPerHour"), Some(0), InvalidParameterValue),
            (Some("BytesPerHour"), Some(1 << 63), InvalidParameterValue),
            (Some("None"), Some(1), InvalidParameterValue),
            (Some("Free"), None, InvalidParameterValue),
            (None, Some(1), MissingParameterValue),
        ] {
            assert_eq!(RetrievalPolicy::new(strategy, rate).unwrap_err().code, code);
        }
    }

    fn retrieval(tier: Tier, bytes: u64, hours: u64) -> Retrieval {
        Retrieval { tier, bytes, duration: hours * HOUR }
    }

    #[test]
    fn standard_retrievals_are_limited() {
        let none = RetrievalLoad::default();
        let check = |policy: RetrievalPolicy, tier, bytes| policy.check(&retrieval(tier, bytes, 0), &none, Moment(0));
        let rate = RetrievalPolicy::BytesPerHour(100);
        assert!(check(rate, Tier::Standard, 400).is_ok());
        assert_eq!(check(rate, Tier::Standard, 401).unwrap_err().code, ErrorCode::PolicyEnforced);
        assert!(check(rate, Tier::Bulk, 401).is_ok() && check(rate, Tier::Expedited, 401).is_ok());
        // 10 GiB / 30.
        assert!(check(RetrievalPolicy::FreeTier, Tier::Standard, 357_913_941).is_ok());
        assert!(check(RetrievalPolicy::FreeTier, Tier::Standard, 357_913_942).is_err());
        assert!(check(RetrievalPolicy::None, Tier::Standard, u64::MAX).is_ok());
    }

    #[test]
    fn running_retrievals_count_until_they_are_done_and_bytes_for_the_day() {
        let (mut load, now, policy) = (RetrievalLoad::default(), Moment(5 * DAY + 1), RetrievalPolicy::BytesPerHour(150));
        let first = retrieval(Tier::Standard, 400, 4);
        policy.check(&first, &load, now).unwrap();
        let counted = load.begin(&first, now);
        assert_eq!(counted, 100);
        assert_eq!(load.begin(&retrieval(Tier::Bulk, 1 << 40, 9), now), 0, "not limited");
        assert_eq!(load.begin(&retrieval(Tier::Standard, 1 << 40, 0), now), 0, "done at once");
        assert!(policy.check(&retrieval(Tier::Standard, 200, 4), &load, now).is_ok());
        assert!(policy.check(&retrieval(Tier::Standard, 201, 4), &load, now).is_err());
        load.end(counted);
        assert!(policy.check(&retrieval(Tier::Standard, 600, 4), &load, now).is_ok());
        let rest = |bytes, now| RetrievalPolicy::FreeTier.check(&retrieval(Tier::Standard, bytes, 4), &load, now).is_ok();
        let free = 357_913_941;
        assert!(rest(free - 400, now) && !rest(free - 399, now) && rest(free, now.after(DAY)));
    }
}
