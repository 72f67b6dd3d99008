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
    /// Filled, not yet taken by hyper.
    full: VecDeque<Chunk>,
    /// How many there are in all; they are made when they are first needed.
    made: usize,
    /// The filling side has asked for a buffer and got none.
    starved: bool,
}

impl Pipe {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops what an earlier request, given up half way, left behind.
    pub(super) fn clear(&self) {
        let stale = std::mem::take(&mut self.state().full);
        drop(stale);
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
    pub(super) fn push(self: &Arc<Self>, bytes: Vec<u8>, filled: usize) {
        let chunk = Chunk { end: filled.min(bytes.len()), bytes, at: 0, home: Arc::clone(self) };
        self.state().full.push_back(chunk);
    }

    /// Gives back a buffer that was not filled.
    pub(super) fn give_back(&self, bytes: Vec<u8>) {
        self.state().free.push(bytes);
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
        self.home.give_back(std::mem::take(&mut self.bytes));
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
        let Some(chunk) = self.pipe.state().full.pop_front() else { return Poll::Pending };
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
    fn small_bodies_take_small_buffers_and_leftovers_are_dropped() {
        let pipe = Arc::new(Pipe::default());
        let Poll::Ready(buffer) = pipe.poll_free(10) else { panic!("no buffer") };
        assert_eq!(buffer.len(), 10);
        pipe.push(buffer, 10);
        pipe.clear();
        assert!(frame(&mut Outgoing::new(Arc::clone(&pipe), 10)).is_none());
        let Poll::Ready(buffer) = pipe.poll_free(4096) else { panic!("no buffer") };
        assert_eq!(buffer.len(), 4096, "a small one grows");
    }
}
