//! The far end of the cable: a second stack that accepts a device's connections and forwards them to a server on this host.
//!
//! Data, its end and resets pass from either side to the other. embassy-net drops connections silently; as with real servers, TCP's
//! keep-alive notices.

use std::net::SocketAddr;
use std::time::Duration;

use embassy_futures::select::{Either, select};
use embassy_net::Stack;
use embassy_net::tcp::{TcpReader, TcpSocket, TcpWriter};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};

/// Bytes of each buffer of a connection: twice what a device sends at a time. That fills half of the window, and reading it opens the
/// window at once; with a larger buffer smoltcp would delay its acknowledgement of a single segment.
const BUFFER: usize = 2 << 10;
/// Bytes of the host's own send buffer: the fewest it accepts, so that a device notices when a server does not read.
const HOST_BUFFER: u32 = 16 << 10;

/// The keep-alive interval of idle connections, in milliseconds.
const KEEP_ALIVE_MS: u64 = 20;

/// Who ended a connection.
enum End {
    /// The device closed it, reset it or has forgotten it.
    Device,
    /// The server closed it.
    Closed,
    /// The server reset it.
    Reset,
}

/// Forwards one connection after the other at the server's port, for ever.
pub(crate) async fn forward(stack: Stack<'static>, server: SocketAddr) {
    let (mut receive, mut send) = (vec![0; BUFFER], vec![0; BUFFER]);
    loop {
        let mut socket = TcpSocket::new(stack, &mut receive, &mut send);
        socket.set_keep_alive(Some(embassy_time::Duration::from_millis(KEEP_ALIVE_MS)));
        if socket.accept(server.port()).await.is_err() {
            continue;
        }
        let end = match connect(server).await {
            Ok(stream) => connection(&mut socket, stream).await,
            Err(_) => End::Reset,
        };
        // What the server sent before the end goes first, however the connection ended.
        let _ = socket.flush().await;
        if matches!(end, End::Closed) {
            socket.close();
            // Data sent to a closed connection causes a reset.
            let _ = socket.read(&mut [0]).await;
        }
        socket.abort();
        let _ = socket.flush().await;
    }
}

async fn connect(server: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.set_send_buffer_size(HOST_BUFFER)?;
    socket.connect(server).await
}

async fn connection(socket: &mut TcpSocket<'_>, mut stream: TcpStream) -> End {
    let (reader, writer) = socket.split();
    let (from_server, to_server) = stream.split();
    match select(up(reader, to_server), down(from_server, writer)).await {
        Either::First(end) | Either::Second(end) => end,
    }
}

async fn up(mut device: TcpReader<'_>, mut server: WriteHalf<'_>) -> End {
    let mut piece = vec![0; BUFFER];
    loop {
        match device.read(&mut piece).await {
            Ok(0) | Err(_) => return End::Device,
            Ok(got) => {
                if server.write_all(&piece[..got]).await.is_err() {
                    // The server is gone; what it sent last is still on its way down.
                    tokio::time::sleep(Duration::from_secs(600)).await;
                }
            }
        }
    }
}

async fn down(mut server: ReadHalf<'_>, mut device: TcpWriter<'_>) -> End {
    let mut piece = vec![0; BUFFER];
    loop {
        let got = match server.read(&mut piece).await {
            Ok(0) => return End::Closed,
            Ok(got) => got,
            Err(_) => return End::Reset,
        };
        let mut rest = &piece[..got];
        while !rest.is_empty() {
            match device.write(rest).await {
                Ok(0) | Err(_) => return End::Device,
                Ok(taken) => rest = &rest[taken..],
            }
        }
    }
}
