//! The data retrieval policy of an account: how fast archives may be retrieved.

use glacier_core::ErrorCode;
use serde::{Deserialize, Serialize};

use super::api_error::ApiError;

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

    /// Whether so many bytes may be retrieved. Jobs are done at once here, so none runs beside the one that is asked for.
    pub(crate) fn check_retrieval(self, tier: &str, bytes: u64) -> Result<(), ApiError> {
        let allowed = match self {
            _ if tier != "Standard" => true,
            RetrievalPolicy::None => true,
            RetrievalPolicy::FreeTier => bytes <= FREE_BYTES_A_DAY,
            RetrievalPolicy::BytesPerHour(rate) => bytes.div_ceil(HOURS_OF_STANDARD) <= rate,
        };
        if allowed {
            return Ok(());
        }
        Err(ApiError::new(ErrorCode::PolicyEnforced, "InitiateJob request denied by current data retrieval policy."))
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

    #[test]
    fn standard_retrievals_are_limited() {
        let rate = RetrievalPolicy::BytesPerHour(100);
        assert!(rate.check_retrieval("Standard", 400).is_ok());
        assert_eq!(rate.check_retrieval("Standard", 401).unwrap_err().code, ErrorCode::PolicyEnforced);
        assert!(rate.check_retrieval("Bulk", 401).is_ok() && rate.check_retrieval("Expedited", 401).is_ok());
        // 10 GiB / 30.
        assert!(RetrievalPolicy::FreeTier.check_retrieval("Standard", 357_913_941).is_ok());
        assert!(RetrievalPolicy::FreeTier.check_retrieval("Standard", 357_913_942).is_err());
        assert!(RetrievalPolicy::None.check_retrieval("Standard", u64::MAX).is_ok());
    }
}
