//! What every task calls the service with.

use core::pin::{Pin, pin};

use embassy_time::Delay;
use embedded_sdmmc::BlockDevice;
use glacier_core::retry::RetryPolicy;
use glacier_core::{Client, Credentials, Operation, Upload};
use glacier_embedded::HttpTransport;

use super::body::Body;
use super::environment::DeviceEnvironment;
use super::failure::{Failed, Reason};
use super::net::Net;
use crate::console::Console;
use crate::own_frame::in_own_frame;

/// A client, its environment and a buffer for its calls.
pub(crate) struct Link<'n> {
    pub(crate) client: Client<HttpTransport<'n, Net<'n>, Delay>, Credentials<'n>>,
    pub(crate) environment: DeviceEnvironment<'n>,
    pub(crate) console: Console,
    /// A request, then its response; between calls, pieces of a body that is hashed.
    pub(crate) buf: &'n mut [u8],
    /// For uploading an archive or a part, and for completing an upload.
    pub(crate) uploads: RetryPolicy,
    /// For all other requests.
    pub(crate) control: RetryPolicy,
    pub(crate) reason: &'n mut Reason,
}

impl Link<'_> {
    /// Calls the service, with retries.
    pub(crate) async fn call<O: Operation + Sync>(&mut self, operation: &O, policy: RetryPolicy) -> Result<O::Output<'_>, Failed> {
        let Link { client, environment, buf, reason, .. } = self;
        let call =
            pin!(async { client.send_retrying(operation, policy, environment, buf).await.map_err(|error| reason.call(&error)) });
        check_size(&call);
        in_own_frame(call).await
    }

    /// Uploads a body, with retries. `creates_archive`: the call creates an archive, not only a part.
    pub(crate) async fn upload<O: Upload + Sync, D: BlockDevice>(
        &mut self,
        operation: &O,
        body: &mut Body<'_, D>,
        creates_archive: bool,
    ) -> Result<O::Output<'_>, Failed> {
        let Link { client, environment, buf, reason, uploads, .. } = self;
        let call = pin!(async {
            let sent = client.upload_retrying(operation, body, *uploads, environment, buf).await;
            sent.map_err(|error| if creates_archive { reason.archive_call(&error) } else { reason.call(&error) })
        });
        check_size(&call);
        in_own_frame(call).await
    }
}

/// The most that a call may take while it runs, in bytes: its future and the link with its client, without buffers.
const LIMIT: usize = 4096;

/// Fails the build for the device if a call takes more.
fn check_size<F: Future>(_: &Pin<&mut F>) {
    const { assert!(size_of::<usize>() > 4 || size_of::<F>() + size_of::<Link<'_>>() <= LIMIT) }
}
