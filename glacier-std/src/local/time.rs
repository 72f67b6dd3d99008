//! The service's own time: a clock that is passed in, and how moments are spelled.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use glacier_core::Timestamp;
use serde::{Deserialize, Serialize};

/// Tells the service the time. A test, or a simulation, may give its own.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn unix_millis(&self) -> u64;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn unix_millis(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

/// Milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Moment(pub(super) u64);

impl Moment {
    /// The same in whole seconds, rounded down.
    pub(super) fn timestamp(self) -> Timestamp {
        Timestamp::from_unix(self.0 / 1000)
    }

    /// The form of the `Date` header.
    pub(super) fn http_date(self) -> String {
        // The crate can spell the years up to 9999, and panics behind them.
        let seconds = self.timestamp().unix();
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
    }
}

/// The form of every date in the service's answers: `2012-03-20T17:03:43.221Z`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.timestamp().to_string();
        write!(f, "{}.{:03}Z", seconds.trim_end_matches('Z'), self.0 % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelled_as_the_service_does() {
        // From `date -u -d @1332263023`.
        let moment = Moment(1_332_263_023_007);
        assert_eq!(moment.to_string(), "2012-03-20T17:03:43.007Z");
        assert_eq!(moment.http_date(), "Tue, 20 Mar 2012 17:03:43 GMT");
        assert_eq!(Moment(u64::MAX).http_date(), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
