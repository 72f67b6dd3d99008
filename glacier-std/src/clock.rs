//! The time of this machine.

use std::time::{SystemTime, UNIX_EPOCH};

use glacier_core::Timestamp;

/// Now, in whole seconds. A clock set to before 1970 gives 1970; the service will then say that the request's time is wrong.
pub fn now() -> Timestamp {
    Timestamp::from_unix(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_after_this_was_written() {
        // 2025-01-01T00:00:00Z, by `date -u -d 2025-01-01 +%s`.
        assert!(super::now().unix() > 1_735_689_600);
    }
}
