//! Points in time and the formats that the protocol has for them. There is no clock here: every time is passed in.

use core::fmt;
use core::ops::{Add, Sub};
use core::str::FromStr;
use core::time::Duration;

use crate::wire::{Sink, Wire, split, split_once};

/// A point in time from 1970 to 9999, in whole seconds. Written and read as `2026-01-02T03:04:05Z`.
///
/// ```
/// use core::time::Duration;
/// use glacier_core::Timestamp;
///
/// let started: Timestamp = "2026-01-02T03:04:05Z".parse()?;
/// let done = started + Duration::from_secs(4 * 3600);
/// assert_eq!(done.to_string(), "2026-01-02T07:04:05Z");
/// assert_eq!(done.duration_since(started), Duration::from_secs(14_400));
/// # Ok::<(), glacier_core::values::InvalidTimestamp>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timestamp(u64);

/// The last second of the year 9999, after which a year has more than four digits.
const LAST: u64 = 253_402_300_799;

impl Timestamp {
    /// The earliest: 1970-01-01T00:00:00Z.
    pub const MIN: Timestamp = Timestamp(0);
    /// The latest: 9999-12-31T23:59:59Z.
    pub const MAX: Timestamp = Timestamp(LAST);

    /// From seconds since 1970; [`Timestamp::MAX`] for anything later.
    #[must_use]
    pub const fn from_unix(seconds: u64) -> Self {
        Timestamp(if seconds > LAST { LAST } else { seconds })
    }

    /// The seconds since 1970.
    #[must_use]
    pub const fn unix(self) -> u64 {
        self.0
    }

    /// This many seconds later, or earlier when they are negative; never before [`Timestamp::MIN`] or after [`Timestamp::MAX`].
    pub(crate) const fn shifted(self, seconds: i64) -> Self {
        Timestamp::from_unix(self.0.saturating_add_signed(seconds))
    }

    /// The seconds from `other` to this; negative when `other` is later.
    #[must_use]
    pub const fn seconds_since(self, other: Timestamp) -> i64 {
        // Both are before the year 10000.
        self.0 as i64 - other.0 as i64
    }

    /// The time from `earlier` to this; zero when `earlier` is later.
    #[must_use]
    pub const fn duration_since(self, earlier: Timestamp) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }

    /// The time after `duration`, of which fractions of a second are dropped; `None` after [`Timestamp::MAX`].
    #[must_use]
    pub const fn checked_add(self, duration: Duration) -> Option<Self> {
        match self.0.checked_add(duration.as_secs()) {
            Some(seconds) if seconds <= LAST => Some(Timestamp(seconds)),
            _ => None,
        }
    }

    /// The time before `duration`, of which fractions of a second are dropped; `None` before [`Timestamp::MIN`].
    #[must_use]
    pub const fn checked_sub(self, duration: Duration) -> Option<Self> {
        match self.0.checked_sub(duration.as_secs()) {
            Some(seconds) => Some(Timestamp(seconds)),
            None => None,
        }
    }

    /// Reads the two formats of ISO 8601 that AWS uses, `YYYYMMDDTHHMMSSZ` and `YYYY-MM-DDTHH:MM:SS[.fraction]Z`; a fraction is
    /// dropped.
    #[must_use]
    pub fn parse_iso(text: &str) -> Option<Self> {
        let text = text.strip_suffix('Z')?;
        let (date, time) = split_once(text, "T")?;
        let time = split_once(time, ".").map_or(time, |(whole, _)| whole);
        let mut digits = [0u8; 14];
        let mut places = digits.iter_mut();
        for byte in date.bytes().chain(time.bytes()).filter(|b| !matches!(b, b'-' | b':')) {
            if !byte.is_ascii_digit() {
                return None;
            }
            *places.next()? = byte - b'0';
        }
        if places.next().is_some() {
            return None;
        }
        let [y1, y2, y3, y4, m1, m2, d1, d2, h1, h2, n1, n2, s1, s2] = digits;
        let two = |a: u8, b: u8| u32::from(a) * 10 + u32::from(b);
        from_civil(two(y1, y2) * 100 + two(y3, y4), two(m1, m2), two(d1, d2), two(h1, h2), two(n1, n2), two(s1, s2))
    }

    /// Reads the format of the `Date` header, `Wed, 10 Feb 2017 12:00:00 GMT`; the weekday is not checked.
    #[must_use]
    pub fn parse_http(text: &str) -> Option<Self> {
        let (_, rest) = split_once(text, ", ")?;
        let mut words = split(rest, |byte| byte == b' ');
        let day = words.next()?.parse().ok()?;
        let name = words.next()?;
        let month = MONTHS.iter().position(|m| *m == name)? as u32 + 1;
        let year = words.next()?.parse().ok()?;
        let mut clock = split(words.next()?, |byte| byte == b':');
        let (hour, minute, second) = (clock.next()?, clock.next()?, clock.next()?);
        if words.next()? != "GMT" {
            return None;
        }
        from_civil(year, month, day, hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?)
    }

    /// `YYYYMMDD`, the day in a credential scope.
    pub(crate) fn date(self) -> [u8; 8] {
        self.digits().0
    }

    /// `YYYYMMDD` and `HHMMSS`.
    #[inline(never)]
    fn digits(self) -> ([u8; 8], [u8; 6]) {
        let (day, second) = self.day();
        let (year, month, day) = civil(day);
        let (mut date, mut clock) = ([0; 8], [0; 6]);
        let (century, year) = divide(year, 100);
        put_pairs(&[century, year, month, day], &mut date);
        let (minute, second) = divide(second, 60);
        let (hour, minute) = divide(minute, 60);
        put_pairs(&[hour, minute, second], &mut clock);
        (date, clock)
    }

    /// The day since 1970, and the second of that day. A day is 675 times 128 seconds; divided by 128 first, the rest fits 32 bits, and a
    /// processor without a 64-bit division needs none.
    fn day(self) -> (u32, u32) {
        let (day, _) = divide((self.0 >> 7) as u32, 675);
        (day, (self.0 as u32).wrapping_sub(day.wrapping_mul(86_400)))
    }
}

