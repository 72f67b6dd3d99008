//! The [`Environment`] of a device: its clock, a timer and random numbers.

use embedded_hal_async::delay::DelayNs;
use glacier_core::{Environment, Timestamp};

use super::clock::{Clock, ClockSource};

/// A device's clock, timer and random numbers: the [`Environment`] of its requests.
///
/// With embassy-time:
/// ```
/// # use glacier_embedded::Device;
/// # let seed = 1;
/// let mut device = Device::new(embassy_time::Delay, || embassy_time::Instant::now().as_millis(), seed);
/// assert!(device.now().is_none(), "the clock is not set yet");
/// ```
///
/// The clock can be set by the application ([`set_clock`](Device::set_clock)) and by a time server
/// ([`sntp::synchronize`](crate::sntp::synchronize)). The client sets it from the service's responses: when a request has to be signed and the
/// clock is not set, or when the service rejects a request because of its time, which is then signed again. The latest setting counts.
#[derive(Clone, Copy, Debug)]
pub struct Device<U, D> {
    delay: D,
    uptime: U,
    clock: Clock,
    random_state: u64,
}

impl<U: FnMut() -> u64, D: DelayNs> Device<U, D> {
    /// A device whose clock is not set. `uptime` returns milliseconds since a fixed moment and never goes back.
    ///
    /// `seed` should differ between devices, such as a serial number, so that they do not retry in step. Nothing secret depends on it.
    #[must_use]
    pub const fn new(delay: D, uptime: U, seed: u64) -> Self {
        Device { delay, uptime, clock: Clock::not_set(), random_state: seed }
    }

    /// Sets the clock to a Unix time in milliseconds, on behalf of the application.
    pub fn set_clock(&mut self, unix_ms: u64) {
        self.set_from(unix_ms, ClockSource::Application);
    }

    pub(crate) fn set_from(&mut self, unix_ms: u64, source: ClockSource) {
        let uptime_ms = self.uptime_ms();
        self.clock.set(unix_ms, uptime_ms, source);
    }

    /// The time; `None` while the clock is not set.
    pub fn now(&mut self) -> Option<Timestamp> {
        let uptime_ms = self.uptime_ms();
        self.clock.now(uptime_ms)
    }

    /// The Unix time in milliseconds; `None` while the clock is not set.
    pub fn unix_ms(&mut self) -> Option<u64> {
        let uptime_ms = self.uptime_ms();
        self.clock.unix_ms(uptime_ms)
    }

    /// The uptime in milliseconds, to date events with until the clock is set.
    pub fn uptime_ms(&mut self) -> u64 {
        (self.uptime)()
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The timer, for other delays of the application.
    pub fn delay(&mut self) -> &mut D {
        &mut self.delay
    }
}

impl<U: FnMut() -> u64, D: DelayNs> Environment for Device<U, D> {
    fn now(&mut self) -> Option<Timestamp> {
        Device::now(self)
    }

    fn uptime_s(&mut self) -> Option<u32> {
        // It may wrap.
        Some((self.uptime_ms() / 1000) as u32)
    }

    fn correct(&mut self, service: Timestamp) {
        self.set_from(service.unix().saturating_mul(1000), ClockSource::Service);
    }

    async fn sleep_ms(&mut self, milliseconds: u32) {
        self.delay.delay_ms(milliseconds).await;
    }

    /// SplitMix64, which works with any seed: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
    fn random(&mut self) -> u32 {
        self.random_state = self.random_state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random_state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;
    use embassy_futures::block_on;
    use std::vec::Vec;

    /// A timer that advances the uptime instead of waiting.
    struct Advance<'t>(&'t Cell<u64>);

    impl DelayNs for Advance<'_> {
        async fn delay_ns(&mut self, ns: u32) {
            self.0.set(self.0.get() + u64::from(ns) / 1_000_000);
        }
        async fn delay_ms(&mut self, ms: u32) {
            self.0.set(self.0.get() + u64::from(ms));
        }
    }

    #[test]
    fn a_clock_set_by_the_service_advances_with_the_uptime() {
        let uptime = Cell::new(90_000);
        let mut device = Device::new(Advance(&uptime), || uptime.get(), 0);
        assert_eq!((device.now(), device.unix_ms()), (None, None));
        device.correct(Timestamp::from_unix(1_795_644_600));
        block_on(device.sleep_ms(1_500));
        assert_eq!(device.unix_ms(), Some(1_795_644_601_500));
        assert_eq!(device.clock().source(), Some(ClockSource::Service));
        device.set_clock(1_795_640_000_000);
        assert_eq!(device.now(), Some(Timestamp::from_unix(1_795_640_000)));
        assert_eq!(device.clock().source(), Some(ClockSource::Application));
    }

    #[test]
    fn random_numbers_are_splitmix64() {
        let uptime = Cell::new(0);
        // The first numbers of the reference implementation (Vigna, splitmix64.c) for the seed 1234567.
        let expected: [u64; 3] = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        let mut device = Device::new(Advance(&uptime), || 0, 1_234_567);
        assert_eq!(expected.map(|number| (number >> 32) as u32), [device.random(), device.random(), device.random()]);
        // Devices with consecutive serial numbers do not retry in step.
        let first: Vec<u32> = (0..100).map(|seed| Device::new(Advance(&uptime), || 0, seed).random()).collect();
        let low = first.iter().filter(|number| **number < 1 << 31).count();
        assert!((30..70).contains(&low), "{low}");
    }
}
