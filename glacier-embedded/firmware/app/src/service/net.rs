//! The network types that the transport is built on.

use embassy_net::tcp::client::TcpClient;

/// Bytes of TCP buffer in each direction: half of it halves the speed, more gains nothing.
pub(crate) const TCP_BUFFER: usize = 1024;
/// TCP with one connection at a time.
pub(crate) type Net<'n> = TcpClient<'n, 1, TCP_BUFFER, TCP_BUFFER>;
/// The transport's error.
pub(crate) type NetError = glacier_embedded::Error<embassy_net::tcp::Error>;
