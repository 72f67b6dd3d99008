//! Stack frames of their own for large futures.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll};

/// Awaits `future` in a stack frame of its own.
///
/// The compiler inlines a future that is awaited in only one place, and the caller's frame then has room for the locals of all such
/// futures at once, whichever of them is running. Polling the large ones through a function that is not inlined keeps the stack small.
pub(crate) async fn in_own_frame<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    poll_fn(|context| poll(future.as_mut(), context)).await
}

#[inline(never)]
fn poll<F: Future>(future: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
    future.poll(context)
}
