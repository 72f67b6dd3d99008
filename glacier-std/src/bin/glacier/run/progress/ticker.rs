//! Calls something at regular intervals, on a thread of its own: a transfer that waits for the network, for a reader or for a disk
//! cannot say that it waits.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Ends the calls when it is dropped; none is under way then.
pub(super) struct Ticker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Calls `tick` after every `interval`. Progress that cannot be shown does not make the command fail: without a thread there is
    /// none.
    pub(super) fn start(interval: Duration, mut tick: impl FnMut() + Send + 'static) -> Self {
        let (stop, stopped) = mpsc::channel::<()>();
        let run = move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(interval) {
                tick();
            }
        };
        let thread = Builder::new().name("progress".into()).stack_size(256 << 10).spawn(run).ok();
        Ticker { stop: Some(stop), thread }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It would have panicked: there is nothing left to stop.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    #[test]
    fn it_ticks_until_it_is_dropped() {
        let ticks = Arc::new(AtomicU32::new(0));
        let (counted, (seen, third)) = (Arc::clone(&ticks), mpsc::channel());
        let ticker = Ticker::start(Duration::from_millis(1), move || {
            if counted.fetch_add(1, Relaxed) == 2 {
                seen.send(()).unwrap();
            }
        });
        third.recv().unwrap();
        drop(ticker);
        let ticks_then = ticks.load(Relaxed);
        assert_eq!(Arc::strong_count(&ticks), 1, "the thread has ended");
        assert!(ticks_then >= 3);
    }
}
