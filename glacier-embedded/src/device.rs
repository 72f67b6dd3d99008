//! What core asks of its surroundings, on a device: the time, waits and chance.

use embedded_hal_async::delay::DelayNs;
use glacier_core::{Environment, Timestamp};

use crate::clock::{Clock, SetBy};

/// A device's clock, delay and chance: the [`Environment`] of its requests.
///
/// With embassy-time:
/// ```
/// # use glacier_embedded::Device;
/// # let seed = 1;
/// let mut device = Device::new(embassy_time::Delay, || embassy_time::Instant::now().as_millis(), seed);
/// assert!(device.now().is_none(), "the clock is not set yet");
/// ```
///
/// Whoever sets the clock last is believed. It is set by the application ([`set`](Device::set)), from a time server
/// ([`sntp::ask`](crate::sntp::ask)), and by itself from the service's answers: when a request is to be signed and the clock is not
/// set, or when the service refuses a request for its time. The request is then signed once more.
#[derive(Clone, Copy, Debug)]
pub struct Device<U, D> {
    delay: D,
    uptime: U,
    clock: Clock,
    chance: u64,
}

impl<U: FnMut() -> u64, D: DelayNs> Device<U, D> {
    /// A device whose clock is not set. `uptime` gives milliseconds since some moment, and never goes back.
    ///
    /// `seed` should differ between devices, as it spreads their retries in time: a serial number will do. Nothing secret depends on it.
    pub const fn new(delay: D, uptime: U, seed: u64) -> Self {
        Device { delay, uptime, clock: Clock::not_set(), chance: seed }
    }

    /// The application says what time it is, in milliseconds since 1970.
    pub fn set(&mut self, unix_ms: u64) {
        self.set_by(unix_ms, SetBy::Application);
    }

    pub(crate) fn set_by(&mut self, unix_ms: u64, by: SetBy) {
        let uptime_ms = self.uptime_ms();
        self.clock.set(unix_ms, uptime_ms, by);
    }

    /// The time; `None` while the clock is not set.
    pub fn now(&mut self) -> Option<Timestamp> {
        let uptime_ms = self.uptime_ms();
        self.clock.now(uptime_ms)
    }

    /// Milliseconds since 1970; `None` while the clock is not set.
    pub fn unix_ms(&mut self) -> Option<u64> {
        let uptime_ms = self.uptime_ms();
        self.clock.unix_ms(uptime_ms)
    }

    /// Milliseconds of uptime, by which things are dated before the clock is set.
    pub fn uptime_ms(&mut self) -> u64 {
        (self.uptime)()
    }

    /// The clock as it is set now.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The delay, for waits of other kinds.
    pub fn delay(&mut self) -> &mut D {
        &mut self.delay
    }
}

impl<U: FnMut() -> u64, D: DelayNs> Environment for Device<U, D> {
    fn now(&mut self) -> Option<Timestamp> {
        Device::now(self)
    }

    fn correct(&mut self, service: Timestamp) {
        self.set_by(service.unix().saturating_mul(1000), SetBy::Service);
    }

    async fn sleep_ms(&mut self, milliseconds: u32) {
        self.delay.delay_ms(milliseconds).await;
    }

    /// SplitMix64, of which any seed is a good one: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
    fn random(&mut self) -> u32 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.chance;
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

    struct Waits<'t>(&'t Cell<u64>);

    impl DelayNs for Waits<'_> {
        async fn delay_ns(&mut self, ns: u32) {
            self.0.set(self.0.get() + u64::from(ns) / 1_000_000);
        }
        async fn delay_ms(&mut self, ms: u32) {
            self.0.set(self.0.get() + u64::from(ms));
        }
    }

    #[test]
    fn the_service_s_time_goes_on_with_the_uptime() {
        let uptime = Cell::new(90_000);
        let mut device = Device::new(Waits(&uptime), || uptime.get(), 0);
        assert_eq!((device.now(), device.unix_ms()), (None, None));
        device.correct(Timestamp::from_unix(1_795_644_600));
        block_on(device.sleep_ms(1_500));
        assert_eq!(device.unix_ms(), Some(1_795_644_601_500));
        assert_eq!(device.clock().set_by(), Some(SetBy::Service));
        device.set(1_795_640_000_000);
        assert_eq!(device.now(), Some(Timestamp::from_unix(1_795_640_000)));
        assert_eq!(device.clock().set_by(), Some(SetBy::Application));
    }

    #[test]
    fn chance_is_splitmix64() {
        let uptime = Cell::new(0);
        // The first numbers of the reference implementation (Vigna, splitmix64.c) with the seed 1234567.
        let expected: [u64; 3] = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        let mut device = Device::new(Waits(&uptime), || 0, 1_234_567);
        assert_eq!(expected.map(|number| (number >> 32) as u32), [device.random(), device.random(), device.random()]);
        // Devices with neighbouring serial numbers do not retry in step.
        let first: Vec<u32> = (0..100).map(|seed| Device::new(Waits(&uptime), || 0, seed).random()).collect();
        let low = first.iter().filter(|number| **number < 1 << 31).count();
        assert!((30..70).contains(&low), "{low}");
    }
}
