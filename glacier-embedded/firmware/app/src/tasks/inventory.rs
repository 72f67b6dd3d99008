//! Prints the inventory of a vault: starts a job, which takes the service hours, and then reads the list of archives item by item.

use core::pin::pin;

use embedded_io_async::Read;
use glacier_core::VaultRef;
use glacier_core::inventory::JsonInventory;
use glacier_core::ops::{DescribeJob, GetJobOutput, InitiateJob, InventoryFormat, InventoryRetrieval, JobKind};
use glacier_core::values::ids::{Job, JobId, OwnedId};
use glacier_core::waiters::{WaitError, WaiterConfig, until_job_succeeds};

use crate::console::{Console, Quoted};
use crate::description::OrDash;
use crate::own_frame::in_own_frame;
use crate::service::{Failed, Link, Reason};
use crate::settings::Settings;

/// Bytes for the request and the headers of its response. The rest of the buffer holds an item: with a description of 1,024 characters it
/// has about 1.5 KiB, or 2.5 KiB if every character of it is escaped.
const HEAD: usize = 1536;

/// Starts the job, waits until it is done, and reads the inventory.
pub(crate) async fn inventory(link: &mut Link<'_>, settings: &Settings<'_>, vault: VaultRef<'_>) -> Result<(), Failed> {
    let job = in_own_frame(pin!(start(link, vault))).await?;
    in_own_frame(pin!(wait(link, settings, vault, job.as_id()))).await?;
    in_own_frame(pin!(read(link, vault, job.as_id()))).await
}

async fn start(link: &mut Link<'_>, vault: VaultRef<'_>) -> Result<OwnedId<Job>, Failed> {
    let kind = JobKind::Inventory(InventoryRetrieval { format: Some(InventoryFormat::Json), filter: None });
    let start = InitiateJob { vault, kind, tier: None, description: None, sns_topic: None };
    let console = link.console;
    let id = link.call(&start, link.control).await?.job_id().map(|id| id.to_owned());
    let job = match id {
        Ok(Ok(job)) => job,
        Ok(Err(error)) => return Err(link.reason.all(&error)),
        Err(error) => return Err(link.reason.all(&error)),
    };
    console.line(format_args!("job id={job} status=InProgress"));
    Ok(job)
}

/// Polls the job until it has succeeded.
async fn wait(link: &mut Link<'_>, settings: &Settings<'_>, vault: VaultRef<'_>, job: JobId<'_>) -> Result<(), Failed> {
    let Link { client, environment, buf, reason, console, .. } = link;
    // Jobs end by themselves, so the number of polls is not limited.
    let polling = WaiterConfig::every(settings.poll.saturating_mul(1000), u32::MAX);
    match &in_own_frame(pin!(until_job_succeeds(client, &DescribeJob { vault, job }, polling, environment, buf))).await {
        Ok(()) => {
            console.line(format_args!("job id={job} status=Succeeded"));
            Ok(())
        }
        Err(WaitError::Failed(error)) => Err(reason.call(error)),
        Err(error) => Err(reason.all(error)),
    }
}

async fn read(link: &mut Link<'_>, vault: VaultRef<'_>, job: JobId<'_>) -> Result<(), Failed> {
    let Link { client, environment, buf, reason, console, control, .. } = link;
    let (head, items) = buf.split_at_mut(HEAD.min(buf.len()));
    let operation = GetJobOutput { vault, job, range: None };
    // Not moved once it is there: a download has more than 1 KiB.
    match &mut in_own_frame(pin!(client.fetch_retrying(&operation, *control, environment, head))).await {
        Ok(output) => in_own_frame(pin!(print_items(*console, reason, output, items))).await,
        Err(error) => Err(reason.call(error)),
    }
}

/// Reads the inventory through `buf`, item by item.
async fn print_items<R: Read>(console: Console, reason: &mut Reason, output: R, buf: &mut [u8]) -> Result<(), Failed> {
    let mut inventory = JsonInventory::new(output, buf);
    let mut count = 0u64;
    while let Some(item) = inventory.next().await.map_err(|error| reason.this(&error))? {
        count += 1;
        let (id, bytes) = (OrDash(item.archive_id), OrDash(item.size));
        console.line(format_args!("item archive={id} bytes={bytes} description={}", Quoted(OrDash(item.description))));
    }
    console.line(format_args!("inventory items={count}"));
    Ok(())
}
