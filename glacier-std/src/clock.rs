//! The time of this machine.

use std::time::SystemTime;

use glacier_core::Timestamp;

/// Now, in whole seconds. A clock that is set to before 1970 gives 1970, and the service will say that the time of the request is wrong.
pub fn now() -> Timestamp {
    SystemTime::now().into()
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_after_this_was_written() {
        // 2025-01-01T00:00:00Z, by `date -u -d 2025-01-01 +%s`.
        assert!(super::now().unix() > 1_735_689_600);
    }
}
