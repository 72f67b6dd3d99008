//! How long things take in the service (section 11 of the API reference), and when an inventory is due.

use super::clock::Moment;
use super::time_mode::TimeMode;

const MINUTE: u64 = 60 * 1000;
const HOUR: u64 = 60 * MINUTE;

/// How long a job and its output are kept after the job is done, an upload without activity, and a lock that is not completed.
pub(crate) const DAY: u64 = 24 * HOUR;

/// A retrieval's tier, which says how long it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    Expedited,
    Standard,
    Bulk,
}

impl Tier {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "Expedited" => Some(Tier::Expedited),
            "Standard" => Some(Tier::Standard),
            "Bulk" => Some(Tier::Bulk),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Tier::Expedited => "Expedited",
            Tier::Standard => "Standard",
            Tier::Bulk => "Bulk",
        }
    }

    /// The shortest and the longest time, in milliseconds.
    fn range(self) -> (u64, u64) {
        match self {
            Tier::Expedited => (MINUTE, 5 * MINUTE),
            Tier::Standard => (3 * HOUR, 5 * HOUR),
            Tier::Bulk => (5 * HOUR, 12 * HOUR),
        }
    }
}

/// How long a job takes, in milliseconds; `draw` is a random number.
pub(crate) fn job_duration(mode: TimeMode, tier: Tier, draw: u64) -> u64 {
    if mode.is_instant() {
        return 0;
    }
    let (shortest, longest) = tier.range();
    shortest + draw % (longest - shortest)
}

/// When the inventory is due that a write at `now` makes necessary; `last` is when the last one was taken. The first comes half a day
/// after the first upload, and none sooner than a day after the one before.
pub(crate) fn inventory_due(last: Option<Moment>, now: Moment) -> Moment {
    let after_write = now.after(DAY / 2);
    last.map_or(after_write, |last| last.after(DAY).max(after_write))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::model::time_mode::TimeFactor;

    #[test]
    fn jobs_take_as_long_as_their_tier_says() {
        let scaled = TimeMode::Scaled(TimeFactor::new(9).unwrap());
        for (tier, shortest, longest) in
            [(Tier::Expedited, 60, 300), (Tier::Standard, 10_800, 18_000), (Tier::Bulk, 18_000, 43_200)]
        {
            for draw in [0, 1, 7_200_000, u64::MAX / 3, u64::MAX] {
                let took = job_duration(scaled, tier, draw);
                assert!((shortest * 1000..longest * 1000).contains(&took), "{tier:?} {took}");
                assert_eq!(job_duration(TimeMode::Instant, tier, draw), 0);
            }
            assert_eq!(Tier::from_name(tier.name()), Some(tier));
        }
    }

    #[test]
    fn an_inventory_about_daily() {
        let hours = |hours: u64| Moment(hours * 3_600_000);
        assert_eq!(inventory_due(None, hours(5)), hours(17));
        assert_eq!(inventory_due(Some(hours(17)), hours(18)), hours(41));
        assert_eq!(inventory_due(Some(hours(17)), hours(100)), hours(112));
    }
}
