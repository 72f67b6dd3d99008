//! Vault time: how it follows from wall time, and that it never goes back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::local::model::{Moment, TimeMode, Times};

/// 9999-12-31T23:59:59.999Z, the last moment that a date of the API can say: there vault time stands still.
const LAST: Moment = Moment(253_402_300_799_999);

/// Tells vault time.
pub(super) struct VaultClock {
    mode: TimeMode,
    state: Mutex<State>,
}

struct State {
    /// A vault time and the wall time that it was at; from there vault time goes on at the pace of the mode.
    base: Times,
    /// The latest vault time that was told.
    latest: Moment,
}

impl VaultClock {
    /// `stored` are the times at which the store was last changed. Real time has passed since then, other time has stood still.
    pub(super) fn new(mode: TimeMode, stored: Option<Times>, wall: Moment) -> Self {
        let vault = match (stored, mode) {
            (None, _) => wall,
            (Some(stored), TimeMode::Instant | TimeMode::Real) => stored.vault.after(wall.0.saturating_sub(stored.wall.0)),
            (Some(stored), TimeMode::Scaled(_) | TimeMode::Manual) => stored.vault,
        };
        VaultClock { mode, state: Mutex::new(State { base: Times { vault, wall }, latest: vault }) }
    }

    /// The vault time at this wall time, or the latest that was told if that is later.
    pub(super) fn at(&self, wall: Moment) -> Moment {
        let mut state = self.lock();
        let passed = wall.0.saturating_sub(state.base.wall.0);
        let passed = match self.mode {
            TimeMode::Instant | TimeMode::Real => passed,
            TimeMode::Scaled(factor) => passed.saturating_mul(u64::from(factor.get())),
            TimeMode::Manual => 0,
        };
        state.latest = state.latest.max(state.base.vault.after(passed)).min(LAST);
        state.latest
    }

    /// Moves vault time on.
    pub(super) fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        let mut state = self.lock();
        state.base.vault = state.base.vault.after(millis);
    }

    /// How much wall time passes until a vault time, from now on; `None` if it does not come by itself.
    pub(super) fn until(&self, due: Moment, now: Moment) -> Option<Duration> {
        let millis = due.0.saturating_sub(now.0);
        let millis = match self.mode {
            TimeMode::Instant | TimeMode::Real => millis,
            TimeMode::Scaled(factor) => millis.div_ceil(u64::from(factor.get())),
            TimeMode::Manual if millis > 0 => return None,
            TimeMode::Manual => 0,
        };
        Some(Duration::from_millis(millis))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::model::TimeFactor;

    fn scaled() -> TimeMode {
        TimeMode::Scaled(TimeFactor::new(4000).unwrap())
    }

    #[test]
    fn time_passes_at_the_pace_of_the_mode() {
        for (mode, expected) in [(TimeMode::Instant, 1_005), (TimeMode::Real, 1_005), (scaled(), 21_000), (TimeMode::Manual, 1_000)]
        {
            let clock = VaultClock::new(mode, None, Moment(1_000));
            assert_eq!(clock.at(Moment(1_005)), Moment(expected), "{mode}");
            clock.advance(Duration::from_secs(60));
            assert_eq!(clock.at(Moment(1_005)), Moment(expected + 60_000), "{mode}");
        }
    }

    #[test]
    fn time_never_goes_back() {
        let clock = VaultClock::new(TimeMode::Real, None, Moment(1_000));
        assert_eq!(
            (clock.at(Moment(1_500)), clock.at(Moment(1_200)), clock.at(Moment(0))),
            (Moment(1_500), Moment(1_500), Moment(1_500))
        );
        assert_eq!(clock.at(Moment(1_501)), Moment(1_501));
    }

    #[test]
    fn time_ends_where_dates_do() {
        let clock = VaultClock::new(TimeMode::Manual, None, Moment(1_000));
        clock.advance(Duration::MAX);
        assert_eq!(clock.at(Moment(1_000)).to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn time_over_restarts() {
        let stored = Some(Times { vault: Moment(9_000), wall: Moment(1_000) });
        let reopened = |mode, wall| VaultClock::new(mode, stored, Moment(wall)).at(Moment(wall));
        assert_eq!(reopened(TimeMode::Real, 1_700), Moment(9_700));
        assert_eq!(reopened(TimeMode::Instant, 10), Moment(9_000), "the wall clock was set back");
        assert_eq!(reopened(scaled(), 1_700), Moment(9_000));
        assert_eq!(reopened(TimeMode::Manual, 1_700), Moment(9_000));
    }

    #[test]
    fn how_long_until_something_is_due() {
        let until = |mode, due| VaultClock::new(mode, None, Moment(0)).until(Moment(due), Moment(1_000));
        assert_eq!(until(TimeMode::Real, 3_000), Some(Duration::from_secs(2)));
        assert_eq!(until(scaled(), 9_001), Some(Duration::from_millis(3)));
        assert_eq!(until(TimeMode::Manual, 3_000), None);
        assert_eq!(until(TimeMode::Manual, 1_000), Some(Duration::ZERO));
    }
}
