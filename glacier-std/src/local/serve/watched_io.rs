//! A connection's bytes, watched: when a response is on its way, and how long a head takes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::connections::Slot;

/// How long the head of a request may take from its first byte on.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Tells the slot what was flushed, and fails a read when a head takes too long.
pub(super) struct WatchedIo<I> {
    io: I,
    slot: Arc<Slot>,
    /// Runs from the first byte of a head on.
    head: Option<Pin<Box<Sleep>>>,
}

impl<I> WatchedIo<I> {
    pub(super) fn new(io: I, slot: Arc<Slot>) -> Self {
        WatchedIo { io, slot, head: None }
    }

    pub(super) fn into_inner(self) -> I {
        self.io
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for WatchedIo<I> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.io).poll_read(context, into);
        if !self.slot.is_idle() {
            self.head = None;
        } else if into.filled().len() > before {
            self.head.get_or_insert_with(|| Box::pin(sleep(HEAD_TIMEOUT)));
        }
        match &mut self.head {
            Some(head) if read.is_pending() => head.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into())),
            _ => read,
        }
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for WatchedIo<I> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(context);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.slot.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::serve::connections::{Connections, State};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn a_head_takes_30_seconds_at_most_however_often_a_byte_arrives() {
        let slot = Arc::new(Connections::new(1).admit([127, 0, 0, 1].into()).unwrap());
        let (ours, mut theirs) = duplex(64);
        let mut ours = WatchedIo::new(ours, slot.clone());
        let begin = Instant::now();
        let slow = async {
            loop {
                sleep(Duration::from_secs(7)).await;
                theirs.write_all(b"G").await.unwrap();
            }
        };
        let read = async {
            loop {
                if let Err(error) = ours.read_u8().await {
                    return error.kind();
                }
            }
        };
        tokio::pin!(slow);
        let kind = tokio::select! { kind = read => kind, () = &mut slow => unreachable!() };
        assert_eq!((kind, begin.elapsed().as_secs()), (io::ErrorKind::TimedOut, 37));
        // What follows a head has limits of its own.
        slot.set(State::Working);
        let mut other = WatchedIo::new(ours.into_inner(), slot);
        for _ in 0..9 {
            tokio::select! { byte = other.read_u8() => drop(byte.unwrap()), () = &mut slow => unreachable!() }
        }
        assert!(begin.elapsed().as_secs() > 90);
    }
}
