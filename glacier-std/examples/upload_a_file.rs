//! Uploads a file into a vault and prints the archive's id.
//!
//! `cargo run -p glacier-std --features local,transfer --example upload_a_file [VAULT FILE]`; without arguments, into a local
//! vault.

use std::error::Error;
use std::path::Path;

use glacier_std::file::FileSource;
use glacier_std::glacier_core::{ops::CreateVault, retry::RetryPolicy};
use glacier_std::local::{Settings, Vaults};
use glacier_std::transfer::{Event, Observer, TransferOptions, UploadRequest, upload_file};
use glacier_std::{HostClient, TokioEnvironment, client_from_env, local_client};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run(&std::env::args().skip(1).collect::<Vec<_>>()).await
}

pub(crate) async fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    match arguments {
        [] => {
            let folder = tempfile::tempdir()?;
            let file = folder.path().join("hello.txt");
            std::fs::write(&file, "hello, world\n")?;
            let vaults = Vaults::open(folder.path().join("vaults"), Settings::default())?;
            upload(local_client(&vaults), "photos", &file).await
        }
        [vault, file] => upload(client_from_env().await?, vault, Path::new(file)).await,
        _ => Err("usage: upload_a_file [VAULT FILE]".into()),
    }
}

async fn upload(mut client: HostClient, vault: &str, file: &Path) -> Result<(), Box<dyn Error>> {
    let vault = vault.try_into()?;
    // Succeeds if the vault already exists.
    let mut environment = TokioEnvironment::new();
    client.send_retrying(&CreateVault { vault }, RetryPolicy::default(), &mut environment, &mut [0; 2048]).await?;

    let mut file = FileSource::open(file)?;
    let request = UploadRequest::new(vault).with_description("uploaded by an example".try_into()?);
    let archive = upload_file(&mut client, &mut file, &request, TransferOptions::new(&Progress)).await?;
    println!("{} bytes are archive {} with tree hash {}", archive.size, archive.archive_id, archive.checksum);
    Ok(())
}

struct Progress;

impl Observer for Progress {
    fn note(&self, event: Event<'_>) {
        match event {
            Event::Sent(bytes) => eprintln!("sent {bytes} bytes"),
            Event::Retrying(retry) => eprintln!("{}; retrying in {:?}", retry.reason, retry.wait),
            _ => {}
        }
    }
}
