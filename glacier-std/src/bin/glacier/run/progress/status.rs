//! What the status line says, and what of it a narrow terminal has room for.

use std::time::Duration;

use crate::output::{readable, readable_time};

/// What a transfer does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Bytes move, or should.
    Moving {
        /// `hashed`, `sent` or `received`.
        phase: &'static str,
        bytes: u64,
        /// All that there is, if that is known.
        total: Option<u64>,
        pace: Pace,
    },
    /// A retrieval job is waited for, since and until when it is next checked.
    Waiting { waited: Duration, next: Duration },
}

/// How bytes move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// Not known yet.
    Unknown,
    /// Bytes per second, and the time that the rest takes, if that is known.
    Rate(u64, Option<Duration>),
    /// None has moved for this long.
    Stalled(Duration),
    /// A request failed; the next attempt begins after this time.
    Retrying(Duration),
    /// All were sent: the service has not acknowledged them.
    Sent,
}

impl Status {
    /// As much of it as fits into so many columns.
    pub(super) fn fitting(&self, columns: usize) -> String {
        let mut last = String::new();
        for line in self.lines() {
            last = line;
            if last.len() <= columns {
                break;
            }
        }
        last
    }

    /// `sent 1.2 GiB of 4.0 GiB (30%), 45.1 MiB/s, 1:03 left`
    pub(super) fn line(&self) -> String {
        self.lines().into_iter().next().unwrap_or_default()
    }

    /// The same thing ever shorter.
    fn lines(&self) -> Vec<String> {
        match *self {
            Status::Moving { phase, bytes, total, pace } => {
                let (long, short) = pace.text();
                let joined = |parts: &[&str]| parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(", ");
                let amount = readable(bytes);
                match total {
                    Some(total) => {
                        let percent = format!("{}%", u128::from(bytes.min(total)) * 100 / u128::from(total.max(1)));
                        vec![
                            joined(&[&format!("{phase} {amount} of {} ({percent})", readable(total)), &long]),
                            joined(&[&format!("{phase} {percent}"), &long]),
                            joined(&[&percent, &short]),
                            percent,
                        ]
                    }
                    None => vec![joined(&[&format!("{phase} {amount}"), &long]), joined(&[&amount, &short]), amount],
                }
            }
            Status::Waiting { waited, next } => {
                let (waited, next) = (readable_time(waited), readable_time(next));
                vec![
                    format!("the retrieval job is in progress; waited {waited}, next check in {next}"),
                    format!("waited {waited}, next check in {next}"),
                    format!("waited {waited}"),
                    waited,
                ]
            }
        }
    }
}

impl Pace {
    /// In full, and with the time alone.
    fn text(self) -> (String, String) {
        let same = |text: String| (text.clone(), text);
        match self {
            Pace::Unknown => same(String::new()),
            Pace::Rate(rate, None) => same(format!("{}/s", readable(rate))),
            Pace::Rate(rate, Some(left)) => {
                let left = format!("{} left", readable_time(left));
                (format!("{}/s, {left}", readable(rate)), left)
            }
            Pace::Stalled(time) => same(format!("stalled for {}", readable_time(time))),
            Pace::Retrying(time) => same(format!("retrying in {}", readable_time(time))),
            Pace::Sent => ("waiting for the service".into(), "waiting".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn sent(bytes: u64, total: Option<u64>, pace: Pace) -> Status {
        Status::Moving { phase: "sent", bytes, total, pace }
    }

    #[test]
    fn the_line_shows_bytes_rate_and_time_left() {
        let moving = sent(1 << 20, Some(64 << 20), Pace::Rate(1 << 20, Some(seconds(63))));
        assert_eq!(moving.line(), "sent 1.0 MiB of 64.0 MiB (1%), 1.0 MiB/s, 1:03 left");
        let hours = sent(1 << 20, Some(7201 << 20), Pace::Rate(1 << 20, Some(seconds(7200))));
        assert_eq!(hours.line(), "sent 1.0 MiB of 7.0 GiB (0%), 1.0 MiB/s, 2:00:00 left");
        assert_eq!(sent(1024, None, Pace::Rate(512, None)).line(), "sent 1.0 KiB, 512 B/s");
        assert_eq!(sent(0, Some(5), Pace::Unknown).line(), "sent 0 B of 5 B (0%)");
        assert_eq!(sent(5, Some(5), Pace::Sent).line(), "sent 5 B of 5 B (100%), waiting for the service");
        assert_eq!(sent(1, Some(4), Pace::Stalled(seconds(12))).line(), "sent 1 B of 4 B (25%), stalled for 0:12");
        assert_eq!(sent(1, Some(4), Pace::Retrying(seconds(9))).line(), "sent 1 B of 4 B (25%), retrying in 0:09");
    }

    #[test]
    fn a_narrow_terminal_gets_what_fits() {
        let status = sent(5 << 29, Some(4 << 30), Pace::Rate(45 << 20, Some(seconds(63))));
        for (columns, line) in [
            (80, "sent 2.5 GiB of 4.0 GiB (62%), 45.0 MiB/s, 1:03 left"),
            (52, "sent 2.5 GiB of 4.0 GiB (62%), 45.0 MiB/s, 1:03 left"),
            (51, "sent 62%, 45.0 MiB/s, 1:03 left"),
            (39, "sent 62%, 45.0 MiB/s, 1:03 left"),
            (30, "62%, 1:03 left"),
            (13, "62%"),
            (1, "62%"),
        ] {
            assert_eq!(status.fitting(columns), line, "{columns}");
        }
        let stream = sent(5 << 29, None, Pace::Rate(45 << 20, None));
        assert_eq!(
            [stream.fitting(39), stream.fitting(22), stream.fitting(9)],
            ["sent 2.5 GiB, 45.0 MiB/s", "2.5 GiB, 45.0 MiB/s", "2.5 GiB"]
        );
        let waiting = Status::Waiting { waited: seconds(3700), next: seconds(61) };
        assert_eq!(waiting.fitting(79), "the retrieval job is in progress; waited 1:01:40, next check in 1:01");
        assert_eq!(waiting.fitting(39), "waited 1:01:40, next check in 1:01");
        assert_eq!(waiting.fitting(20), "waited 1:01:40");
    }

    #[test]
    fn the_largest_archive_has_its_percentage() {
        assert_eq!(sent(u64::MAX / 2, Some(u64::MAX), Pace::Unknown).fitting(7), "49%");
        assert_eq!(sent(7, Some(0), Pace::Unknown).fitting(5), "0%");
    }
}
