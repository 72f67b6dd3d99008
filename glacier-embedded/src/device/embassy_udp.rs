//! embassy-net's UDP sockets through embedded-nal-async, which embassy-net itself does not implement.

use core::fmt;

use embassy_net::IpEndpoint;
use embassy_net::udp::{BindError, RecvError, SendError, UdpSocket};
use embedded_io_async::ErrorKind;
use embedded_nal_async::ConnectedUdp;

/// A UDP socket of embassy-net with one peer, for [`sntp::synchronize`](crate::sntp::synchronize).
///
/// SNTP needs buffers of 128 bytes and metadata for one packet in each direction.
pub struct EmbassyUdp<'s> {
    socket: UdpSocket<'s>,
    peer: IpEndpoint,
}

impl<'s> EmbassyUdp<'s> {
    /// Binds `socket`, which must not be bound yet, to a free port.
    ///
    /// # Errors
    /// embassy-net's [`BindError`].
    pub fn connect(mut socket: UdpSocket<'s>, peer: IpEndpoint) -> Result<Self, BindError> {
        socket.bind(0)?;
        Ok(EmbassyUdp { socket, peer })
    }
}

impl fmt::Debug for EmbassyUdp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbassyUdp").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl ConnectedUdp for EmbassyUdp<'_> {
    type Error = UdpError;

    async fn send(&mut self, data: &[u8]) -> Result<(), UdpError> {
        self.socket.send_to(data, self.peer).await.map_err(UdpError)
    }

    /// Ignores packets from other peers, and packets larger than `buffer`.
    async fn receive_into(&mut self, buffer: &mut [u8]) -> Result<usize, UdpError> {
        loop {
            match self.socket.recv_from(buffer).await {
                Ok((got, from)) if from.endpoint == self.peer => return Ok(got),
                Ok(_) | Err(RecvError::Truncated) => {}
            }
        }
    }
}

/// embassy-net could not send the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UdpError(pub SendError);

impl fmt::Display for UdpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            SendError::NoRoute => "no route to the peer: check that the network is up",
            SendError::SocketNotBound => "the socket is not bound",
            SendError::PacketTooLarge => "the socket's send buffer is smaller than the packet",
        })
    }
}

impl core::error::Error for UdpError {}

impl embedded_io_async::Error for UdpError {
    fn kind(&self) -> ErrorKind {
        match self.0 {
            SendError::NoRoute => ErrorKind::AddrNotAvailable,
            SendError::SocketNotBound => ErrorKind::NotConnected,
            SendError::PacketTooLarge => ErrorKind::OutOfMemory,
        }
    }
}
