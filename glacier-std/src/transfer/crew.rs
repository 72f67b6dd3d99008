//! Several futures side by side within one task: nothing is spawned, so they may borrow, and dropping the whole stops them all.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Runs all futures until each is done, or until one fails: then the others are dropped where they stand, and its error is returned.
///
/// Only those that were woken are polled, so that what moves on one connection does not touch the others.
pub(super) async fn all<F: Future<Output = Result<(), E>>, E>(futures: impl IntoIterator<Item = F>) -> Result<(), E> {
    let task = Arc::new(Mutex::new(Waker::noop().clone()));
    let mut members: Vec<Member<F>> = futures.into_iter().map(|future| Member::new(future, &task)).collect();
    poll_fn(|cx| {
        task.lock().unwrap_or_else(PoisonError::into_inner).clone_from(cx.waker());
        let mut failed = None;
        members.retain_mut(|member| match member.poll_if_woken() {
            Poll::Pending => true,
            Poll::Ready(done) => {
                failed = failed.take().or(done.err());
                false
            }
        });
        match failed {
            Some(error) => Poll::Ready(Err(error)),
            None if members.is_empty() => Poll::Ready(Ok(())),
            None => Poll::Pending,
        }
    })
    .await
}

struct Member<F> {
    future: Pin<Box<F>>,
    bell: Arc<Bell>,
    waker: Waker,
}

/// Wakes the task, which then knows whom it was for.
struct Bell {
    rung: AtomicBool,
    task: Arc<Mutex<Waker>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Rung already, the task has been woken and has not looked yet.
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.task.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref();
        }
    }
}

impl<F: Future> Member<F> {
    fn new(future: F, task: &Arc<Mutex<Waker>>) -> Self {
        let bell = Arc::new(Bell { rung: AtomicBool::new(true), task: Arc::clone(task) });
        Member { future: Box::pin(future), waker: Waker::from(Arc::clone(&bell)), bell }
    }

    fn poll_if_woken(&mut self) -> Poll<F::Output> {
        if !self.bell.rung.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        self.future.as_mut().poll(&mut Context::from_waker(&self.waker))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    use std::time::Duration;
    use tokio::time::sleep;

    #[tokio::test(start_paused = true)]
    async fn they_wait_side_by_side() {
        let began = tokio::time::Instant::now();
        all((1..=4).map(async |seconds| {
            sleep(Duration::from_secs(seconds)).await;
            Ok::<(), ()>(())
        }))
        .await
        .unwrap();
        assert_eq!(began.elapsed().as_secs(), 4, "and not 1 + 2 + 3 + 4");
        assert_eq!(all(std::iter::empty::<std::future::Ready<Result<(), ()>>>()).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_failure_stops_the_others() {
        struct Stopped<'a>(&'a AtomicU32);
        impl Drop for Stopped<'_> {
            fn drop(&mut self) {
                self.0.fetch_add(1, Relaxed);
            }
        }
        let (stopped, ended) = (AtomicU32::new(0), AtomicU32::new(0));
        let result = all((1..=4_u64).map(async |seconds| {
            let _stopped = Stopped(&stopped);
            sleep(Duration::from_secs(seconds)).await;
            ended.fetch_add(1, Relaxed);
            if seconds == 2 { Err(seconds) } else { Ok(()) }
        }))
        .await;
        assert_eq!((result, stopped.into_inner(), ended.into_inner()), (Err(2), 4, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn only_who_was_woken_is_polled() {
        let polls = AtomicU32::new(0);
        let sleeper = async |seconds, count: &AtomicU32| {
            let mut nap = Box::pin(sleep(Duration::from_secs(seconds)));
            poll_fn(|cx| {
                count.fetch_add(1, Relaxed);
                nap.as_mut().poll(cx)
            })
            .await;
            Ok::<(), ()>(())
        };
        let other = AtomicU32::new(0);
        let all = all([sleeper(9, &polls), sleeper(1, &other)]);
        all.await.unwrap();
        assert_eq!((polls.into_inner(), other.into_inner()), (2, 2), "once at first and once when its time is over");
    }
}