/// The format of `x-amz-date`: `YYYYMMDDTHHMMSSZ`.
impl Wire for Timestamp {
    fn wire(&self, out: &mut dyn Sink) {
        let (date, clock) = self.digits();
        out.put(&date);
        out.put(b"T");
        out.put(&clock);
        out.put(b"Z");
    }
}

/// `YYYY-MM-DDTHH:MM:SSZ`, as in job parameters and responses.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (day, second) = self.day();
        let (year, month, day) = civil(day);
        write!(f, "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
    }
}

/// As [`Timestamp::parse_iso`].
impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        Timestamp::parse_iso(text).ok_or(InvalidTimestamp)
    }
}

/// As [`checked_add`](Timestamp::checked_add), but saturates at [`Timestamp::MAX`].
impl Add<Duration> for Timestamp {
    type Output = Timestamp;

    fn add(self, duration: Duration) -> Timestamp {
        self.checked_add(duration).unwrap_or(Timestamp::MAX)
    }
}

/// As [`checked_sub`](Timestamp::checked_sub), but saturates at [`Timestamp::MIN`].
impl Sub<Duration> for Timestamp {
    type Output = Timestamp;

    fn sub(self, duration: Duration) -> Timestamp {
        self.checked_sub(duration).unwrap_or(Timestamp::MIN)
    }
}

/// Saturates: times before 1970 become [`Timestamp::MIN`], times after 9999 [`Timestamp::MAX`].
#[cfg(feature = "std")]
impl From<std::time::SystemTime> for Timestamp {
    fn from(time: std::time::SystemTime) -> Self {
        time.duration_since(std::time::UNIX_EPOCH).map_or(Timestamp::MIN, |since| Timestamp::from_unix(since.as_secs()))
    }
}

#[cfg(feature = "std")]
impl From<Timestamp> for std::time::SystemTime {
    fn from(time: Timestamp) -> Self {
        std::time::UNIX_EPOCH + Duration::from_secs(time.unix())
    }
}

/// A text that is not a time from 1970 to 9999 in ISO 8601.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct InvalidTimestamp;

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time is written YYYY-MM-DDTHH:MM:SSZ, from 1970 to 9999 and in UTC, such as 2026-01-02T03:04:05Z")
    }
}

impl core::error::Error for InvalidTimestamp {}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Two decimal digits for each value.
#[inline(never)]
fn put_pairs(values: &[u32], text: &mut [u8]) {
    for (value, to) in values.iter().zip(text.as_chunks_mut::<2>().0) {
        let (tens, ones) = divide(*value, 10);
        *to = [b'0' + tens as u8, b'0' + ones as u8];
    }
}

/// Quotient and remainder. Not inlined, because a division by a constant becomes a multiplication by a long one, which takes flash.
#[inline(never)]
fn divide(value: u32, by: u32) -> (u32, u32) {
    (value.checked_div(by).unwrap_or_default(), value.checked_rem(by).unwrap_or_default())
}

