//! Timeouts. Every wait of the transport goes through here, so that none is unbounded.

use core::future::Future;
use core::time::Duration;

use embassy_futures::select::{Either, select};
use embedded_hal_async::delay::DelayNs;

use super::error::{Error, Step};

/// Limits for the waits of a transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Timeouts {
    /// For connecting.
    pub connect: Duration,
    /// Without progress: no byte sent, or none received. The service can take a while to complete an upload of many parts.
    pub idle: Duration,
}

impl Timeouts {
    /// These limits, and the defaults for all that may be added.
    #[must_use]
    pub const fn new(connect: Duration, idle: Duration) -> Self {
        Timeouts { connect, idle }
    }
}

/// 10 seconds to connect, 60 seconds without progress.
impl Default for Timeouts {
    fn default() -> Self {
        Timeouts::new(Duration::from_secs(10), Duration::from_secs(60))
    }
}

/// How long to wait for a response after sending has failed: the peer may have said why before it closed the connection.
const AFTER_FAILED_SEND: Duration = Duration::from_secs(1);

/// Applies the timeouts to the waits of a request.
pub(crate) struct Timer<D> {
    delay: D,
    timeouts: Timeouts,
    send_failed: bool,
}

impl<D: DelayNs> Timer<D> {
    pub(crate) fn new(delay: D, timeouts: Timeouts) -> Self {
        Timer { delay, timeouts, send_failed: false }
    }

    /// Starts a request, or a response body, with the full timeouts.
    pub(crate) fn reset(&mut self) {
        self.send_failed = false;
    }

    /// Sending has failed: from now on waits are short.
    pub(crate) fn send_failed(&mut self) {
        self.send_failed = true;
    }

    /// Awaits `future` for at most the timeout of `step`.
    pub(crate) async fn limit<T, E>(
        &mut self,
        step: Step,
        future: impl Future<Output = Result<T, Error<E>>>,
    ) -> Result<T, Error<E>> {
        let limit = match step {
            Step::Connect => self.timeouts.connect,
            _ if self.send_failed => self.timeouts.idle.min(AFTER_FAILED_SEND),
            _ => self.timeouts.idle,
        };
        let millis = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
        match select(future, self.delay.delay_ms(millis)).await {
            Either::First(done) => done,
            Either::Second(()) => Err(Error::TimedOut(step)),
        }
    }
}
