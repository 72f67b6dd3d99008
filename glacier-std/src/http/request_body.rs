//! The body of a request: bytes of a borrowed source on their way to hyper, in two buffers that are reused.
//!
//! hyper requires a body that is `'static`; a source is borrowed and asynchronous. So the task that sends fills a buffer from the
//! source, pushes it here, and polls hyper, which takes it. Once hyper has written it, the buffer returns by itself. No waker is
//! needed, as the same task polls both ends in turn (see `Connection`).

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};

/// Bytes in a buffer. It stays in a core's cache between reading and writing; larger buffers measured slower.
const CHUNK: usize = 128 * 1024;
/// Number of buffers: one can be filled while the other is written.
const CHUNKS: usize = 2;

/// The buffers of one transport.
#[derive(Debug, Default)]
pub(super) struct BodyBuffers {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Ready to be filled.
    free: Vec<Vec<u8>>,
    /// Filled and not yet taken by hyper; each with the number of its bytes.
    full: VecDeque<(Vec<u8>, usize)>,
    /// How many there are in all; they are allocated when first needed.
    made: usize,
    /// The reader of the source has asked for a buffer and got none.
    starved: bool,
}

impl BodyBuffers {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Discards what an earlier request that was dropped has left. hyper owns no chunk of it any more, which `&mut` proves: each
    /// chunk holds a reference to its buffers.
    pub(super) fn clear(&mut self) {
        let mut state = self.state();
        let full = std::mem::take(&mut state.full);
        state.free.extend(full.into_iter().map(|(bytes, _)| bytes));
        // A buffer that was being filled was dropped with the future that filled it.
        state.made = state.free.len();
        state.starved = false;
    }

    /// A buffer of `wanted` bytes, or of the usual size if that is less. Pending while all are in use; the caller checks
    /// [`can_refill`](BodyBuffers::can_refill) after each step of hyper.
    pub(super) fn poll_free(&self, wanted: u64) -> Poll<Vec<u8>> {
        let mut state = self.state();
        let buffer = match state.free.pop() {
            None if state.made == CHUNKS => {
                state.starved = true;
                return Poll::Pending;
            }
            None => {
                state.made += 1;
                Vec::new()
            }
            Some(buffer) => buffer,
        };
        state.starved = false;
        drop(state);
        let wanted = usize::try_from(wanted).unwrap_or(CHUNK).min(CHUNK);
        Poll::Ready(grown(buffer, wanted))
    }

    /// Whether the reader of the source waits for a buffer.
    pub(super) fn is_starved(&self) -> bool {
        self.state().starved
    }

    /// Whether the reader of the source waits for a buffer and there is one now.
    pub(super) fn can_refill(&self) -> bool {
        let state = self.state();
        state.starved && !state.free.is_empty()
    }

    /// Whether everything that was pushed has been written to the connection.
    pub(super) fn is_written(&self) -> bool {
        let state = self.state();
        state.full.is_empty() && state.free.len() == state.made
    }

    /// Adds the first `filled` bytes of a buffer to the body.
    pub(super) fn push(&self, bytes: Vec<u8>, filled: usize) {
        self.state().full.push_back((bytes, filled));
    }
}

fn grown(mut buffer: Vec<u8>, wanted: usize) -> Vec<u8> {
    if buffer.len() < wanted {
        buffer.resize(wanted, 0);
    }
    buffer
}

/// A filled buffer that hyper writes; when it is dropped, the buffer is free again.
#[derive(Debug)]
pub(super) struct Chunk {
    bytes: Vec<u8>,
    at: usize,
    end: usize,
    buffers: Arc<BodyBuffers>,
}

impl Buf for Chunk {
    fn remaining(&self) -> usize {
        self.end - self.at
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.get(self.at..self.end).unwrap_or_default()
    }

    fn advance(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.end);
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        self.buffers.state().free.push(bytes);
    }
}

/// The body that hyper sends: what is pushed to the buffers, `left` bytes of it.
#[derive(Debug)]
pub(super) struct RequestBody {
    buffers: Arc<BodyBuffers>,
    left: u64,
}

impl RequestBody {
    pub(super) fn new(buffers: Arc<BodyBuffers>, size: u64) -> Self {
        RequestBody { buffers, left: size }
    }
}

impl Body for RequestBody {
    type Data = Chunk;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Chunk>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let Some((bytes, filled)) = self.buffers.state().full.pop_front() else { return Poll::Pending };
        let chunk = Chunk { end: filled.min(bytes.len()), bytes, at: 0, buffers: Arc::clone(&self.buffers) };
        self.left = self.left.saturating_sub(chunk.remaining() as u64);
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(body: &mut RequestBody) -> Option<Chunk> {
        match Pin::new(body).poll_frame(&mut Context::from_waker(std::task::Waker::noop())) {
            Poll::Ready(Some(Ok(frame))) => Some(frame.into_data().expect("data")),
            Poll::Ready(None) | Poll::Pending => None,
        }
    }

    #[test]
    fn two_buffers_are_reused() {
        let buffers = Arc::new(BodyBuffers::default());
        let mut body = RequestBody::new(Arc::clone(&buffers), 1 << 20);
        for round in 0..4u8 {
            for _ in 0..CHUNKS {
                let Poll::Ready(mut buffer) = buffers.poll_free(1 << 20) else { panic!("round {round}: no buffer") };
                assert_eq!(buffer.len(), CHUNK);
                buffer[0] = round;
                buffers.push(buffer, CHUNK);
            }
            assert!(buffers.poll_free(1).is_pending() && buffers.is_starved() && !buffers.can_refill() && !buffers.is_written());
            let first = frame(&mut body).expect("a chunk");
            assert_eq!((first.chunk()[0], first.remaining()), (round, CHUNK));
            drop(first);
            assert!(buffers.can_refill() && !buffers.is_written());
            let second = frame(&mut body).expect("the other chunk");
            assert!(!buffers.is_written(), "hyper has it");
            drop(second);
            assert!(buffers.is_written());
        }
        assert!(body.is_end_stream() && frame(&mut body).is_none());
    }

    #[test]
    fn small_bodies_take_small_buffers() {
        let buffers = Arc::new(BodyBuffers::default());
        for (wanted, size) in [(10, 10), (4096, 4096), (1, 4096)] {
            let Poll::Ready(buffer) = buffers.poll_free(wanted) else { panic!("no buffer") };
            assert_eq!(buffer.len(), size, "a small one grows");
            buffers.push(buffer, 1);
            drop(frame(&mut RequestBody::new(Arc::clone(&buffers), 1)).expect("a chunk"));
        }
    }

    #[test]
    fn after_a_dropped_request_all_buffers_are_free() {
        let mut buffers = Arc::new(BodyBuffers::default());
        for _ in 0..3 {
            let Poll::Ready(buffer) = buffers.poll_free(10) else { panic!("no buffer") };
            buffers.push(buffer, 10);
            // This one is dropped with whoever was filling it.
            assert!(buffers.poll_free(10).is_ready());
            assert!(buffers.poll_free(10).is_pending());
            Arc::get_mut(&mut buffers).expect("a pushed buffer holds no reference").clear();
            assert!(frame(&mut RequestBody::new(Arc::clone(&buffers), 10)).is_none(), "bytes of an earlier request");
        }
    }
}
