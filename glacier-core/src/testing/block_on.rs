//! The smallest executor.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

/// Runs a future that waits for nothing outside this thread, such as a call through a
/// [`ScriptedTransport`](super::ScriptedTransport). What needs a network or a timer needs the runtime that has them.
///
/// # Panics
/// When the future is still pending after a million polls.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_000_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!(
        "the future is still pending after 1,000,000 polls: it waits for something that needs a runtime; use that runtime's block_on"
    );
}
