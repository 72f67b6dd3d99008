//! Moments: the W3C forms of ISO 8601, and seconds since 1970.
//!
//! Source: "Date and Time Formats", W3C note of 1997.

use glacier_core::Timestamp;

/// A moment: seconds since 1970, and billionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(i64, u32);

impl Moment {
    /// Reads `2030-01-01`, `2030-01-01T02:00+02:00`, `2030-01-01T00:00:00.5Z` or `1893456000`. A date without a time is midnight UTC.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().map(|seconds| Moment(seconds, 0));
        }
        if !text.is_ascii() {
            return None;
        }
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let day = match (date.len(), time) {
            (7, None) => midnight(&format!("{date}-01"))?,
            (10, _) => midnight(date)?,
            _ => return None,
        };
        let Some(time) = time else { return Some(Moment(day, 0)) };
        let (clock, offset) = zone(time)?;
        let (seconds, fraction) = seconds_of_day(clock)?;
        Some(Moment(day + seconds - offset, fraction))
    }
}

/// Core's timestamps know the calendar.
fn midnight(date: &str) -> Option<i64> {
    let seconds = Timestamp::parse_iso(&format!("{date}T00:00:00Z"))?.unix();
    i64::try_from(seconds).ok()
}

/// Splits a time from its zone, in seconds east of UTC.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let (clock, zone) = time.split_at_checked(time.len().checked_sub(6)?)?;
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone[1..].split_once(':')?;
    Some((clock, sign * (two_digits(hours, 23)? * 3600 + two_digits(minutes, 59)? * 60)))
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s`, as seconds and billionths.
fn seconds_of_day(clock: &str) -> Option<(i64, u32)> {
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let mut parts = clock.split(':');
    let (hours, minutes, seconds) = (two_digits(parts.next()?, 23)?, two_digits(parts.next()?, 59)?, parts.next());
    if parts.next().is_some() || fraction.is_some() && seconds.is_none() {
        return None;
    }
    let seconds = seconds.map_or(Some(0), |seconds| two_digits(seconds, 59))?;
    let billionths = match fraction {
        None => 0,
        Some(digits) if (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{digits:0<9}").parse().ok()?
        }
        Some(_) => return None,
    };
    Some((hours * 3600 + minutes * 60 + seconds, billionths))
}

fn two_digits(text: &str, most: i64) -> Option<i64> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?.filter(|value| *value <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_has_many_spellings() {
        // date -u -d 2030-01-01 +%s
        for text in [
            "1893456000",
            "2030-01",
            "2030-01-01",
            "2030-01-01T00:00Z",
            "2030-01-01T00:00:00Z",
            "2030-01-01T00:00:00.000Z",
            "2030-01-01T02:00:00+02:00",
            "2029-12-31T18:30-05:30",
        ] {
            assert_eq!(Moment::parse(text), Some(Moment(1_893_456_000, 0)), "{text}");
        }
        assert!(Moment::parse("2030-01-01T00:00:00.25Z") > Moment::parse("2030-01-01"));
        assert!(Moment::parse("-1") < Moment::parse("1970-01-01"));
        // date -u -d 2028-02-29T23:00 +%s
        assert_eq!(Moment::parse("2028-02-29T23:00Z"), Some(Moment(1_835_478_000, 0)));
    }

    #[test]
    fn what_is_no_moment() {
        for bad in [
            "",
            "tomorrow",
            "2030-13-01",
            "2030-02-30",
            "2030-1-1",
            "2030-01-01T00:00",
            "2030-01-01T24:00Z",
            "2030-01-01 00:00Z",
            "2030-01-01T00:00:00+0200",
            "2030-01-01T00Z",
            "2030-01-01T00:00.5Z",
            "20300101T000000Z",
            "2030-01-01t00:00:00Z",
            "١",
        ] {
            assert_eq!(Moment::parse(bad), None, "{bad}");
        }
    }
}
