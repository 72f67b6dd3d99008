//! What every task talks to the service with.

use core::pin::{Pin, pin};

use embassy_net::tcp::client::TcpClient;
use embassy_time::Delay;
use embedded_sdmmc::BlockDevice;
use glacier_core::retry::RetryPolicy;
use glacier_core::{Client, Credentials, Operation, Upload};
use glacier_embedded::HttpTransport;

use crate::apart::apart;
use crate::body::Body;
use crate::console::Console;
use crate::environment::Surroundings;
use crate::why::{Failed, Why};

/// One connection, with a window of this many bytes each way: smaller halves the speed, larger gains nothing.
pub(crate) const WINDOW: usize = 1024;
/// The network, as the transport wants it.
pub(crate) type Net<'n> = TcpClient<'n, 1, WINDOW, WINDOW>;
/// What can go wrong on the way.
pub(crate) type NetError = glacier_embedded::Error<embassy_net::tcp::Error>;

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
    pub(crate) why: &'n mut Why,
}

impl Link<'_> {
    /// Calls the service; tries again as far as that is right.
    pub(crate) async fn call<O: Operation + Sync>(&mut self, operation: &O, policy: RetryPolicy) -> Result<O::Output<'_>, Failed> {
        let Link { client, surroundings, buf, why, .. } = self;
        let call =
            pin!(async { client.send_retrying(operation, policy, surroundings, buf).await.map_err(|error| why.call(&error)) });
        check_state(&call);
        apart(call).await
    }

    /// Sends a body; tries again as far as that is right. `last` says that the call makes an archive.
    pub(crate) async fn upload<O: Upload + Sync, D: BlockDevice>(
        &mut self,
        operation: &O,
        body: &mut Body<'_, D>,
        last: bool,
    ) -> Result<O::Output<'_>, Failed> {
        let Link { client, surroundings, buf, why, uploads, .. } = self;
        let call = pin!(async {
            let sent = client.upload_retrying(operation, body, *uploads, surroundings, buf).await;
            sent.map_err(|error| if last { why.last_call(&error) } else { why.call(&error) })
        });
        check_state(&call);
        apart(call).await
    }
}

/// Bytes that a call may take while it runs: its future and the link, with the client in it, but none of the buffers.
const STATE: usize = 4096;

/// On a device, a call that takes more does not compile.
fn check_state<F: Future>(_: &Pin<&mut F>) {
    const { assert!(size_of::<usize>() > 4 || size_of::<F>() + size_of::<Link<'_>>() <= STATE) }
}
