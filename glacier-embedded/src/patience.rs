//! How long to wait for a peer. Every wait of this crate goes through here, so that none is for ever.

use core::future::Future;
use core::time::Duration;

use embassy_futures::select::{Either, select};
use embedded_hal_async::delay::DelayNs;

use crate::error::{Error, Step};

/// The longest waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the next sign of life: bytes taken while a request is sent, bytes coming while an answer is awaited or read. The service
    /// takes its time to complete an upload of many parts.
    pub silence: Duration,
}

/// 10 seconds for a connection, 60 seconds of silence.
impl Default for Timeouts {
    fn default() -> Self {
        Timeouts { connect: Duration::from_secs(10), silence: Duration::from_secs(60) }
    }
}

/// How long a peer that has broken off a request is listened to, for the reason it may give.
const LAST_WORD: Duration = Duration::from_secs(1);

pub(crate) struct WaiterConfig<D> {
    delay: D,
    timeouts: Timeouts,
    broken_off: bool,
}

impl<D: DelayNs> WaiterConfig<D> {
    pub(crate) fn new(delay: D, timeouts: Timeouts) -> Self {
        WaiterConfig { delay, timeouts, broken_off: false }
    }

    /// A new request: full patience again.
    pub(crate) fn renew(&mut self) {
        self.broken_off = false;
    }

    /// The request could not be sent: only a short answer is waited for.
    pub(crate) fn break_off(&mut self) {
        self.broken_off = true;
    }

    /// `wait`, but not for ever.
    pub(crate) async fn during<T, E>(
        &mut self,
        step: Step,
        wait: impl Future<Output = Result<T, Error<E>>>,
    ) -> Result<T, Error<E>> {
        let limit = match step {
            Step::Connect => self.timeouts.connect,
            _ if self.broken_off => self.timeouts.silence.min(LAST_WORD),
            _ => self.timeouts.silence,
        };
        let millis = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
        match select(wait, self.delay.delay_ms(millis)).await {
            Either::First(done) => done,
            Either::Second(()) => Err(Error::TimedOut(step)),
        }
    }
}
