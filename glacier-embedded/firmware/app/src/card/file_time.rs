//! The timestamps of files.

use core::fmt::Write;

use embedded_sdmmc::{TimeSource, Timestamp};

use crate::clock::Clock;

/// The earliest time of FAT, while the clock is not set.
const FIRST_DAY: Timestamp =
    Timestamp { year_since_1970: 10, zero_indexed_month: 0, zero_indexed_day: 0, hours: 0, minutes: 0, seconds: 0 };

impl TimeSource for &Clock {
    fn get_timestamp(&self) -> Timestamp {
        self.now().and_then(fat_time).unwrap_or(FIRST_DAY)
    }
}

/// Converts a time for FAT; `None` for years before 2000, and for those that FAT cannot store.
fn fat_time(now: glacier_core::Timestamp) -> Option<Timestamp> {
    let mut text = heapless::String::<24>::new();
    write!(text, "{now}").ok()?;
    // 2026-11-25T22:10:00Z
    let mut numbers = text.split(['-', 'T', ':', 'Z']).map_while(|number| number.parse::<u16>().ok());
    let mut small = || numbers.next().and_then(|number| u8::try_from(number % 2000).ok());
    let (years, month, day, hours, minutes, seconds) = (small()?, small()?, small()?, small()?, small()?, small()?);
    Timestamp::from_calendar(2000 + u16::from(years), month, day, hours, minutes, seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_converted() {
        let moment = glacier_core::Timestamp::parse_iso("2026-11-25T22:10:07Z").unwrap();
        let time = fat_time(moment).unwrap();
        assert_eq!((time.year_since_1970, time.zero_indexed_month, time.zero_indexed_day), (56, 10, 24));
        assert_eq!((time.hours, time.minutes, time.seconds), (22, 10, 7));
    }

    #[test]
    fn years_outside_fat_s_range_have_no_fat_time() {
        assert!(fat_time(glacier_core::Timestamp::parse_iso("2200-01-01T00:00:00Z").unwrap()).is_none());
        assert!(fat_time(glacier_core::Timestamp::parse_iso("1999-01-01T00:00:00Z").unwrap()).is_none());
    }
}
