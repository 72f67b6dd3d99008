//! What core does not have: the time, a way to wait, and chance.

use core::fmt;

use crate::values::Timestamp;

/// Gives the time, waits, and throws dice. Adapters implement it; a test's never really waits.
#[allow(async_fn_in_trait)]
pub trait Environment {
    /// The time; `None` while the clock is not set, as on a device that has just started.
    fn now(&mut self) -> Option<Timestamp>;

    /// Is told the service's time, when `now` has none or the service calls it wrong. A device sets its clock by it.
    ///
    /// By default nothing is done with it: a clock that is wrong stays so, and the client keeps the difference for its own requests.
    fn correct(&mut self, service: Timestamp) {
        let _ = service;
    }

    /// Is told before a request is tried again: how many of its tries have failed, how many milliseconds are waited, and why. For a log.
    fn retrying(&mut self, failures: u8, wait_ms: u32, why: &dyn fmt::Display) {
        let _ = (failures, wait_ms, why);
    }

    /// Waits. Dropping the future ends the waiting.
    async fn sleep_ms(&mut self, milliseconds: u32);

    /// Any number, each equally likely. It spreads retries in time; nothing secret depends on it.
    fn random(&mut self) -> u32;
}

impl<E: Environment> Environment for &mut E {
    fn now(&mut self) -> Option<Timestamp> {
        E::now(self)
    }
    fn correct(&mut self, service: Timestamp) {
        E::correct(self, service);
    }
    fn retrying(&mut self, failures: u8, wait_ms: u32, why: &dyn fmt::Display) {
        E::retrying(self, failures, wait_ms, why);
    }
    async fn sleep_ms(&mut self, milliseconds: u32) {
        E::sleep_ms(self, milliseconds).await;
    }
    fn random(&mut self) -> u32 {
        E::random(self)
    }
}
