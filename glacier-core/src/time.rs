//! Seconds since 1970 and the spellings the protocol uses. There is no clock here: every time is passed in.

use core::fmt;

use crate::search::{split, split_once};
use crate::sink::{Sink, Wire};

/// A moment, in whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timestamp(u64);

/// The last second of the year 9999, the last that ISO 8601 can spell in four digits.
const LAST: u64 = 253_402_300_799;

impl Timestamp {
    /// A moment given in seconds since 1970; moments after the year 9999 become its last second.
    pub const fn from_unix(seconds: u64) -> Self {
        Timestamp(if seconds > LAST { LAST } else { seconds })
    }

    /// Seconds since 1970.
    pub const fn unix(self) -> u64 {
        self.0
    }

    /// The moment so many seconds later, or earlier when they are negative.
    pub(crate) const fn shifted(self, seconds: i64) -> Self {
        Timestamp::from_unix(self.0.saturating_add_signed(seconds))
    }

    /// Seconds from `earlier` to this moment; negative when it is the later one.
    pub const fn seconds_since(self, earlier: Timestamp) -> i64 {
        // Both are before the year 10000.
        self.0 as i64 - earlier.0 as i64
    }

    /// Reads `YYYYMMDDTHHMMSSZ` and `YYYY-MM-DDTHH:MM:SS[.fraction]Z`; a fraction is dropped.
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
        let two = |a: u8, b: u8| u64::from(a) * 10 + u64::from(b);
        from_civil(two(y1, y2) * 100 + two(y3, y4), two(m1, m2), two(d1, d2), two(h1, h2), two(n1, n2), two(s1, s2))
    }

    /// Reads the `Date` header's form, `Wed, 10 Feb 2017 12:00:00 GMT`; the weekday is not checked.
    pub fn parse_http(text: &str) -> Option<Self> {
        let (_, rest) = split_once(text, ", ")?;
        let mut words = split(rest, ' ');
        let day = words.next()?.parse().ok()?;
        let name = words.next()?;
        let month = MONTHS.iter().position(|m| *m == name)? as u64 + 1;
        let year = words.next()?.parse().ok()?;
        let mut clock = split(words.next()?, ':');
        let (hour, minute, second) = (clock.next()?, clock.next()?, clock.next()?);
        if words.next()? != "GMT" {
            return None;
        }
        from_civil(year, month, day, hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?)
    }

    /// `YYYYMMDD`, the day in a credential scope.
    pub(crate) fn date(self) -> [u8; 8] {
        let (year, month, day) = civil(self.0 / 86_400);
        let mut text = [b'0'; 8];
        let [y1, y2, y3, y4, m1, m2, d1, d2] = &mut text;
        (*y1, *y2) = pair(year / 100);
        (*y3, *y4) = pair(year % 100);
        (*m1, *m2) = pair(month);
        (*d1, *d2) = pair(day);
        text
    }

    fn clock(self) -> [u8; 6] {
        let second = self.0 % 86_400;
        let ((h1, h2), (m1, m2), (s1, s2)) = (pair(second / 3600), pair(second / 60 % 60), pair(second % 60));
        [h1, h2, m1, m2, s1, s2]
    }
}

/// The form of `x-amz-date`: `YYYYMMDDTHHMMSSZ`.
impl Wire for Timestamp {
    fn wire(&self, out: &mut dyn Sink) {
        out.put(&self.date());
        out.put(b"T");
        out.put(&self.clock());
        out.put(b"Z");
    }
}

/// `YYYY-MM-DDTHH:MM:SSZ`, as in job parameters and answers.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0 / 86_400);
        let second = self.0 % 86_400;
        write!(f, "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
    }
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn pair(value: u64) -> (u8, u8) {
    (b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8)
}

/// Days since 1970 to year, month, day: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// The inverse of [`civil`], with the time of day; `None` for a date that does not exist.
fn from_civil(year: u64, month: u64, day: u64, hour: u64, minute: u64, second: u64) -> Option<Timestamp> {
    // A leap second (:60) is allowed; it counts as the first of the next minute.
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
    Some(Timestamp::from_unix(days * 86_400 + hour * 3600 + minute * 60 + second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn known_moments() {
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
    }

    #[test]
    fn header_forms() {
        let moment = Timestamp::parse_iso("20120525T002453Z").unwrap();
        assert_eq!(moment.unix(), 1_337_905_493);
        assert_eq!(Timestamp::parse_iso("2012-05-25T00:24:53.221Z"), Some(moment));
        assert_eq!(Timestamp::parse_http("Fri, 25 May 2012 00:24:53 GMT"), Some(moment));
    }

    #[test]
    fn what_is_no_date_is_refused() {
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
