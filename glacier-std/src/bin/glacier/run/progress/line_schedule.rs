//! When to print a line of progress where there is no terminal, such as in the log of a service or of a cron job.

use std::time::Duration;

/// The first line is printed after a minute: what is faster needs none.
const FIRST: Duration = Duration::from_secs(60);
/// The others follow at this interval.
const INTERVAL: Duration = Duration::from_secs(300);

/// When the next line is due.
#[derive(Default)]
pub(super) struct LineSchedule(Option<Duration>);

impl LineSchedule {
    /// Whether a line is to be printed now. The first call is the start.
    pub(super) fn is_due(&mut self, now: Duration) -> bool {
        let next = *self.0.get_or_insert(now + FIRST);
        let due = now >= next;
        if due {
            self.0 = Some(now + INTERVAL);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_hours_have_a_line_after_a_minute_and_then_every_five() {
        let mut schedule = LineSchedule::default();
        let due = (0..=12 * 3600).filter(|second| schedule.is_due(Duration::from_secs(*second)));
        let due: Vec<u64> = due.collect();
        assert_eq!(due[..4], [60, 360, 660, 960]);
        assert_eq!(due.len(), 144);
    }
}