/// Days since 1970 to year, month, day. Years are counted from March, so that the leap day is the last: 146,097 days in four centuries,
/// 1461 in four years, 153 in five months.
fn civil(days: u32) -> (u32, u32, u32) {
    let (century, quarters) = divide(4 * (days + 719_468) + 3, 146_097);
    let (year, quarters) = divide(quarters | 3, 1461);
    let (month, fifths) = divide(5 * (quarters / 4) + 2, 153);
    let (day, _) = divide(fifths, 5);
    let january = u32::from(month >= 10);
    (100 * century + year + january, month + 3 - 12 * january, day + 1)
}

/// The inverse of [`civil`], with the time of day; `None` for a date that does not exist.
fn from_civil(year: u32, month: u32, day: u32, hour: u32, minute: u32, second: u32) -> Option<Timestamp> {
    // A leap second (:60) is allowed and counts as the first second of the next minute.
    if !(1970..=9999).contains(&year) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (shifted_year / 400, shifted_year % 400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    if civil(days) != (year, month, day) {
        return None;
    }
    Some(Timestamp::from_unix(u64::from(days) * 86_400 + u64::from(hour * 3600 + minute * 60 + second)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn known_times() {
        // From `date -u -d @N`.
        for (unix, iso) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_337_905_493, "2012-05-25T00:24:53Z"),
            (4_102_444_799, "2099-12-31T23:59:59Z"),
            (LAST, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(Timestamp::from_unix(unix).to_string(), iso);
            assert_eq!(Timestamp::parse_iso(iso), Some(Timestamp(unix)));
        }
    }

    #[test]
    fn differences() {
        let (early, late) = (Timestamp::from_unix(0), Timestamp::from_unix(u64::MAX));
        assert_eq!((late.seconds_since(early), early.seconds_since(late)), (LAST as i64, -(LAST as i64)));
        assert_eq!(late.shifted(early.seconds_since(late)), early);
        assert_eq!((late.duration_since(early), early.duration_since(late)), (Duration::from_secs(LAST), Duration::ZERO));
    }

    #[test]
    fn arithmetic_stays_within_the_years_1970_to_9999() {
        let (time, hour) = (Timestamp::from_unix(7200), Duration::from_millis(3_600_999));
        assert_eq!((time + hour, time - hour), (Timestamp::from_unix(10_800), Timestamp::from_unix(3600)));
        assert_eq!(Timestamp::MAX.checked_sub(hour).map(|time| time + hour), Some(Timestamp::MAX));
        assert_eq!((Timestamp::MAX.checked_add(Duration::from_secs(1)), Timestamp::MAX + Duration::MAX), (None, Timestamp::MAX));
        assert_eq!((Timestamp::MIN.checked_sub(Duration::from_secs(1)), time - Duration::MAX), (None, Timestamp::MIN));
    }

    #[cfg(feature = "std")]
    #[test]
    fn system_times() {
        use std::time::{SystemTime, UNIX_EPOCH};
        assert_eq!(Timestamp::from(UNIX_EPOCH + Duration::from_millis(5999)), Timestamp::from_unix(5));
        assert_eq!(SystemTime::from(Timestamp::from_unix(5)), UNIX_EPOCH + Duration::from_secs(5));
        assert_eq!(Timestamp::from(UNIX_EPOCH - Duration::from_secs(1)), Timestamp::MIN);
    }

    #[test]
    fn every_day_comes_after_the_day_before() {
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for days in 0..=(LAST / 86_400) as u32 {
            assert_eq!(civil(days), (year, month, day));
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            day += 1;
            if day > [31, 28 + u32::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize - 1] {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
        assert_eq!((year, month, day), (10_000, 1, 1));
    }

    #[test]
    fn formats_of_headers() {
        let time = Timestamp::parse_iso("20120525T002453Z").unwrap();
        assert_eq!(time.unix(), 1_337_905_493);
        assert_eq!(Timestamp::parse_iso("2012-05-25T00:24:53.221Z"), Some(time));
        assert_eq!(Timestamp::parse_http("Fri, 25 May 2012 00:24:53 GMT"), Some(time));
    }

    #[test]
    fn invalid_dates_and_formats() {
        for text in [
            "",
            "Z",
            "2013-02-29T00:00:00Z",
            "20120525T002453",
            "20120525T0024531Z",
            "2012-13-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
        ] {
            assert_eq!(Timestamp::parse_iso(text), None, "{text}");
        }
        for text in ["", "Fri, 25 May", "Fri, 31 Feb 2012 00:00:00 GMT", "Fri, 25 May 2012 00:24:53 CET"] {
            assert_eq!(Timestamp::parse_http(text), None, "{text}");
        }
    }
}
