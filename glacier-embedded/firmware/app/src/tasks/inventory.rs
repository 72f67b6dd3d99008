//! What is in a vault: a job that takes the service hours, then its list, archive by archive.

use embassy_time::Timer;
use embedded_sdmmc::BlockDevice;
use glacier_core::VaultRef;
use glacier_core::id::{Job, OwnedId};
use glacier_core::inventory::JsonInventory;
use glacier_core::ops::{DescribeJob, GetJobOutput, InitiateJob, InventoryFormat, InventoryRetrieval, JobKind, StatusCode};

use crate::console::Quoted;
use crate::describe::OrDash;
use crate::link::Link;
use crate::settings::Settings;
use crate::stop::Stop;

/// Bytes for the request and the answer's headers. The rest of the buffer holds an item: with a description of 1,024 characters it
/// has about 1.5 KiB, or 2.5 KiB when every character of it is escaped.
const HEAD: usize = 1536;

/// Starts the job, waits for its end, and reads the inventory.
pub(crate) async fn inventory<D: BlockDevice>(
    link: &mut Link<'_>,
    settings: &Settings<'_>,
    vault: VaultRef<'_>,
) -> Result<(), Stop<D>> {
    let kind = JobKind::Inventory(InventoryRetrieval { format: Some(InventoryFormat::Json), filter: None });
    let start = InitiateJob { vault, kind, tier: None, description: None, sns_topic: None };
    let job: OwnedId<Job> = link.call(&start).await?.job_id()?.to_owned().map_err(Stop::Id)?;
    let console = link.console;
    loop {
        let described = link.call(&DescribeJob { vault, job: job.as_id() }).await?;
        let status = described.status();
        console.line(format_args!("job id={} status={}", job.as_id(), OrDash(described.status_code)));
        match status {
            StatusCode::Succeeded => break,
            StatusCode::Failed => return Err(Stop::JobFailed),
            _ => Timer::after_secs(settings.poll.into()).await,
        }
    }
    let now = link.now().await?;
    let (head, items) = link.buf.split_at_mut(HEAD.min(link.buf.len()));
    let output = link.client.fetch(&GetJobOutput { vault, job: job.as_id(), range: None }, now, head).await?;
    let mut inventory = JsonInventory::new(output, items);
    let mut count = 0u64;
    while let Some(item) = inventory.next().await.map_err(Stop::Inventory)? {
        count += 1;
        let (id, bytes) = (OrDash(item.archive_id), OrDash(item.size));
        console.line(format_args!("item archive={id} bytes={bytes} description={}", Quoted(OrDash(item.description))));
    }
    console.line(format_args!("inventory items={count}"));
    Ok(())
}
