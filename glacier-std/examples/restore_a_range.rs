//! Retrieves a range of an archive, downloads it, and verifies its tree hash.
//!
//! `cargo run -p glacier-std --features local,transfer --example restore_a_range [VAULT ARCHIVE_ID FIRST-LAST FILE]`, the range
//! aligned to MiB; without arguments, from a local vault.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use glacier_std::glacier_core::ops::{CreateVault, DescribeJob, GetJobOutput, InitiateJob, JobKind, Tier, UploadArchive};
use glacier_std::glacier_core::waiters::{WaiterConfig, until_job_succeeds};
use glacier_std::glacier_core::{ArchiveId, ByteRange, Bytes, JobId, hash_source, retry::RetryPolicy};
use glacier_std::local::{Settings, Vaults};
use glacier_std::transfer::NewFile;
use glacier_std::{HostClient, TokioEnvironment, client_from_env, local_client};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run(&std::env::args().skip(1).collect::<Vec<_>>()).await
}

pub(crate) async fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    match arguments {
        [] => {
            let folder = tempfile::tempdir()?;
            let vaults = Vaults::open(folder.path().join("vaults"), Settings::default())?;
            let (client, content) = (local_client(&vaults), vec![7; 3 << 20]);
            let archive = store(client.clone(), "photos", &content).await?;
            let (second_mib, file) = ("1048576-2097151".parse()?, folder.path().join("range"));
            restore(client, "photos", &archive, second_mib, &file).await?;
            assert!(std::fs::read(&file)? == content[1 << 20..2 << 20]);
            Ok(())
        }
        [vault, archive, range, file] => restore(client_from_env().await?, vault, archive, range.parse()?, Path::new(file)).await,
        _ => Err("usage: restore_a_range [VAULT ARCHIVE_ID FIRST-LAST FILE]".into()),
    }
}

async fn restore(mut client: HostClient, vault: &str, archive: &str, range: ByteRange, file: &Path) -> Result<(), Box<dyn Error>> {
    let (vault, policy) = (vault.try_into()?, RetryPolicy::default());
    let mut environment = TokioEnvironment::reporting(|retry| eprintln!("{}; retrying in {:?}", retry.reason, retry.wait));
    let mut buf = vec![0; 4096];

    // Each job is billed.
    let kind = JobKind::Archive { id: archive.try_into()?, range: Some(range) };
    let initiate = InitiateJob { vault, kind, tier: Some(Tier::Standard), description: None, sns_topic: None };
    let initiated = client.send_retrying(&initiate, policy, &mut environment, &mut buf).await?;
    let job = initiated.job_id()?.as_str().to_owned();
    let job = JobId::try_from(job.as_str())?;

    // 3 to 5 hours at AWS; at once in a local vault.
    let config = WaiterConfig::for_job(Tier::Standard).starting_with(5_000);
    until_job_succeeds(&mut client, &DescribeJob { vault, job }, config, &mut environment, &mut buf).await?;

    // The file appears under its name only once everything is verified.
    let mut out = NewFile::beside(file, true)?;
    let output = GetJobOutput { vault, job, range: None };
    let download = client.fetch_retrying(&output, policy, &mut environment, &mut buf).await?;
    // No byte more is written, whatever the service sends.
    let mut download = download.expecting(range.len());
    let mut piece = vec![0; 64 << 10];
    loop {
        match download.read(&mut piece).await? {
            // Length and tree hash are as the service announced.
            0 => break,
            count => out.write_all(&piece[..count])?,
        }
    }
    println!("bytes {range} have tree hash {}", download.tree_hash().ok_or("nothing was received")?);
    out.put_in_place()?;
    Ok(())
}

/// Stores something to restore.
async fn store(mut client: HostClient, vault: &str, content: &[u8]) -> Result<String, Box<dyn Error>> {
    let (vault, policy, mut environment) = (vault.try_into()?, RetryPolicy::default(), TokioEnvironment::new());
    let (mut body, mut buf) = (Bytes::new(content), vec![0; 4096]);
    client.send_retrying(&CreateVault { vault }, policy, &mut environment, &mut buf).await?;
    let upload = UploadArchive { vault, description: None, body: hash_source(&mut body, &mut buf).await?.try_into()? };
    let stored = client.upload_retrying(&upload, &mut body, policy, &mut environment, &mut buf).await?;
    Ok(ArchiveId::as_str(&stored.archive_id()?).to_owned())
}
