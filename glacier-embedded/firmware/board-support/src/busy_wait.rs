//! Short delays by counting cycles: embassy's ticks are too coarse for an SD card.

use embedded_hal::delay::DelayNs;

/// Delays by busy waiting.
#[derive(Clone, Copy, Debug)]
pub struct BusyWait {
    /// The processor's clock frequency.
    pub core_hz: u32,
}

impl DelayNs for BusyWait {
    fn delay_ns(&mut self, ns: u32) {
        let cycles = u64::from(ns) * u64::from(self.core_hz) / 1_000_000_000;
        cortex_m::asm::delay(cycles as u32);
    }
}
