//! What core does not have: the time, a way to wait, and chance.

use core::fmt;

use crate::time::Timestamp;

/// Gives the time, waits, and throws dice. Adapters implement it; a test's never really waits.
#[allow(async_fn_in_trait)]
pub trait Environment {
    /// The time; `None` while the clock is not set, as on a device that has just started.
    fn now(&mut self) -> Option<Timestamp>;

    /// Waits. Dropping the future ends the waiting.
    async fn sleep_ms(&mut self, milliseconds: u32);

    /// Any number, each equally likely. It spreads retries in time; nothing secret depends on it.
    fn random(&mut self) -> u32;

    /// Is told before the wait for another try: how many tries have failed, how long the wait is, and why. For a log; most need none.
    fn retrying(&mut self, _failures: u8, _wait_ms: u32, _why: &dyn fmt::Display) {}

    /// Is told the service's time when it has called the signing time wrong, which is corrected without further ado. For a log, or to
    /// set the device's clock for other uses; what [`now`](Environment::now) gives must not change by it within the call.
    fn clock_was_off(&mut self, _service_time: Timestamp) {}
}

impl<E: Environment> Environment for &mut E {
    fn now(&mut self) -> Option<Timestamp> {
        E::now(self)
    }
    async fn sleep_ms(&mut self, milliseconds: u32) {
        E::sleep_ms(self, milliseconds).await;
    }
    fn random(&mut self) -> u32 {
        E::random(self)
    }
    fn retrying(&mut self, failures: u8, wait_ms: u32, why: &dyn fmt::Display) {
        E::retrying(self, failures, wait_ms, why);
    }
    fn clock_was_off(&mut self, service_time: Timestamp) {
        E::clock_was_off(self, service_time);
    }
}
