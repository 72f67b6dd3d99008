//! How fast bytes move now: over the last seconds, and not since the start, which a stall would distort for hours.

use std::collections::VecDeque;
use std::time::Duration;

/// The rate is that of this long.
const WINDOW: Duration = Duration::from_secs(10);
/// The window is sampled at most this often.
const SAMPLE: Duration = Duration::from_millis(250);
/// No rate is known before: the first bytes only fill buffers.
const KNOWN_AFTER: Duration = Duration::from_secs(2);
/// After this long without a byte there is no rate, until bytes have moved for a while again.
const STALLED_AFTER: Duration = Duration::from_secs(5);

/// The position of one pass over an archive, and its rate. Times count from any one moment.
#[derive(Default)]
pub(super) struct Meter {
    position: u64,
    /// When and where; positions before a part was sent again may be negative.
    samples: VecDeque<(Duration, i128)>,
    moved: Option<Duration>,
}

impl Meter {
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// When bytes last moved.
    pub(super) fn moved(&self) -> Option<Duration> {
        self.moved
    }

    /// The pass is at this position. It is smaller than before when bytes are sent or received again: what was moved stays moved, so
    /// that the rate is that of the network.
    pub(super) fn set(&mut self, position: u64, now: Duration) {
        let by = i128::from(position) - i128::from(self.position);
        self.position = position;
        if by <= 0 {
            self.samples.iter_mut().for_each(|(_, sample)| *sample += by);
            return;
        }
        if self.stalled(now).is_some() {
            self.samples.clear();
        }
        self.moved = Some(now);
        if self.samples.back().is_none_or(|(at, _)| now.saturating_sub(*at) >= SAMPLE) {
            self.samples.push_back((now, position.into()));
        }
        // The oldest that is kept began the window.
        while self.samples.get(1).is_some_and(|(at, _)| now.saturating_sub(*at) >= WINDOW) {
            self.samples.pop_front();
        }
    }

    /// Bytes per second, once they are known.
    pub(super) fn rate(&self, now: Duration) -> Option<u64> {
        if self.stalled(now).is_some() {
            return None;
        }
        let within = |(at, _): &&(Duration, i128)| now.saturating_sub(*at) < WINDOW;
        let (at, from) = self.samples.iter().rfind(|sample| !within(sample)).or(self.samples.front())?;
        let time = now.saturating_sub(*at);
        let bytes = u64::try_from(i128::from(self.position) - from).ok()?;
        (time >= KNOWN_AFTER).then(|| (bytes as f64 / time.as_secs_f64()) as u64)
    }

    /// For how long nothing has moved, if that is long.
    pub(super) fn stalled(&self, now: Duration) -> Option<Duration> {
        let still = now.saturating_sub(self.moved?);
        (still >= STALLED_AFTER).then_some(still)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn no_rate_is_known_in_the_first_two_seconds() {
        let mut meter = Meter::default();
        assert_eq!((meter.rate(ms(5000)), meter.stalled(ms(60_000))), (None, None), "nothing has begun");
        meter.set(50 << 20, ms(1));
        assert_eq!(meter.rate(ms(1)), None);
        meter.set(51 << 20, ms(1001));
        assert_eq!(meter.rate(ms(1999)), None);
        meter.set(52 << 20, ms(2001));
        assert_eq!(meter.rate(ms(2001)), Some(1 << 20), "what filled the buffers at first does not count");
    }

    #[test]
    fn the_rate_is_that_of_the_last_ten_seconds() {
        let mut meter = Meter::default();
        // 1,000 B/s for a minute, then 100 B/s.
        for tenth in 0..=600 {
            meter.set(tenth * 100, ms(tenth * 100));
        }
        assert_eq!(meter.rate(ms(60_000)), Some(1000));
        for tenth in 1..=110 {
            meter.set(60_000 + tenth * 10, ms(60_000 + tenth * 100));
        }
        assert_eq!(meter.rate(ms(71_000)), Some(100));
    }

    #[test]
    fn a_stall_ends_the_rate_and_does_not_distort_the_next_one() {
        let mut meter = Meter::default();
        for second in 0..=10 {
            meter.set(second * 1000, ms(second * 1000));
        }
        assert_eq!((meter.rate(ms(14_000)), meter.stalled(ms(14_999))), (Some(600), None));
        assert_eq!((meter.rate(ms(15_000)), meter.stalled(ms(15_000))), (None, Some(ms(5000))));
        assert_eq!(meter.stalled(ms(610_000)), Some(ms(600_000)));
        meter.set(11_000, ms(610_000));
        assert_eq!((meter.rate(ms(611_000)), meter.stalled(ms(611_000))), (None, None));
        meter.set(13_000, ms(612_000));
        assert_eq!(meter.rate(ms(612_000)), Some(1000));
    }

    #[test]
    fn a_part_that_is_sent_again_has_moved_all_the_same() {
        let mut meter = Meter::default();
        for second in 0..=4 {
            meter.set(second * 1000, ms(second * 1000));
        }
        meter.set(500, ms(4000));
        assert_eq!((meter.position(), meter.rate(ms(4000))), (500, Some(1000)));
        meter.set(1500, ms(5000));
        assert_eq!((meter.position(), meter.rate(ms(5000))), (1500, Some(1000)));
        meter.set(0, ms(5000));
        assert_eq!((meter.position(), meter.rate(ms(5000))), (0, Some(1000)));
    }
}
