//! Properties of times and of truncated strings, compared with other implementations.

use glacier_core::{Timestamp, Truncated};
use glacier_tests::property_cases;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use proptest::prelude::*;

/// The last second of the year 9999.
const LAST: i64 = 253_402_300_799;

fn theirs(seconds: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(seconds).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(property_cases(2048)))]

    #[test]
    fn times_are_formatted_as_jiff_formats_them(seconds in prop_oneof![0..=LAST, 0..4_102_444_800i64]) {
        let ours = Timestamp::from_unix(seconds as u64);
        let other = theirs(seconds);
        prop_assert_eq!(ours.to_string(), other.to_string());
        prop_assert_eq!(Timestamp::parse_iso(&other.to_string()), Some(ours));
        prop_assert_eq!(Timestamp::parse_iso(&other.strftime("%Y%m%dT%H%M%SZ").to_string()), Some(ours));
        let header = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&other).unwrap();
        prop_assert_eq!(Timestamp::parse_http(&header), Some(ours));
    }

    /// Any date, also one that does not exist.
    #[test]
    fn only_dates_that_exist_are_parsed(
        (year, month, day) in (1900i16..2200, 0i8..15, 0i8..34),
        (hour, minute, second) in (0i8..26, 0i8..62, 0i8..62),
        fraction in "(\\.[0-9]{1,9})?",
    ) {
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z");
        // A leap second is the first second of the next minute.
        let (minute_second, leap) = if second == 60 { (59, 1) } else { (second, 0) };
        let expected = DateTime::new(year, month, day, hour, minute, minute_second, 0)
            .ok()
            .and_then(|civil| TimeZone::UTC.to_timestamp(civil).ok())
            .and_then(|stamp| u64::try_from(stamp.as_second()).ok())
            .map(|seconds| Timestamp::from_unix(seconds + leap));
        prop_assert_eq!(Timestamp::parse_iso(&text), expected, "{}", text);
    }

    /// Any string is a time or not, and never a panic.
    #[test]
    fn any_string_is_parsed_or_rejected(text in prop_oneof![any::<String>(), "[0-9TZ:. -]{0,30}", "[A-Z][a-z]{2}, [0-9a-zA-Z: ]{0,28}( GMT)?"]) {
        for time in [Timestamp::parse_iso(&text), Timestamp::parse_http(&text)].into_iter().flatten() {
            prop_assert!(time.unix() <= LAST as u64);
        }
    }

    /// What fits is kept whole; what does not ends in an ellipsis after the beginning of the string.
    #[test]
    fn truncated_strings_are_beginnings(text in any::<String>()) {
        let truncated = Truncated::<16>::new(&text);
        prop_assert!(truncated.as_str().len() <= 16);
        match truncated.as_str().strip_suffix('…') {
            Some(kept) if !truncated.is_whole() => prop_assert!(text.starts_with(kept) && text != kept),
            _ => prop_assert_eq!(truncated.as_str(), text.as_str()),
        }
        // Three bytes are reserved for the ellipsis.
        prop_assert_eq!(truncated.is_whole(), text.len() <= 13);
    }
}
