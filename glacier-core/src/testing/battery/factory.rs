//! Where the battery gets its transports from.

use core::time::Duration;
use std::net::SocketAddr;

use crate::transport::Transport;

/// Makes transports of one kind.
pub trait Factory {
    /// The kind.
    type Transport: Transport;

    /// A transport to this address by plain HTTP, which fails when its peer sends and accepts nothing for `idle_timeout`.
    ///
    /// The address is the same for all requests, whatever their [`host`](crate::Request::host).
    fn transport(&self, server: SocketAddr, idle_timeout: Duration) -> Self::Transport;
}
