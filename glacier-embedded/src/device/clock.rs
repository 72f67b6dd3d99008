//! The time of day on a device without a real-time clock: an offset from its uptime.

use glacier_core::Timestamp;

/// The time of day. Until it is set there is no time, rather than one in 1970.
///
/// It is kept as an offset from the device's uptime (see [`Device`](crate::Device)), and is as accurate as the uptime. A device with a real-time
/// clock sets it from there at startup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Clock {
    set: Option<Set>,
}

/// The Unix time in milliseconds at which the uptime was zero, and its source. Negative if the clock was set to a time shortly after 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Set {
    start_ms: i64,
    source: ClockSource,
}

/// Where the time came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ClockSource {
    /// The application: a real-time clock, a radio, a user.
    Application,
    /// An SNTP server.
    Sntp,
    /// The service, in the `Date` header of a response: whole seconds, and late by the time the response took to arrive.
    Service,
}

impl Clock {
    /// A clock that is not set.
    #[must_use]
    pub const fn not_set() -> Self {
        Clock { set: None }
    }

    /// Sets the clock: at an uptime of `uptime_ms` the Unix time is `unix_ms`, both in milliseconds.
    pub fn set(&mut self, unix_ms: u64, uptime_ms: u64, source: ClockSource) {
        // Both are below 2^63: `Timestamp` ends with the year 9999, and no device runs that long.
        let start_ms = unix_ms.cast_signed().saturating_sub(uptime_ms.cast_signed());
        self.set = Some(Set { start_ms, source });
    }

    /// The Unix time in milliseconds at this uptime; `None` while the clock is not set.
    #[must_use]
    pub fn unix_ms(&self, uptime_ms: u64) -> Option<u64> {
        let Set { start_ms, .. } = self.set?;
        Some(uptime_ms.saturating_add_signed(start_ms))
    }

    /// The time at this uptime, in whole seconds; `None` while the clock is not set.
    #[must_use]
    pub fn now(&self, uptime_ms: u64) -> Option<Timestamp> {
        self.unix_ms(uptime_ms).map(|ms| Timestamp::from_unix(ms / 1000))
    }

    /// What the clock was last set from; `None` while it is not set.
    #[must_use]
    pub fn source(&self) -> Option<ClockSource> {
        self.set.map(|set| set.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_not_set_has_no_time() {
        let clock = Clock::not_set();
        assert_eq!((clock.now(0), clock.unix_ms(u64::MAX), clock.source()), (None, None, None));
        assert_eq!(clock, Clock::default());
    }

    #[test]
    fn the_time_advances_with_the_uptime() {
        let mut clock = Clock::not_set();
        // 2026-11-25T22:10:00Z, by `date -u -d @1795644600`.
        clock.set(1_795_644_600_250, 5_000, ClockSource::Sntp);
        assert_eq!(clock.unix_ms(5_001), Some(1_795_644_600_251));
        assert_eq!(clock.now(5_750).map(Timestamp::unix), Some(1_795_644_601));
        // An uptime from before it was set: a record made then can be dated afterwards.
        assert_eq!(clock.now(0).map(Timestamp::unix), Some(1_795_644_595));
        assert_eq!(clock.source(), Some(ClockSource::Sntp));
    }

    #[test]
    fn the_clock_can_be_set_again_and_to_extreme_times() {
        let mut clock = Clock::not_set();
        clock.set(1_000, 60_000, ClockSource::Application);
        assert_eq!((clock.unix_ms(60_000), clock.unix_ms(0)), (Some(1_000), Some(0)));
        clock.set(u64::MAX, u64::MAX, ClockSource::Service);
        assert!(clock.now(u64::MAX).is_some());
        clock.set(7_000, 0, ClockSource::Service);
        assert_eq!((clock.now(0).map(Timestamp::unix), clock.source()), (Some(7), Some(ClockSource::Service)));
    }
}
