//! The system's clock.

use std::time::SystemTime;

use glacier_core::Timestamp;

/// The time now, in whole seconds. If the clock is set to before 1970, this is 1970, and the service reports that the request's
/// time is wrong.
#[must_use]
pub fn now() -> Timestamp {
    SystemTime::now().into()
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_after_this_was_written() {
        // 2025-01-01T00:00:00Z, from `date -u -d 2025-01-01 +%s`.
        assert!(super::now().unix() > 1_735_689_600);
    }
}
