//! The archive description of a log: which device wrote it, and when.

use core::fmt::{self, Display, Write};

use glacier_core::Timestamp;

use crate::clock::Basic;
use crate::record::Record;

/// Room for every description: keys, 32 characters of a device name, numbers and times.
pub(crate) type DescriptionText = heapless::String<128>;

/// `dev=.. boot=.. seq=.. t0=.. t1=..` of a log with these first and last records; `None` where there is no valid record.
pub(crate) fn description(device: &str, first: Option<Record>, last: Option<Record>) -> DescriptionText {
    let mut text = DescriptionText::new();
    // Always fits: the settings allow 32 characters of a device name, and the rest has at most 88.
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

/// A value, or `-` if there is none.
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
    fn a_log_is_described_by_its_first_and_last_record() {
        let text = description("dev1", record(1_795_644_600_999, 4), record(1_795_644_660_000, 9));
        assert_eq!(text, "dev=dev1 boot=7 seq=4 t0=20261125T221000Z t1=20261125T221100Z");
    }

    #[test]
    fn unknown_values_are_dashes() {
        assert_eq!(description("d", record(0, 4), record(1_795_644_600_000, 9)), "dev=d boot=7 seq=4 t0=- t1=20261125T221000Z");
        assert_eq!(description("d", None, None), "dev=d boot=- seq=- t0=- t1=-");
    }

    #[test]
    fn the_longest_description_fits() {
        let record = Record { time_ms: u64::MAX, sequence: u32::MAX, boot: u16::MAX, sensor: 0, value: 0, uptime_ms: 0 };
        let text = description(&"x".repeat(32), Some(record), Some(record));
        assert!(text.contains(" t1=9"), "{text}");
        assert!(text.ends_with('Z'), "{text}");
    }
}
