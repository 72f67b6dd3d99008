//! Time and random bytes of this machine.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::local::model::{ApiError, Clock, RandomSource};

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn unix_millis(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

/// The random bytes of the operating system.
pub(super) struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ApiError> {
        getrandom::fill(bytes).map_err(|error| ApiError::unavailable(format!("The system supplies no random bytes: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::model::Ids;

    #[test]
    fn ids_differ_and_may_begin_with_a_hyphen() {
        let ids = Ids::new(SystemRandom);
        let archives: Vec<String> = (0..2000).map(|_| ids.archive().unwrap()).collect();
        assert_ne!(archives[0], archives[1]);
        // That none of 2000 begins with a hyphen has a probability of (63/64)^2000 = 2e-14.
        assert!(archives.iter().any(|id| id.starts_with('-')));
    }
}
