//! Detects that no bytes move, at the cost of one timer that is set a few times a minute.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// Checks within one time-out; a stall is detected after one to one and a half time-outs.
const CHECKS: u32 = 4;

/// The idle time-out of one connection.
#[derive(Debug)]
pub(super) struct IdleTimeout {
    after: Duration,
    timer: Pin<Box<Sleep>>,
    seen: u64,
    quiet: u32,
}

impl IdleTimeout {
    pub(super) fn new(after: Duration) -> Self {
        IdleTimeout { after, timer: Box::pin(sleep(after / CHECKS)), seen: 0, quiet: 0 }
    }

    /// Starts counting again: that nothing moves is not the peer's fault.
    pub(super) fn restart(&mut self) {
        self.quiet = 0;
    }

    /// Ready when `moved` has stayed the same for the whole time-out; otherwise the task is woken for the next check. While nobody
    /// polls, nothing is counted: a timer that has expired meanwhile is one check.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, moved: u64) -> Poll<Duration> {
        while self.timer.as_mut().poll(cx).is_ready() {
            self.quiet = if moved == self.seen { self.quiet + 1 } else { 0 };
            self.seen = moved;
            if self.quiet > CHECKS {
                return Poll::Ready(self.after);
            }
            self.timer.as_mut().reset(Instant::now() + self.after / CHECKS);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    #[tokio::test(start_paused = true)]
    async fn a_stall_is_detected_in_time_and_movement_restarts_the_count() {
        let second = Duration::from_secs(1);
        let mut stall = IdleTimeout::new(8 * second);
        let begin = Instant::now();
        // Moves at every check for 60 s, then no more.
        let after = poll_fn(|cx| stall.poll(cx, begin.elapsed().as_secs().min(60))).await;
        assert_eq!(after, 8 * second);
        let quiet = begin.elapsed() - 60 * second;
        assert!(quiet >= 8 * second && quiet <= 12 * second, "{quiet:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn time_between_requests_is_not_a_stall() {
        let mut stall = IdleTimeout::new(Duration::from_secs(8));
        tokio::time::advance(Duration::from_secs(3600)).await;
        let waited = tokio::time::timeout(Duration::from_secs(5), poll_fn(|cx| stall.poll(cx, 0))).await;
        assert!(waited.is_err(), "an idle hour counted as a stall");
    }
}
