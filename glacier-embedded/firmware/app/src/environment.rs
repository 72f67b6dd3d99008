//! What core asks of its surroundings: the device's clock, waits and chance, with a line on the console for what happens to them.

use core::fmt;

use embassy_time::Delay;
use embedded_nal_async::ConnectedUdp;
use glacier_core::{Environment, Timestamp};
use glacier_embedded::Device;
use glacier_embedded::sntp::{self, SntpError};

use crate::clock::{Basic, Clock, uptime_ms};
use crate::console::{Console, Quoted};

pub(crate) struct Surroundings<'a> {
    device: Device<fn() -> u64, Delay>,
    /// Is set with the device's.
    clock: &'a Clock,
    console: Console,
    retries: u32,
}

impl<'a> Surroundings<'a> {
    /// A clock that is not set, and chance from `seed`.
    pub(crate) fn new(clock: &'a Clock, console: Console, seed: u64) -> Self {
        Surroundings { device: Device::new(Delay, uptime_ms, seed), clock, console, retries: 0 }
    }

    /// Sets the clock to so many seconds since 1970; `from` says where the console has it from.
    pub(crate) fn set(&mut self, unix: u64, from: &str) {
        self.device.set_clock(unix.saturating_mul(1000));
        self.was_set(from);
    }

    /// Sets the clock by a time server.
    pub(crate) async fn ask<N: ConnectedUdp>(&mut self, server: &mut N) -> Result<(), SntpError<N::Error>> {
        sntp::synchronize(server, &mut self.device).await?;
        self.was_set("sntp");
        Ok(())
    }

    /// How often a request was tried again so far.
    pub(crate) fn retries(&self) -> u32 {
        self.retries
    }

    fn was_set(&mut self, from: &str) {
        self.clock.copy(self.device.clock());
        if let Some(now) = self.device.now() {
            self.console.line(format_args!("clock from={from} time={}", Basic(now)));
        }
    }
}

impl Environment for Surroundings<'_> {
    fn now(&mut self) -> Option<Timestamp> {
        self.device.now()
    }

    fn correct(&mut self, service: Timestamp) {
        self.device.correct(service);
        self.was_set("date");
    }

    fn retrying(&mut self, failures: u8, wait_ms: u32, why: &dyn fmt::Display) {
        self.retries = self.retries.saturating_add(1);
        self.console.line(format_args!("retry attempt={failures} wait_ms={wait_ms} why={}", Quoted(why)));
    }

    async fn sleep_ms(&mut self, milliseconds: u32) {
        self.device.sleep_ms(milliseconds).await;
    }

    fn random(&mut self) -> u32 {
        self.device.random()
    }
}
