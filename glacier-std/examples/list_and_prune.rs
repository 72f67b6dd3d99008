//! Lists the archives of a vault from its inventory, and deletes those that are older than a number of days.
//!
//! `cargo run -p glacier-std --features local,transfer --example list_and_prune [VAULT DAYS]`; without arguments, in a local vault.

use std::error::Error;
use std::time::Duration;

use glacier_std::glacier_core::inventory::JsonInventory;
use glacier_std::glacier_core::ops::{
    CreateVault, DeleteArchive, DescribeJob, GetJobOutput, InitiateJob, InventoryRetrieval, JobKind, Tier, UploadArchive,
};
use glacier_std::glacier_core::waiters::{WaiterConfig, until_job_succeeds};
use glacier_std::glacier_core::{Bytes, JobId, Timestamp, hash_source, retry::RetryPolicy};
use glacier_std::local::{Settings, Vaults};
use glacier_std::{HostClient, TokioEnvironment, client_from_env, clock, local_client};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run(&std::env::args().skip(1).collect::<Vec<_>>()).await
}

pub(crate) async fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    match arguments {
        [] => {
            let folder = tempfile::tempdir()?;
            let vaults = Vaults::open(folder.path().join("vaults"), Settings::default())?;
            let client = local_client(&vaults);
            for content in ["first", "second"] {
                store(client.clone(), "photos", content.as_bytes()).await?;
            }
            assert_eq!(prune(client.clone(), "photos", 30).await?, (2, 0), "both are of today");
            assert_eq!(prune(client.clone(), "photos", 0).await?, (2, 2));
            assert_eq!(prune(client, "photos", 0).await?, (0, 0));
            Ok(())
        }
        [vault, days] => prune(client_from_env().await?, vault, days.parse()?).await.map(drop),
        _ => Err("usage: list_and_prune [VAULT DAYS]".into()),
    }
}

/// Returns how many archives were listed, and how many of them were deleted.
async fn prune(mut client: HostClient, vault: &str, days: u32) -> Result<(usize, usize), Box<dyn Error>> {
    let (vault, policy) = (vault.try_into()?, RetryPolicy::default());
    let mut environment = TokioEnvironment::reporting(|retry| eprintln!("{}; retrying in {:?}", retry.reason, retry.wait));
    let mut buf = vec![0; 4096];

    let kind = JobKind::Inventory(InventoryRetrieval::default());
    let initiate = InitiateJob { vault, kind, tier: None, description: None, sns_topic: None };
    let initiated = client.send_retrying(&initiate, policy, &mut environment, &mut buf).await?;
    let job = initiated.job_id()?.as_str().to_owned();
    let job = JobId::try_from(job.as_str())?;
    let config = WaiterConfig::for_job(Tier::Standard).starting_with(5_000);
    until_job_succeeds(&mut client, &DescribeJob { vault, job }, config, &mut environment, &mut buf).await?;

    // The inventory is read archive by archive, so a clone deletes while this client reads.
    let mut deleting = client.clone();
    let output = GetJobOutput { vault, job, range: None };
    let download = client.fetch_retrying(&output, policy, &mut environment, &mut buf).await?;
    let mut item_buf = vec![0; 4096];
    let mut inventory = JsonInventory::new(download, &mut item_buf);
    let cutoff = clock::now().checked_sub(Duration::from_secs(u64::from(days) * 86_400)).unwrap_or(Timestamp::MIN);
    let (mut listed, mut deleted) = (0, 0);
    while let Some(archive) = inventory.next().await? {
        let (Some(id), Some(created)) = (archive.archive_id, archive.creation_date) else { continue };
        println!("{created}  {:>12}  {id}", archive.size.unwrap_or_default());
        listed += 1;
        let created = created.as_plain().and_then(Timestamp::parse_iso);
        if created.is_some_and(|created| created <= cutoff) {
            let id = id.as_plain().ok_or("an id with an escape")?.try_into()?;
            let operation = DeleteArchive { vault, archive: id };
            deleting.send_retrying(&operation, policy, &mut TokioEnvironment::new(), &mut [0; 2048]).await?;
            deleted += 1;
        }
    }
    println!("{listed} archives, {deleted} of them deleted");
    Ok((listed, deleted))
}

/// Stores something to list.
async fn store(mut client: HostClient, vault: &str, content: &[u8]) -> Result<(), Box<dyn Error>> {
    let (vault, policy, mut environment) = (vault.try_into()?, RetryPolicy::default(), TokioEnvironment::new());
    let (mut body, mut buf) = (Bytes::new(content), vec![0; 4096]);
    client.send_retrying(&CreateVault { vault }, policy, &mut environment, &mut buf).await?;
    let upload = UploadArchive { vault, description: None, body: hash_source(&mut body, &mut buf).await?.try_into()? };
    client.upload_retrying(&upload, &mut body, policy, &mut environment, &mut buf).await?;
    Ok(())
}
