//! Times: how they are written, and intervals for what happens at a time that nobody told yet.

use glacier_core::Timestamp;

pub(crate) const SECOND: u64 = 1000;
pub(crate) const HOUR: u64 = 3600 * SECOND;
pub(crate) const DAY: u64 = 24 * HOUR;

/// A date as in the service's JSON.
pub(crate) fn date(millis: u64) -> String {
    let seconds = Timestamp::from_unix(millis / 1000).to_string();
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), millis % 1000)
}

/// A date in whole seconds, as inventory jobs take them.
pub(crate) fn whole_seconds(millis: u64) -> String {
    Timestamp::from_unix(millis / 1000).to_string()
}

pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let parts = text.strip_suffix('Z').and_then(|text| text.split_once('.'));
    let millis = parts.and_then(|(seconds, millis)| {
        Some(Timestamp::parse_iso(&format!("{seconds}Z"))?.unix() * 1000 + millis.parse::<u64>().ok()?)
    });
    millis.filter(|millis| date(*millis) == text).ok_or_else(|| format!("not a date with milliseconds: {text}"))
}

/// The same day of the next month, or its last day.
pub(crate) fn next_month(millis: u64) -> u64 {
    let text = whole_seconds(millis);
    let (mut year, mut month, day) =
        (text[..4].parse::<u64>().unwrap(), text[5..7].parse::<u64>().unwrap(), text[8..10].parse::<u64>().unwrap());
    (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let days = match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let text = format!("{year:04}-{month:02}-{:02}{}", day.min(days), &text[10..]);
    Timestamp::parse_iso(&text).unwrap().unix() * 1000 + millis % 1000
}

/// When something happens that is kept for a day afterwards: the first and the last time at which it may, as far as is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Once {
    pub(crate) earliest: u64,
    pub(crate) latest: u64,
}

impl Once {
    /// Between these times from now on.
    pub(crate) fn within(now: u64, earliest: u64, latest: u64) -> Self {
        Once { earliest: now + earliest, latest: now + latest }
    }

    /// Whether it may not have happened.
    pub(crate) fn may_be_ahead(&self, now: u64) -> bool {
        self.latest > now
    }

    /// Whether it may have happened within a day.
    pub(crate) fn may_be_kept(&self, now: u64) -> bool {
        self.earliest.max((now + 1).saturating_sub(DAY)) <= self.latest.min(now)
    }

    /// Whether it may have happened a day ago or earlier.
    pub(crate) fn may_be_gone(&self, now: u64) -> bool {
        self.earliest + DAY <= now
    }

    pub(crate) fn is_ahead(&mut self, now: u64) -> Result<(), String> {
        self.narrow(now + 1, u64::MAX, "not done yet")
    }

    pub(crate) fn is_kept(&mut self, now: u64) -> Result<(), String> {
        self.narrow((now + 1).saturating_sub(DAY), now, "done")
    }

    pub(crate) fn is_gone(&mut self, now: u64) -> Result<(), String> {
        self.narrow(0, now.saturating_sub(DAY), "gone")
    }

    /// It was at this time.
    pub(crate) fn was(&mut self, then: u64) -> Result<(), String> {
        self.narrow(then, then, "done then")
    }

    pub(crate) fn narrow(&mut self, from: u64, to: u64, what: &str) -> Result<(), String> {
        let (earliest, latest) = (self.earliest.max(from), self.latest.min(to));
        if earliest > latest {
            return Err(format!("{what}, but it is due from {} to {}", date(self.earliest), date(self.latest)));
        }
        (self.earliest, self.latest) = (earliest, latest);
        Ok(())
    }
}

#[test]
fn a_month_later() {
    for (start, end) in [
        ("2026-01-15T10:20:30.007Z", "2026-02-15T10:20:30.007Z"),
        ("2026-01-31T23:59:59.999Z", "2026-02-28T23:59:59.999Z"),
        ("2028-01-30T00:00:00.000Z", "2028-02-29T00:00:00.000Z"),
        ("2026-12-31T01:02:03.004Z", "2027-01-31T01:02:03.004Z"),
    ] {
        assert_eq!(date(next_month(parse(start).unwrap())), end);
    }
}

#[test]
fn observations_narrow_an_interval() {
    let mut once = Once { earliest: 100, latest: 200 };
    assert!(once.may_be_ahead(150) && once.may_be_kept(150) && !once.may_be_gone(150));
    once.is_ahead(150).unwrap();
    assert!(!once.may_be_kept(150) && once.is_kept(150).is_err());
    once.is_kept(DAY + 179).unwrap();
    assert_eq!((once.earliest, once.latest), (180, 200));
    assert!(once.may_be_gone(DAY + 180) && !once.may_be_gone(DAY + 179));
    once.is_gone(DAY + 190).unwrap();
    assert!(once.was(191).is_err() && once.was(190).is_ok());
}
