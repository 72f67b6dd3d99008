//! The buffers, in one place: a board keeps them in a static, so that they are neither on the stack nor moved.

use core::fmt;

use embassy_net::StackResources;
use embassy_net::tcp::client::TcpClientState;

use crate::link::WINDOW;
use crate::why::Why;

/// Memory that the application uses as long as it runs.
pub struct Memory {
    /// One for TCP, one for UDP.
    pub(crate) sockets: StackResources<2>,
    pub(crate) windows: TcpClientState<1, WINDOW, WINDOW>,
    pub(crate) datagrams: Datagrams,
    /// Path and query of a request, then the head of the answer.
    pub(crate) receive: [u8; 1536],
    /// Pieces of a request.
    pub(crate) send: [u8; WINDOW],
    /// A request's headers, then the answer; between calls, pieces of a body that is hashed; an inventory's items.
    pub(crate) buf: [u8; 4096],
    pub(crate) why: Why,
}

/// Room for one question to a time server, and one answer.
pub(crate) struct Datagrams {
    pub(crate) receive: [u8; 128],
    pub(crate) send: [u8; 64],
}

impl Memory {
    /// All of it: zeros, which take no flash.
    pub const fn new() -> Self {
        Memory {
            sockets: StackResources::new(),
            windows: TcpClientState::new(),
            datagrams: Datagrams { receive: [0; 128], send: [0; 64] },
            receive: [0; 1536],
            send: [0; WINDOW],
            buf: [0; 4096],
            why: Why::new(),
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
