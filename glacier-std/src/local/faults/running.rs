//! The script in force: it counts matches and hits, and decides what happens to a request.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use glacier_core::hash::LinearHasher;

use super::fault::Fault;
use super::report::{FaultReport, RuleReport};
use super::rule::FaultRule;
use super::script::FaultScript;

/// The faults that happen to requests.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    running: Mutex<Running>,
}

#[derive(Debug, Default)]
struct Running {
    seed: u64,
    rules: Vec<Counted>,
}

#[derive(Debug)]
struct Counted {
    rule: FaultRule,
    matches: u64,
    hits: Arc<AtomicU64>,
}

/// A fault that is to happen to a request.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) fault: Fault,
    chance: Chance,
    hits: Arc<AtomicU64>,
    has_hit: AtomicBool,
}

impl Faults {
    /// Obeys this script from now on, with all counters at 0.
    pub(crate) fn set(&self, script: FaultScript) {
        let counted = |rule: &FaultRule| Counted { rule: rule.clone(), matches: 0, hits: Arc::default() };
        *self.lock() = Running { seed: script.seed(), rules: script.rules().iter().map(counted).collect() };
    }

    /// The script with its hits.
    pub(crate) fn report(&self) -> FaultReport {
        let running = self.lock();
        let rule = |counted: &Counted| RuleReport::new(counted.rule.clone(), counted.hits.load(Ordering::Relaxed));
        FaultReport::new(running.seed, running.rules.iter().map(rule).collect())
    }

    /// What happens to a request for this operation on a vault, whose name is empty if it is about none. Each rule that matches counts it.
    pub(crate) fn draw(&self, operation: &str, vault: &str) -> Option<Drawn> {
        let mut running = self.lock();
        let seed = running.seed;
        let mut drawn = None;
        for (place, counted) in (0u64..).zip(&mut running.rules) {
            let Counted { rule, matches, hits } = counted;
            if !rule.matches(operation, vault) {
                continue;
            }
            *matches += 1;
            if drawn.is_some() || !rule.includes(*matches) {
                continue;
            }
            let chance = Chance::of(seed, place, *matches);
            if rule.percent.is_none_or(|percent| chance.is_within(percent)) {
                drawn = Some(Drawn { fault: rule.fault.clone(), chance, hits: hits.clone(), has_hit: AtomicBool::new(false) });
            }
        }
        drawn
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drawn {
    /// Counts that the fault has happened.
    pub(crate) fn hit(&self) {
        self.has_hit.store(true, Ordering::Relaxed);
        self.hits.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether it has happened.
    pub(crate) fn has_hit(&self) -> bool {
        self.has_hit.load(Ordering::Relaxed)
    }

    /// A position below `length`, which is not 0, and a bit or digit there: always the same for the same match.
    pub(crate) fn position(&self, length: u64) -> (u64, u8) {
        (self.chance.position % length.max(1), self.chance.detail)
    }
}

/// What is left to chance about one match of one rule. It follows from the seed, the rule's place and the number of the match alone.
#[derive(Debug)]
struct Chance {
    percent: u64,
    position: u64,
    detail: u8,
}

impl Chance {
    fn of(seed: u64, place: u64, number: u64) -> Self {
        let mut hasher = LinearHasher::new();
        for value in [seed, place, number] {
            hasher.update(&value.to_le_bytes());
        }
        let hash = hasher.finish();
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, detail, ..] = *hash.as_bytes();
        let percent = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        Chance { percent, position: u64::from_le_bytes([i, j, k, l, m, n, o, p]), detail }
    }

    /// Whether it falls within so many percent: 53 bits of it as a fraction of 100.
    fn is_within(&self, percent: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "an f64 has 53 bits")]
        let fraction = (self.percent >> 11) as f64 / (1u64 << 53) as f64;
        fraction * 100.0 < percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(seed: u64, rules: Vec<FaultRule>) -> Faults {
        let faults = Faults::default();
        faults.set(FaultScript::new(seed, rules).unwrap());
        faults
    }

    fn rule(operation: &str, nth: Option<u64>, percent: Option<f64>, fault: Fault) -> FaultRule {
        FaultRule { nth, percent, ..FaultRule::new(operation, fault) }
    }

    #[test]
    fn each_rule_counts_and_the_first_that_is_due_decides() {
        let rules = vec![rule("*", Some(2), None, Fault::Reset), rule("DeleteVault", Some(3), None, Fault::Stall)];
        let faults = faults(0, rules.clone());
        let kinds: Vec<_> = ["DeleteVault", "DeleteVault", "DeleteVault", "DeleteVault"]
            .map(|operation| faults.draw(operation, "v").map(|drawn| drawn.fault.kind()))
            .into();
        assert_eq!(kinds, [None, Some("reset"), Some("stall"), None]);
        assert_eq!(faults.report().rules.iter().map(|rule| rule.hits).collect::<Vec<_>>(), [0, 0], "nothing has happened yet");
        // A new script counts from the beginning.
        faults.set(FaultScript::new(0, rules).unwrap());
        assert!(faults.draw("CreateVault", "v").is_none());
        let drawn = faults.draw("CreateVault", "v").unwrap();
        drawn.hit();
        assert_eq!(faults.report().rules.iter().map(|rule| rule.hits).collect::<Vec<_>>(), [1, 0]);
        faults.set(FaultScript::default());
        assert!(faults.draw("CreateVault", "v").is_none() && faults.report() == FaultReport::default());
    }

    #[test]
    fn a_percentage_follows_from_seed_rule_and_match() {
        let drawn = |seed, percent| -> Vec<bool> {
            let faults = faults(seed, vec![rule("*", None, Some(percent), Fault::Throttle)]);
            (0..2000).map(|_| faults.draw("ListVaults", "").is_some()).collect()
        };
        let count = |drawn: &[bool]| drawn.iter().filter(|hit| **hit).count();
        let first = drawn(7, 30.0);
        assert_eq!(first, drawn(7, 30.0));
        assert_ne!(first, drawn(8, 30.0));
        // 2000 * 0.3 = 600, with a standard deviation of 20.5; six of them are never exceeded by chance.
        assert!((477..=723).contains(&count(&first)), "{}", count(&first));
        assert_eq!((count(&drawn(7, 0.0)), count(&drawn(7, 100.0))), (0, 2000));
        // 2000 * 0.005 = 10, with a standard deviation of 3.2.
        assert!((1..=29).contains(&count(&drawn(7, 0.5))));
    }

    #[test]
    fn what_happens_to_one_operation_does_not_depend_on_others() {
        let rules =
            || vec![rule("ListVaults", None, Some(40.0), Fault::Throttle), rule("DeleteVault", None, Some(40.0), Fault::Reset)];
        let (alone, mixed) = (faults(3, rules()), faults(3, rules()));
        let of_alone: Vec<_> = (0..100).map(|_| alone.draw("DeleteVault", "v").is_some()).collect();
        let of_mixed: Vec<_> = (0..100)
            .map(|number| {
                (0..number % 3).for_each(|_| drop(mixed.draw("ListVaults", "")));
                mixed.draw("DeleteVault", "v").is_some()
            })
            .collect();
        assert_eq!(of_alone, of_mixed);
    }

    #[test]
    fn positions_are_spread() {
        let faults = faults(1, vec![FaultRule::new("*", Fault::Reset)]);
        let positions: Vec<u64> = (0..200).map(|_| faults.draw("ListVaults", "").unwrap().position(4).0).collect();
        assert!((0..4).all(|position| positions.contains(&position)) && positions.iter().all(|position| *position < 4));
    }
}
