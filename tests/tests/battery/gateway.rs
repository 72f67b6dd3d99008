//! The far end of the cable: a second stack that takes a device's connections and carries them on to a server on this host.
//!
//! What happens to one side of a connection happens to the other: data, the end of it, and resets. A device of embassy-net drops
//! connections without a word; as with real servers, it is TCP's keep-alive that finds out.

use std::net::SocketAddr;
use std::time::Duration;

use embassy_futures::select::{Either, select};
use embassy_net::Stack;
use embassy_net::tcp::{TcpReader, TcpSocket, TcpWriter};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};

/// Bytes of each buffer of a connection. With twice what a device sends at a time, the window is half closed by it, and reading opens it
/// at once; smoltcp would delay its acknowledgement of a single segment else.
const BUFFER: usize = 2 << 10;
/// Bytes of the host's own send buffer: as few as it takes, so that a device notices when a server does not read.
const HOST_BUFFER: u32 = 16 << 10;

/// How often an idle connection is asked whether it is still there, in milliseconds.
const KEEP_ALIVE_MS: u64 = 20;

/// How a connection came to its end.
enum End {
    /// The device closed it, reset it, or does not know it any more.
    Device,
    /// The server closed it.
    Closed,
    /// The server reset it.
    Reset,
}

/// Takes one connection after the other at the server's port, for ever.
pub(crate) async fn carry(stack: Stack<'static>, server: SocketAddr) {
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
        // What the server said before its end comes first, however it ended.
        let _ = socket.flush().await;
        if matches!(end, End::Closed) {
            socket.close();
            // Who sends to a closed connection is answered with a reset.
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
                    // The server is gone; what it said last is still on its way down.
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
