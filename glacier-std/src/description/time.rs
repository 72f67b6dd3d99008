//! Times in descriptions: `20190311T105959Z` and its extended forms, always UTC, of the years 1000 to 9999.

const SECONDS_A_DAY: i64 = 86_400;
/// The first second of the year 1000 and the last of 9999, since 1970.
pub(super) const RANGE: std::ops::RangeInclusive<i64> = -30_610_224_000..=253_402_300_799;

/// Seconds since 1970. Fractions are dropped, second 60 or 61 counts on into the next minute.
pub(super) fn parse(text: &str) -> Option<i64> {
    let mut rest = Rest(text.trim().as_bytes());
    let year = rest.number(4)?;
    rest.skip(b"-");
    let month = rest.number(2)?;
    rest.skip(b"-");
    let day = rest.number(2)?;
    rest.skip(b"Tt").then_some(())?;
    let hour = rest.number(2).filter(|hour| *hour < 24)?;
    rest.skip(b":");
    let minute = rest.number(2).filter(|minute| *minute < 60)?;
    rest.skip(b":");
    let second = rest.number(2).filter(|second| *second < 62)?;
    if rest.skip(b".,") {
        let digits = rest.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (1..=9).contains(&digits).then_some(())?;
        rest.0 = rest.0.get(digits..)?;
    }
    if !rest.skip(b"Zz") || !rest.0.is_empty() || year < 1000 {
        return None;
    }
    Some(days(year, month, day)? * SECONDS_A_DAY + hour * 3600 + minute * 60 + second)
}

/// `20190311T105959Z`, for a time of [`RANGE`].
pub(super) fn format(seconds: i64) -> Option<String> {
    if !RANGE.contains(&seconds) {
        return None;
    }
    let (day, second) = (seconds.div_euclid(SECONDS_A_DAY), seconds.rem_euclid(SECONDS_A_DAY));
    // 400 years have 146,097 days; the guess is never too early.
    let mut year = 1971 + (day * 400).div_euclid(146_097);
    while days(year, 1, 1)? > day {
        year -= 1;
    }
    let mut month = 12;
    while days(year, month, 1)? > day {
        month -= 1;
    }
    let day = day - days(year, month, 1)? + 1;
    Some(format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", second / 3600, second / 60 % 60, second % 60))
}

/// Days from 1970 to a date of the Gregorian calendar; `None` if there is no such date.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if is_leap { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = usize::try_from(month).ok()?.checked_sub(1)?;
    if day < 1 || day > *lengths.get(month)? {
        return None;
    }
    let before = year - 1;
    let years = before * 365 + before / 4 - before / 100 + before / 400;
    let since_year_1 = years + lengths.iter().take(month).sum::<i64>() + day - 1;
    Some(since_year_1 - 719_162)
}

struct Rest<'t>(&'t [u8]);

impl Rest<'_> {
    /// Takes one of these bytes if it is next.
    fn skip(&mut self, any: &[u8]) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if any.contains(first) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn number(&mut self, digits: usize) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_of_one_time() {
        // date -u -d '2019-03-11 10:59:59' +%s
        for text in ["20190311T105959Z", " 2019-03-11T10:59:59Z ", "2019-0311t10:5959.123456789z", "20190311T105959,5Z"] {
            assert_eq!(parse(text), Some(1_552_301_999), "{text}");
        }
        assert_eq!(parse("20161231T235960Z"), Some(1_483_228_800));
        for bad in [
            "",
            "20190311",
            "20190311T105959",
            "20190311T105959+0000",
            "20190229T000000Z",
            "20190311T240000Z",
            "20190311T105962Z",
            "09991231T235959Z",
            "20190311T105959.Z",
            "20190311T105959.1234567890Z",
            "20190311 105959Z",
            "20190311T105959ZZ",
            "2019-03-11T10:59:5éZ",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_edges() {
        assert_eq!(
            (format(*RANGE.start()), format(*RANGE.end())),
            (Some("10000101T000000Z".into()), Some("99991231T235959Z".into()))
        );
        assert_eq!((format(RANGE.start() - 1), format(RANGE.end() + 1)), (None, None));
        assert_eq!((format(0), format(-1)), (Some("19700101T000000Z".into()), Some("19691231T235959Z".into())));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(seconds in RANGE) {
            prop_assert_eq!(parse(&format(seconds).unwrap()), Some(seconds));
        }

        /// The system's calendar is the second implementation.
        #[test]
        fn dates_are_those_of_http(seconds in 0..=4_102_444_800_u64) {
            let http = httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds));
            let written = format(seconds.try_into().unwrap()).unwrap();
            prop_assert_eq!((&http[5..7], &http[12..16]), (&written[6..8], &written[0..4]));
        }
    }
}
