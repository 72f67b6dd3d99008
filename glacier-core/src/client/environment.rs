//! What core does not have: a clock, a timer, random numbers.

use core::fmt;

use crate::values::Timestamp;

/// Supplies the clock, a timer and random numbers. Adapters implement it; one for tests need not really wait.
#[allow(async_fn_in_trait)]
pub trait Environment {
    /// The time; `None` while the clock is not set, as on a device that has just started.
    fn now(&mut self) -> Option<Timestamp>;

    /// Seconds since some fixed moment, on a clock that nobody sets; it may wrap. [`RetryPolicy::retry_for_s`] is measured with it.
    ///
    /// By default there is none, and such policies make no more than their attempts.
    ///
    /// [`RetryPolicy::retry_for_s`]: crate::retry::RetryPolicy::retry_for_s
    fn uptime_s(&mut self) -> Option<u32> {
        None
    }

    /// Called with the service's time when the clock is not set, or when the service has rejected a request for its time. A device sets
    /// its clock here.
    ///
    /// By default nothing is done: a clock that is wrong stays wrong, and the client stores the difference for its own requests.
    fn correct(&mut self, service: Timestamp) {
        let _ = service;
    }

    /// Called before a request is tried again, for a log: how many of its attempts have failed (255 for more), how many milliseconds it will wait, and
    /// the error of the last attempt.
    fn retrying(&mut self, failures: u8, wait_ms: u32, why: &dyn fmt::Display) {
        let _ = (failures, wait_ms, why);
    }

    /// Waits.
    ///
    /// # Cancel safety
    /// Dropping the future ends the wait.
    async fn sleep_ms(&mut self, milliseconds: u32);

    /// A random number, uniform over all of `u32`. It spreads retries in time; nothing secret depends on it.
    fn random(&mut self) -> u32;
}

impl<E: Environment> Environment for &mut E {
    fn now(&mut self) -> Option<Timestamp> {
        E::now(self)
    }
    fn uptime_s(&mut self) -> Option<u32> {
        E::uptime_s(self)
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
