//! Provisioned capacity units, which an account buys for a month.

use glacier_core::{ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};

use super::api_error::ApiError;
use super::clock::Moment;

/// Units of an account at a time.
const MAX_UNITS: usize = 2;
/// Expedited retrievals that a unit guarantees within so many milliseconds.
const USES: usize = 3;
const MILLIS_OF_USES: u64 = 5 * 60 * 1000;

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CapacityUnit {
    pub(crate) id: String,
    pub(crate) start: Moment,
    pub(crate) end: Moment,
}

/// The units of an account, oldest first, and the use that is made of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Capacity {
    units: Vec<CapacityUnit>,
    /// When the last Expedited retrievals began that units were needed for.
    used: Vec<Moment>,
}

impl Capacity {
    /// Those that have not ended.
    pub(crate) fn active(&self, now: Moment) -> impl Iterator<Item = &CapacityUnit> {
        self.units.iter().filter(move |unit| now < unit.end)
    }

    /// Begins an Expedited retrieval, if the units allow for one more: each guarantees three in five minutes.
    pub(crate) fn expedite(&mut self, now: Moment) -> Result<(), ApiError> {
        self.used.retain(|begun| now < begun.after(MILLIS_OF_USES));
        let allowed = USES * self.active(now).count();
        if self.used.len() < allowed {
            self.used.push(now);
            return Ok(());
        }
        let message = format!(
            "There is not enough capacity for an Expedited retrieval: {allowed} may begin within 5 minutes, 3 for each provisioned \
             capacity unit. Purchase a unit, try again later, or use Standard or Bulk"
        );
        Err(ApiError::new(ErrorCode::InsufficientCapacity, message))
    }

    /// Buys a unit, and forgets those that have ended.
    pub(crate) fn purchase(&mut self, id: String, now: Moment) -> Result<(), ApiError> {
        self.units.retain(|unit| now < unit.end);
        if self.units.len() >= MAX_UNITS {
            let message = format!("An account has at most {MAX_UNITS} provisioned capacity units at a time");
            return Err(ApiError::new(ErrorCode::LimitExceeded, message));
        }
        self.units.push(CapacityUnit { id, start: now, end: a_month_after(now) });
        Ok(())
    }
}

/// The same time on the same day of the next month, or on its last day.
fn a_month_after(start: Moment) -> Moment {
    let text = start.timestamp().to_string();
    let number = |range| text.get(range).and_then(|digits: &str| digits.parse::<u32>().ok()).unwrap_or_default();
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let clock = text.get(10..).unwrap_or_default();
    let at = |day| Timestamp::parse_iso(&format!("{year:04}-{month:02}-{day:02}{clock}"));
    let end = (1..=day).rev().find_map(at).unwrap_or(start.timestamp());
    Moment(end.unix() * 1000 + start.0 % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_lasts_for_a_month() {
        for (start, end) in [
            ("2026-01-15T10:20:30Z", "2026-02-15T10:20:30Z"),
            ("2026-01-31T23:59:59Z", "2026-02-28T23:59:59Z"),
            ("2028-01-30T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("2026-12-31T01:02:03Z", "2027-01-31T01:02:03Z"),
        ] {
            let moment = |text| Moment(Timestamp::parse_iso(text).unwrap().unix() * 1000 + 7);
            assert_eq!(a_month_after(moment(start)), moment(end), "{start}");
        }
    }

    #[test]
    fn two_at_a_time() {
        let (mut capacity, day) = (Capacity::default(), 24 * 3600 * 1000);
        capacity.purchase("a".into(), Moment(0)).unwrap();
        capacity.purchase("b".into(), Moment(day)).unwrap();
        assert_eq!(capacity.purchase("c".into(), Moment(31 * day - 1)).unwrap_err().code, ErrorCode::LimitExceeded);
        let ids = |capacity: &Capacity, now| capacity.active(Moment(now)).map(|unit| unit.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&capacity, 31 * day), ["b"]);
        capacity.purchase("c".into(), Moment(31 * day)).unwrap();
        assert_eq!(ids(&capacity, 31 * day), ["b", "c"]);
    }

    #[test]
    fn a_unit_guarantees_three_retrievals_in_five_minutes() {
        let (mut capacity, minute) = (Capacity::default(), 60_000);
        assert_eq!(capacity.expedite(Moment(0)).unwrap_err().code, ErrorCode::InsufficientCapacity);
        capacity.purchase("a".into(), Moment(0)).unwrap();
        for begun in 0..3 {
            capacity.expedite(Moment(begun * minute)).unwrap();
        }
        assert!(capacity.expedite(Moment(5 * minute - 1)).is_err());
        capacity.expedite(Moment(5 * minute)).unwrap();
        assert!(capacity.expedite(Moment(5 * minute)).is_err());
        capacity.purchase("b".into(), Moment(5 * minute)).unwrap();
        capacity.expedite(Moment(5 * minute)).unwrap();
        assert!(capacity.expedite(Moment(40 * 24 * 60 * minute)).is_err(), "the units have ended");
    }
}
