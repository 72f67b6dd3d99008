//! What every task talks to the service with.

use embassy_net::tcp::client::TcpClient;
use embassy_time::Delay;
use glacier_core::retry::RetryPolicy;
use glacier_core::{Client, Credentials, Error, Operation, Timestamp};
use glacier_embedded::HttpTransport;

use crate::console::Console;
use crate::environment::Surroundings;

/// One connection, with a window of this many bytes each way: smaller halves the speed, larger gains nothing.
pub(crate) const WINDOW: usize = 1024;
/// The network, as the transport wants it.
pub(crate) type Net<'n> = TcpClient<'n, 1, WINDOW, WINDOW>;
/// What can go wrong on the way.
pub(crate) type NetError = glacier_embedded::Error<embassy_net::tcp::Error>;
/// The failure of a call.
pub(crate) type CallError = Error<NetError>;

/// A client, its surroundings and a buffer for its calls.
pub(crate) struct Link<'n> {
    pub(crate) client: Client<HttpTransport<'n, Net<'n>, Delay>, Credentials<'n>>,
    pub(crate) surroundings: Surroundings<'n>,
    pub(crate) console: Console,
    /// The request, then the answer; between calls, pieces of a body that is hashed.
    pub(crate) buf: &'n mut [u8],
    /// The tries of a part, of an archive, of completing one.
    pub(crate) uploads: RetryPolicy,
    /// The tries of any other request.
    pub(crate) control: RetryPolicy,
}

impl Link<'_> {
    /// Calls the service; tries again as far as that is right.
    pub(crate) async fn call<O: Operation + Sync>(&mut self, operation: &O) -> Result<O::Answer<'_>, CallError> {
        self.client.send_retrying(operation, self.control, &mut self.surroundings, self.buf).await
    }

    /// Calls the service once, and does not mind how it goes.
    pub(crate) async fn try_once<O: Operation + Sync>(&mut self, operation: &O) {
        let once = RetryPolicy { max_attempts: 1, ..self.control };
        let _ = self.client.send_retrying(operation, once, &mut self.surroundings, self.buf).await;
    }

    /// The time, for a call whose answer is a stream.
    pub(crate) async fn now(&mut self) -> Result<Timestamp, CallError> {
        self.client.now(&mut self.surroundings, self.buf).await
    }
}
