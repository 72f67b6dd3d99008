//! All buffers in one struct, which a board keeps in a static: they are neither on the stack nor moved.

use core::fmt;

use embassy_net::StackResources;
use embassy_net::tcp::client::TcpClientState;

use crate::service::{Reason, TCP_BUFFER};

/// Memory that the application uses while it runs.
pub struct Memory {
    /// One socket for TCP, one for UDP.
    pub(crate) sockets: StackResources<2>,
    pub(crate) tcp: TcpClientState<1, TCP_BUFFER, TCP_BUFFER>,
    pub(crate) udp: UdpBuffers,
    /// Path and query of a request, then the head of its response.
    pub(crate) receive: [u8; 1536],
    /// Pieces of a request.
    pub(crate) send: [u8; TCP_BUFFER],
    /// The headers of a request, then its response; between calls, pieces of a body that is hashed; items of an inventory.
    pub(crate) buf: [u8; 4096],
    pub(crate) reason: Reason,
}

/// Room for one request to a time server, and one reply.
pub(crate) struct UdpBuffers {
    pub(crate) receive: [u8; 128],
    pub(crate) send: [u8; 64],
}

impl Memory {
    /// All zeros, which take no flash.
    pub const fn new() -> Self {
        Memory {
            sockets: StackResources::new(),
            tcp: TcpClientState::new(),
            udp: UdpBuffers { receive: [0; 128], send: [0; 64] },
            receive: [0; 1536],
            send: [0; TCP_BUFFER],
            buf: [0; 4096],
            reason: Reason::new(),
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Memory::new()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}
