//! Waiting for threads and for time, on any runtime.

use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Poll, Waker};
use core::time::Duration;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

struct Progress<T> {
    result: Option<thread::Result<T>>,
    waker: Option<Waker>,
}

/// Runs `work` on a thread of its own and waits for its result.
///
/// # Panics
/// As `work` does.
pub(super) async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let progress = Arc::new(Mutex::new(Progress { result: None, waker: None }));
    let theirs = Arc::clone(&progress);
    thread::spawn(move || {
        let result = panic::catch_unwind(AssertUnwindSafe(work));
        let mut progress = theirs.lock().unwrap_or_else(PoisonError::into_inner);
        progress.result = Some(result);
        if let Some(waker) = progress.waker.take() {
            waker.wake();
        }
    });
    let result = poll_fn(|context| {
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.waker = Some(context.waker().clone());
        progress.result.take().map_or(Poll::Pending, Poll::Ready)
    });
    result.await.unwrap_or_else(|panic| panic::resume_unwind(panic))
}

/// Waits this long. Dropping the future ends its thread.
pub(super) async fn sleep(duration: Duration) {
    let (dropped, wait) = mpsc::channel::<()>();
    let _elapsed_or_dropped = on_thread(move || wait.recv_timeout(duration)).await;
    drop(dropped);
}

/// What `future` gives within this time, or `None`; it is dropped then.
pub(super) async fn within<T>(duration: Duration, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut limit) = (pin!(future), pin!(sleep(duration)));
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => limit.as_mut().poll(context).map(|()| None),
    })
    .await
}
