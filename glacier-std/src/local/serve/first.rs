//! Two futures, of which the first to end counts.

use std::task::Poll;

/// Waits for whichever of two futures ends first, and drops the other. If both are ready, the second counts.
pub(super) async fn first(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (std::pin::pin!(one), std::pin::pin!(other));
    std::future::poll_fn(
        |context| {
            if other.as_mut().poll(context).is_ready() { Poll::Ready(()) } else { one.as_mut().poll(context) }
        },
    )
    .await;
}
