//! The clock of this machine, and the waits between the tries of a request: what core's retries need of a host.

use std::time::Duration;

use glacier_core::retry::RetryPolicy;
use glacier_core::{Environment, Timestamp};

use super::observe::{Event, Observer};
use crate::clock;

/// How a transfer goes about its requests: whom it tells, and how often it tries.
#[derive(Clone, Copy)]
pub struct Manner<'m> {
    /// Is told what happens.
    pub observer: &'m dyn Observer,
    /// The tries of a part and of a download.
    pub transfer: RetryPolicy,
    /// The tries of any other request.
    pub control: RetryPolicy,
}

impl<'m> Manner<'m> {
    /// Ten tries for parts and downloads, three for the rest.
    pub fn new(observer: &'m dyn Observer) -> Self {
        Manner { observer, transfer: RetryPolicy::TRANSFER, control: RetryPolicy::default() }
    }

    /// One try for everything: for a service in this process, which does not get better by waiting.
    pub fn once(observer: &'m dyn Observer) -> Self {
        let once = RetryPolicy { max_attempts: 1, ..RetryPolicy::default() };
        Manner { observer, transfer: once, control: once }
    }

    /// The clock and the waits for one request.
    pub fn pace(self) -> Pace<'m> {
        Pace { observer: self.observer, waits: 0 }
    }
}

/// Gives core the time, waits for it, and tells an observer of each wait.
pub struct Pace<'o> {
    observer: &'o dyn Observer,
    waits: u32,
}

impl Pace<'_> {
    /// Whether any request was tried more than once.
    pub(super) fn has_waited(&self) -> bool {
        self.waits > 0
    }
}

impl Environment for Pace<'_> {
    fn now(&mut self) -> Option<Timestamp> {
        Some(clock::now())
    }

    async fn sleep_ms(&mut self, milliseconds: u32) {
        let wait = Duration::from_millis(milliseconds.into());
        self.waits += 1;
        self.observer.note(Event::Repeating { wait });
        tokio::time::sleep(wait).await;
    }

    fn random(&mut self) -> u32 {
        fastrand::u32(..)
    }
}
