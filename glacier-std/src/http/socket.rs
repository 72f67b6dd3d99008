//! The TCP socket below hyper, monitored: have bytes moved, did a write fail, has the peer closed it while it was idle?

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What the connection knows of its socket, which is below hyper and TLS.
#[derive(Debug, Default)]
pub(super) struct Watch {
    moved: AtomicU64,
    received: AtomicU64,
    probing: AtomicBool,
    write_error: Mutex<Option<io::Error>>,
}

impl Watch {
    /// Changes whenever bytes have been sent or received.
    pub(super) fn moved(&self) -> u64 {
        self.moved.load(Relaxed)
    }

    /// Bytes received so far.
    pub(super) fn received(&self) -> u64 {
        self.received.load(Relaxed)
    }

    /// While `on`, a read asks the system without waiting, and takes any bytes on an idle connection for its end.
    pub(super) fn probe(&self, on: bool) {
        self.probing.store(on, Relaxed);
    }

    /// The error of the first failed write; `None` when asked again.
    pub(super) fn take_write_error(&self) -> Option<io::Error> {
        self.write_error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn note(&self, bytes: usize) {
        self.moved.fetch_add(bytes as u64, Relaxed);
    }

    /// The error of a failed write is kept, and the write stays pending: the service may have responded before it closed the
    /// connection, and that response is still to be read. If there is none, reading ends, and the error is reported then.
    fn wrote(&self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(bytes)) => {
                self.note(bytes);
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => {
                self.write_error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

/// A TCP connection and its [`Watch`].
#[derive(Debug)]
pub(super) struct Socket {
    tcp: TcpStream,
    watch: Arc<Watch>,
}

impl Socket {
    pub(super) fn new(tcp: TcpStream) -> Self {
        Socket { tcp, watch: Arc::default() }
    }

    pub(super) fn watch(&self) -> Arc<Watch> {
        Arc::clone(&self.watch)
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.watch.probing.load(Relaxed) {
            // The runtime may not know yet that the peer has closed; the system does. No bytes are expected on an idle connection,
            // so they end it too: a response without a request, or close_notify of TLS.
            return match SockRef::from(&self.tcp).peek(&mut [MaybeUninit::uninit()]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
                _ => Poll::Ready(Ok(())),
            };
        }
        let before = buf.filled().len();
        let result = Pin::new(&mut self.tcp).poll_read(cx, buf);
        let received = buf.filled().len() - before;
        self.watch.note(received);
        self.watch.received.fetch_add(received as u64, Relaxed);
        result
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.tcp).poll_write(cx, buf);
        self.watch.wrote(result)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs);
        self.watch.wrote(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
