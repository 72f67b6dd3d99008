//! The clock of this machine, and the waits between the tries of a request: what core's retries need of a host.

use std::time::Duration;

use embedded_io_async::ErrorKind;
use glacier_core::{Environment, Error, Timestamp};

use super::observe::{Event, Observer};
use crate::clock;

/// Gives core the time, waits for it, and tells an observer of each wait.
pub struct Pace<'o> {
    observer: &'o dyn Observer,
    waits: u32,
}

impl<'o> Pace<'o> {
    /// A pace whose waits `observer` is told of.
    pub fn new(observer: &'o dyn Observer) -> Self {
        Pace { observer, waits: 0 }
    }

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

/// Whether the service may have done what was asked although there is an error. Core says so of every failure of the way; here a
/// connection that never came about is known.
pub(super) fn may_have_happened<T: embedded_io_async::Error, S>(error: &Error<T, S>) -> bool {
    match error {
        Error::Transport(error) => !matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::AddrNotAvailable),
        error => error.is_ambiguous(),
    }
}
