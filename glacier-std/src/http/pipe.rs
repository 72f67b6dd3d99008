//! From a borrowed source to hyper, within one task: a few buffers that go round.
//!
//! hyper wants a body that owns its data and lives for ever; a source is borrowed and asynchronous. So the task that sends fills a
//! buffer from the source, hands it over here, and polls hyper, which takes it. When hyper has written it, it comes back by itself.
//! No waker is needed, as both ends are polled one after the other by the same task (see [`Connection`](super::connection::Connection)).

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};

/// Bytes in a buffer. It stays in a core's cache between reading and writing; larger ones measured slower.
const CHUNK: usize = 128 * 1024;
/// Buffers that go round: one can be filled while another is written.
const CHUNKS: usize = 2;

/// The buffers, and which are where.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Ready to be filled.
    free: Vec<Vec<u8>>,
    /// Filled, not yet taken by hyper; with how many bytes.
    full: VecDeque<(Vec<u8>, usize)>,
    /// How many there are in all; they are made when they are first needed.
    made: usize,
    /// The filling side has asked for a buffer and got none.
    starved: bool,
}

impl Pipe {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what an earlier request, given up half way, left behind. No chunk of it may be under way any more, which `&mut` shows:
    /// each holds on to its pipe.
    pub(super) fn clear(&mut self) {
        let mut state = self.state();
        let full = std::mem::take(&mut state.full);
        state.free.extend(full.into_iter().map(|(bytes, _)| bytes));
        // A buffer that was being filled went with the one who filled it.
        state.made = state.free.len();
        state.starved = false;
    }

    /// A buffer of at least `wanted` bytes or of the usual size. Pending when all are under way; whoever polls looks at
    /// [`can_refill`](Pipe::can_refill) after each step of the writing side.
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

    /// Whether the filling side waits for a buffer, and whether it does so in vain.
    pub(super) fn is_starved(&self) -> bool {
        self.state().starved
    }

    /// Whether the filling side waits for a buffer and there is one now.
    pub(super) fn can_refill(&self) -> bool {
        let state = self.state();
        state.starved && !state.free.is_empty()
    }

    /// Hands over the first `filled` bytes of a buffer.
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

/// A filled buffer on its way through hyper; dropped, it goes home.
#[derive(Debug)]
pub(super) struct Chunk {
    bytes: Vec<u8>,
    at: usize,
    end: usize,
    home: Arc<Pipe>,
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
        self.home.state().free.push(bytes);
    }
}

/// The body hyper sends: what comes through the pipe, `left` bytes of it.
#[derive(Debug)]
pub(super) struct Outgoing {
    pipe: Arc<Pipe>,
    left: u64,
}

impl Outgoing {
    pub(super) fn new(pipe: Arc<Pipe>, size: u64) -> Self {
        Outgoing { pipe, left: size }
    }
}

impl Body for Outgoing {
    type Data = Chunk;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Chunk>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let Some((bytes, filled)) = self.pipe.state().full.pop_front() else { return Poll::Pending };
        let chunk = Chunk { end: filled.min(bytes.len()), bytes, at: 0, home: Arc::clone(&self.pipe) };
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

    fn frame(body: &mut Outgoing) -> Option<Chunk> {
        match Pin::new(body).poll_frame(&mut Context::from_waker(std::task::Waker::noop())) {
            Poll::Ready(Some(Ok(frame))) => Some(frame.into_data().expect("data")),
            Poll::Ready(None) | Poll::Pending => None,
        }
    }

    #[test]
    fn two_buffers_go_round() {
        let pipe = Arc::new(Pipe::default());
        let mut body = Outgoing::new(Arc::clone(&pipe), 1 << 20);
        for round in 0..4u8 {
            for _ in 0..CHUNKS {
                let Poll::Ready(mut buffer) = pipe.poll_free(1 << 20) else { panic!("round {round}: no buffer") };
                assert_eq!(buffer.len(), CHUNK);
                buffer[0] = round;
                pipe.push(buffer, CHUNK);
            }
            assert!(pipe.poll_free(1).is_pending() && pipe.is_starved() && !pipe.can_refill());
            let first = frame(&mut body).expect("a chunk");
            assert_eq!((first.chunk()[0], first.remaining()), (round, CHUNK));
            drop(first);
            assert!(pipe.can_refill());
            drop(frame(&mut body).expect("the other chunk"));
        }
        assert!(body.is_end_stream() && frame(&mut body).is_none());
    }

    #[test]
    fn small_bodies_take_small_buffers() {
        let pipe = Arc::new(Pipe::default());
        for (wanted, size) in [(10, 10), (4096, 4096), (1, 4096)] {
            let Poll::Ready(buffer) = pipe.poll_free(wanted) else { panic!("no buffer") };
            assert_eq!(buffer.len(), size, "a small one grows");
            pipe.push(buffer, 1);
            drop(frame(&mut Outgoing::new(Arc::clone(&pipe), 1)).expect("a chunk"));
        }
    }

    #[test]
    fn after_a_request_given_up_all_buffers_are_there_again() {
        let mut pipe = Arc::new(Pipe::default());
        for _ in 0..3 {
            let Poll::Ready(buffer) = pipe.poll_free(10) else { panic!("no buffer") };
            pipe.push(buffer, 10);
            // This one is lost with whoever was filling it.
            assert!(pipe.poll_free(10).is_ready());
            assert!(pipe.poll_free(10).is_pending());
            Arc::get_mut(&mut pipe).expect("what lies in a pipe does not hold on to it").clear();
            assert!(frame(&mut Outgoing::new(Arc::clone(&pipe), 10)).is_none(), "bytes of an earlier request");
        }
    }
}
