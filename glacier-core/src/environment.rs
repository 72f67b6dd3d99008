//! What core does not have: the time, a way to wait, and chance.

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
}
