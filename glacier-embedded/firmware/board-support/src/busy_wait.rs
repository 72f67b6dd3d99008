//! Short waits by counting instructions: embassy's clock is too coarse for a card.

use embedded_hal::delay::DelayNs;

/// Waits by letting the processor count.
#[derive(Clone, Copy, Debug)]
pub struct BusyWait {
    /// The processor's clock.
    pub core_hz: u32,
}

impl DelayNs for BusyWait {
    fn delay_ns(&mut self, ns: u32) {
        let cycles = u64::from(ns) * u64::from(self.core_hz) / 1_000_000_000;
        cortex_m::asm::delay(cycles as u32);
    }
}
