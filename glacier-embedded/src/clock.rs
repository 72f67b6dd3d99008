//! The time on a device that has no clock of its own: how far its uptime is behind the world's time.

use glacier_core::Timestamp;

/// The time, once somebody has said what it is; until then there is none, which is not the same as 1970.
///
/// It is kept as a distance from the device's uptime, which [`Device`](crate::Device) counts, and goes as right or wrong as that does. A device
/// with a battery-backed clock sets it from there when it starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Clock {
    set: Option<Set>,
}

/// Milliseconds since 1970 at which the uptime was zero, and who said so. Negative when the clock was set to a time shortly after 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Set {
    start_ms: i64,
    by: SetBy,
}

/// Who said what time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SetBy {
    /// The application: a clock with a battery, a radio, a person.
    Application,
    /// A time server, by SNTP.
    Sntp,
    /// The service, by the `Date` of an answer. Whole seconds, and late by the answer's way.
    Service,
}

impl Clock {
    /// A clock that is not set.
    pub const fn not_set() -> Self {
        Clock { set: None }
    }

    /// It is `unix_ms` milliseconds after 1970 now, at an uptime of `uptime_ms`.
    pub fn set(&mut self, unix_ms: u64, uptime_ms: u64, by: SetBy) {
        // Both are below 2^63: `Timestamp` ends with the year 9999, and no device is up for as long.
        let start_ms = unix_ms.cast_signed().saturating_sub(uptime_ms.cast_signed());
        self.set = Some(Set { start_ms, by });
    }

    /// Milliseconds since 1970 at this uptime; `None` while the clock is not set.
    pub fn unix_ms(&self, uptime_ms: u64) -> Option<u64> {
        let Set { start_ms, .. } = self.set?;
        Some(uptime_ms.saturating_add_signed(start_ms))
    }

    /// The time at this uptime, in whole seconds; `None` while the clock is not set.
    pub fn now(&self, uptime_ms: u64) -> Option<Timestamp> {
        self.unix_ms(uptime_ms).map(|ms| Timestamp::from_unix(ms / 1000))
    }

    /// Who set it last; `None` while it is not set.
    pub fn set_by(&self) -> Option<SetBy> {
        self.set.map(|set| set.by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_set_is_no_time_at_all() {
        let clock = Clock::not_set();
        assert_eq!((clock.now(0), clock.unix_ms(u64::MAX), clock.set_by()), (None, None, None));
        assert_eq!(clock, Clock::default());
    }

    #[test]
    fn goes_with_the_uptime() {
        let mut clock = Clock::not_set();
        // 2026-11-25T22:10:00Z, by `date -u -d @1795644600`.
        clock.set(1_795_644_600_250, 5_000, SetBy::Sntp);
        assert_eq!(clock.unix_ms(5_001), Some(1_795_644_600_251));
        assert_eq!(clock.now(5_750).map(Timestamp::unix), Some(1_795_644_601));
        // Before it was set, too: a record made then can be dated afterwards.
        assert_eq!(clock.now(0).map(Timestamp::unix), Some(1_795_644_595));
        assert_eq!(clock.set_by(), Some(SetBy::Sntp));
    }

    #[test]
    fn can_be_set_again_and_to_odd_times() {
        let mut clock = Clock::not_set();
        clock.set(1_000, 60_000, SetBy::Application);
        assert_eq!((clock.unix_ms(60_000), clock.unix_ms(0)), (Some(1_000), Some(0)));
        clock.set(u64::MAX, u64::MAX, SetBy::Service);
        assert!(clock.now(u64::MAX).is_some());
        clock.set(7_000, 0, SetBy::Service);
        assert_eq!((clock.now(0).map(Timestamp::unix), clock.set_by()), (Some(7), Some(SetBy::Service)));
    }
}
