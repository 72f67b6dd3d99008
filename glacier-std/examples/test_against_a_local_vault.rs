//! A program's own code is tested against a vault in this process: no network, no account, and the same requests as for AWS.
//!
//! `cargo run -p glacier-std --features local,transfer --example test_against_a_local_vault`

use std::error::Error;

use glacier_std::glacier_core::ops::{CreateVault, UploadArchive};
use glacier_std::glacier_core::{Bytes, ErrorCode, hash_source, retry::RetryPolicy};
use glacier_std::local::{Settings, Vaults};
use glacier_std::{HostClient, HostError, TokioEnvironment, local_client};

type CallError = glacier_std::glacier_core::Error<HostError, std::convert::Infallible>;

/// The program's code. In production its client is made by `client_from_env`.
async fn keep_report(client: &mut HostClient, report: &str) -> Result<String, CallError> {
    let (mut body, mut buf, mut environment) = (Bytes::new(report.as_bytes()), vec![0; 4096], TokioEnvironment::new());
    let vault = "reports".try_into().expect("a valid name");
    let hashes = hash_source(&mut body, &mut buf).await.map_err(CallError::Source)?;
    let upload = UploadArchive { vault, description: None, body: hashes.try_into().expect("a report is not empty") };
    let output = client.upload_retrying(&upload, &mut body, RetryPolicy::default(), &mut environment, &mut buf).await?;
    Ok(output.archive_id()?.as_str().to_owned())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run(&[]).await
}

/// The test: `#[tokio::test]` in a program of your own.
pub(crate) async fn run(_: &[String]) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut client = local_client(&Vaults::open(folder.path(), Settings::default())?);

    // The vault checks what AWS checks, and responds with AWS's errors.
    let error = keep_report(&mut client, "all is well").await.unwrap_err();
    assert_eq!(error.service_error().map(|error| error.code), Some(ErrorCode::ResourceNotFound));

    let operation = CreateVault { vault: "reports".try_into()? };
    client.send_retrying(&operation, RetryPolicy::default(), &mut TokioEnvironment::new(), &mut [0; 2048]).await?;
    let archive_id = keep_report(&mut client, "all is well").await?;
    assert_eq!(archive_id.len(), 138);
    println!("stored as {archive_id}");
    Ok(())
}
