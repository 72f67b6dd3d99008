//! The clock for code that only reads it: the records and the card's file system.

use core::cell::Cell;
use core::fmt::{self, Write};

use embassy_time::Instant;
use glacier_core::Timestamp;

/// A copy of the device's clock, updated whenever that is set.
#[derive(Debug, Default)]
pub(crate) struct Clock(Cell<glacier_embedded::Clock>);

impl Clock {
    pub(crate) fn update(&self, clock: &glacier_embedded::Clock) {
        self.0.set(*clock);
    }

    /// The Unix time in milliseconds; `None` while the clock is not set.
    pub(crate) fn unix_ms(&self) -> Option<u64> {
        self.0.get().unix_ms(uptime_ms())
    }

    pub(crate) fn now(&self) -> Option<Timestamp> {
        self.0.get().now(uptime_ms())
    }
}

/// Milliseconds since the device started.
pub(crate) fn uptime_ms() -> u64 {
    Instant::now().as_millis()
}

/// A time in the basic format of ISO 8601, `20261125T221000Z`.
pub(crate) struct Basic(pub(crate) Timestamp);

impl fmt::Display for Basic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(WithoutSeparators(f), "{}", self.0)
    }
}

/// Drops `-` and `:`.
struct WithoutSeparators<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl Write for WithoutSeparators<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.split(['-', ':']).try_for_each(|piece| self.0.write_str(piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_the_basic_format() {
        assert_eq!(Basic(Timestamp::parse_iso("2026-11-25T22:10:00Z").unwrap()).to_string(), "20261125T221000Z");
    }
}
