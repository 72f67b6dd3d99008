//! The description of an archived log: which device, when.

use core::fmt::{self, Display, Write};

use glacier_core::Timestamp;

use crate::clock::Basic;
use crate::record::Record;

/// Long enough for every log: the names, 32 bytes of a device, numbers and times.
pub(crate) type DescriptionText = heapless::String<128>;

/// `dev=.. boot=.. seq=.. t0=.. t1=..` of a log with these records at its beginning and end, where there are sound ones.
pub(crate) fn description(device: &str, first: Option<Record>, last: Option<Record>) -> DescriptionText {
    let mut text = DescriptionText::new();
    // It cannot be too long: the settings admit 32 characters of a device, and the rest has at most 88.
    let _ = write!(
        text,
        "dev={device} boot={} seq={} t0={} t1={}",
        OrDash(first.map(|record| record.boot)),
        OrDash(first.map(|record| record.sequence)),
        OrDash(first.and_then(time)),
        OrDash(last.and_then(time)),
    );
    text
}

fn time(record: Record) -> Option<Basic> {
    (record.time_ms > 0).then(|| Basic(Timestamp::from_unix(record.time_ms / 1000)))
}

/// A value, or `-` when there is none.
pub(crate) struct OrDash<T>(pub(crate) Option<T>);

impl<T: Display> Display for OrDash<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_char('-'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(time_ms: u64, sequence: u32) -> Option<Record> {
        Some(Record { time_ms, sequence, boot: 7, sensor: 0, value: 0, uptime_ms: 0 })
    }

    #[test]
    fn first_and_last_record() {
        let text = description("dev1", record(1_795_644_600_999, 4), record(1_795_644_660_000, 9));
        assert_eq!(text, "dev=dev1 boot=7 seq=4 t0=20261125T221000Z t1=20261125T221100Z");
    }

    #[test]
    fn what_is_not_known_is_a_dash() {
        assert_eq!(description("d", record(0, 4), record(1_795_644_600_000, 9)), "dev=d boot=7 seq=4 t0=- t1=20261125T221000Z");
        assert_eq!(description("d", None, None), "dev=d boot=- seq=- t0=- t1=-");
    }

    #[test]
    fn the_longest_fits() {
        let record = Record { time_ms: u64::MAX, sequence: u32::MAX, boot: u16::MAX, sensor: 0, value: 0, uptime_ms: 0 };
        let text = description(&"x".repeat(32), Some(record), Some(record));
        assert!(text.contains(" t1=9"), "{text}");
        assert!(text.ends_with('Z'), "{text}");
    }
}
