//! The service's own time: a clock that is passed in, and how the service writes dates.

use std::fmt;

use glacier_core::Timestamp;
use serde::{Deserialize, Serialize};

/// Tells the service the time. A test or a simulation supplies its own.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn unix_millis(&self) -> u64;
}

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Moment(pub(crate) u64);

impl Moment {
    /// The same in whole seconds, rounded down.
    pub(crate) fn timestamp(self) -> Timestamp {
        Timestamp::from_unix(self.0 / 1000)
    }

    /// So many milliseconds later.
    pub(crate) fn after(self, millis: u64) -> Self {
        Moment(self.0.saturating_add(millis))
    }
}

/// The two times at which a request is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    /// That of every date in a record or a body.
    pub(crate) vault: Moment,
    /// That of signatures and of the header `Date`.
    pub(crate) wall: Moment,
}

/// The form of every date in the service's JSON: `2012-03-20T17:03:43.221Z`.
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
    fn dates_have_milliseconds() {
        // From `date -u -d @1332263023`.
        assert_eq!(Moment(1_332_263_023_007).to_string(), "2012-03-20T17:03:43.007Z");
        assert_eq!(Moment(1_332_263_023_007).timestamp(), Timestamp::from_unix(1_332_263_023));
    }
}
