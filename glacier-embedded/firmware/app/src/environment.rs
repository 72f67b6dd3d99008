//! What core asks of its surroundings, on embassy's clock.

use core::fmt;

use embassy_time::{Instant, Timer};
use glacier_core::{Environment, Timestamp};

use crate::clock::{Clock, Origin};
use crate::console::{Console, Quoted};

/// Time, waits and chance, and a line on the console for each retry.
pub(crate) struct Surroundings<'a> {
    pub(crate) clock: &'a Clock,
    pub(crate) console: Console,
    random: u32,
    retries: u32,
}

impl<'a> Surroundings<'a> {
    pub(crate) fn new(clock: &'a Clock, console: Console) -> Self {
        Surroundings { clock, console, random: 0x9E37_79B9, retries: 0 }
    }

    /// How often a request was tried again so far.
    pub(crate) fn retries(&self) -> u32 {
        self.retries
    }
}

impl Environment for Surroundings<'_> {
    fn now(&mut self) -> Option<Timestamp> {
        self.clock.now()
    }

    async fn sleep_ms(&mut self, milliseconds: u32) {
        Timer::after_millis(milliseconds.into()).await;
    }

    /// Xorshift, stirred by the time: enough to spread retries.
    fn random(&mut self) -> u32 {
        self.random ^= (Instant::now().as_ticks() as u32) << 1;
        self.random = if self.random == 0 { 1 } else { self.random };
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        self.random
    }

    fn retrying(&mut self, failures: u8, wait_ms: u32, why: &dyn fmt::Display) {
        self.retries = self.retries.saturating_add(1);
        self.console.line(format_args!("retry attempt={failures} wait_ms={wait_ms} why={}", Quoted(why)));
    }

    fn clock_was_off(&mut self, service_time: Timestamp) {
        self.clock.announce(Origin::Date, service_time);
    }
}
