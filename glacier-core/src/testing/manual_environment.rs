//! An environment in which hours pass in an instant.

use core::fmt;
use std::string::{String, ToString};
use std::vec::Vec;

use crate::client::Environment;
use crate::values::Timestamp;

/// An [`Environment`] whose clock stands still until the test sets it, and whose sleeps return at once: only the uptime advances with
/// them. It records its calls.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ManualEnvironment {
    /// The time; `None` as on a device whose clock is not set.
    pub now: Option<Timestamp>,
    /// What [`uptime_s`](Environment::uptime_s) returns, in milliseconds: the sum of all sleeps, and what the test adds.
    pub uptime_ms: u64,
    /// Whether [`correct`](Environment::correct) sets the clock; by default it is only recorded.
    pub settable: bool,
    /// What [`random`](Environment::random) returns. By default the largest number, which makes each wait the longest of its range.
    pub random: u32,
    /// The milliseconds of each sleep.
    pub sleeps_ms: Vec<u32>,
    /// Each call of [`retrying`](Environment::retrying).
    pub retries: Vec<RecordedRetry>,
    /// Each time reported to be that of the service.
    pub corrections: Vec<Timestamp>,
}

/// The arguments of a call of [`Environment::retrying`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedRetry {
    /// How many tries have failed.
    pub failures: u8,
    /// The milliseconds until the next one.
    pub wait_ms: u32,
    /// The error, as displayed.
    pub reason: String,
}

impl ManualEnvironment {
    /// An environment at this time.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        ManualEnvironment { now: Some(now), ..ManualEnvironment::without_clock() }
    }

    /// An environment whose clock is not set.
    #[must_use]
    pub fn without_clock() -> Self {
        let (sleeps_ms, retries, corrections) = (Vec::new(), Vec::new(), Vec::new());
        ManualEnvironment { now: None, uptime_ms: 0, settable: false, random: u32::MAX, sleeps_ms, retries, corrections }
    }

    /// Lets the service set the clock.
    #[must_use]
    pub fn settable(self) -> Self {
        ManualEnvironment { settable: true, ..self }
    }
}

impl Environment for ManualEnvironment {
    fn now(&mut self) -> Option<Timestamp> {
        self.now
    }

    fn uptime_s(&mut self) -> Option<u32> {
        u32::try_from(self.uptime_ms / 1000).ok()
    }

    fn correct(&mut self, service: Timestamp) {
        self.corrections.push(service);
        if self.settable {
            self.now = Some(service);
        }
    }

    fn retrying(&mut self, failures: u8, wait_ms: u32, why: &dyn fmt::Display) {
        self.retries.push(RecordedRetry { failures, wait_ms, reason: why.to_string() });
    }

    async fn sleep_ms(&mut self, milliseconds: u32) {
        self.sleeps_ms.push(milliseconds);
        self.uptime_ms = self.uptime_ms.saturating_add(milliseconds.into());
    }

    fn random(&mut self) -> u32 {
        self.random
    }
}
