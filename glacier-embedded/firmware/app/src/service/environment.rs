//! What core needs around its requests: the device's clock, timer and random numbers, with a console line for each event.

use core::fmt;

use embassy_time::Delay;
use embedded_nal_async::ConnectedUdp;
use glacier_core::{Environment, Timestamp};
use glacier_embedded::Device;
use glacier_embedded::sntp::{self, SntpError};

use crate::clock::{Basic, Clock, uptime_ms};
use crate::console::{Console, Quoted};

pub(crate) struct DeviceEnvironment<'a> {
    device: Device<fn() -> u64, Delay>,
    /// Follows the device's clock.
    clock: &'a Clock,
    console: Console,
}

impl<'a> DeviceEnvironment<'a> {
    /// With a clock that is not set, and random numbers from `seed`.
    pub(crate) fn new(clock: &'a Clock, console: Console, seed: u64) -> Self {
        DeviceEnvironment { device: Device::new(Delay, uptime_ms, seed), clock, console }
    }

    /// Sets the clock to a Unix time in seconds; the console names its source as `from`.
    pub(crate) fn set_clock(&mut self, unix: u64, from: &str) {
        self.device.set_clock(unix.saturating_mul(1000));
        self.clock_was_set(from);
    }

    /// Sets the clock from a time server.
    pub(crate) async fn synchronize<N: ConnectedUdp>(&mut self, server: &mut N) -> Result<(), SntpError<N::Error>> {
        sntp::synchronize(server, &mut self.device).await?;
        self.clock_was_set("sntp");
        Ok(())
    }

    fn clock_was_set(&mut self, from: &str) {
        self.clock.update(self.device.clock());
        if let Some(now) = self.device.now() {
            self.console.line(format_args!("clock from={from} time={}", Basic(now)));
        }
    }
}

impl Environment for DeviceEnvironment<'_> {
    fn now(&mut self) -> Option<Timestamp> {
        self.device.now()
    }

    fn correct(&mut self, service: Timestamp) {
        self.device.correct(service);
        self.clock_was_set("date");
    }

    fn retrying(&mut self, failures: u8, wait_ms: u32, why: &dyn fmt::Display) {
        self.console.line(format_args!("retry attempt={failures} wait_ms={wait_ms} why={}", Quoted(why)));
    }

    async fn sleep_ms(&mut self, milliseconds: u32) {
        self.device.sleep_ms(milliseconds).await;
    }

    fn random(&mut self) -> u32 {
        self.device.random()
    }
}
