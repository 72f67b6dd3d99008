//! The buffers, in one place: a board keeps them in a static, so that they are neither on the stack nor moved.

use core::fmt;

use embassy_net::StackResources;
use embassy_net::tcp::client::TcpClientState;

use crate::link::WINDOW;

/// Memory that the application uses as long as it runs.
pub struct Memory {
    /// One for TCP, one for SNTP.
    pub(crate) sockets: StackResources<2>,
    pub(crate) windows: TcpClientState<1, WINDOW, WINDOW>,
    /// Path and query of a request, then the head of the answer.
    pub(crate) receive: [u8; 1536],
    /// Pieces of a request.
    pub(crate) send: [u8; WINDOW],
    /// A request's headers, then the answer; between calls, pieces of a body that is hashed.
    pub(crate) buf: [u8; 2048],
    /// An item of an inventory.
    pub(crate) item: [u8; 3072],
}

impl Memory {
    /// All of it.
    pub const fn new() -> Self {
        Memory {
            sockets: StackResources::new(),
            windows: TcpClientState::new(),
            receive: [0; 1536],
            send: [0; WINDOW],
            buf: [0; 2048],
            item: [0; 3072],
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
