//! Stack frames of their own for parts of the program.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll};

/// Awaits `work` in a frame of its own.
///
/// The compiler puts all that an async function awaits in one place only into that function, whose frame then has room for all of it at
/// once, also while something else runs. Where the parts are large this keeps the stack small.
pub(crate) async fn apart<F: Future>(mut work: Pin<&mut F>) -> F::Output {
    poll_fn(|context| poll(work.as_mut(), context)).await
}

#[inline(never)]
fn poll<F: Future>(work: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
    work.poll(context)
}
