//! glacier-core over glacier-std's transport against moto: `moto-driver URL`, in a region and account without vaults.
//!
//! One line for each case: `ok NAME` or `FAILED NAME: why`. It covers what moto does as the service does; the differences are in the README,
//! and only how our client handles two of them is covered here.

use std::error::Error as StdError;
use std::process::ExitCode;
use std::time::Duration;

use glacier_core::inventory::JsonInventory;
use glacier_core::ops::{
    BodyHashes, CreateVault, DeleteArchive, DeleteVault, DescribeJob, DescribeVault, GetJobOutput, GetVaultLock, InitiateJob,
    InventoryRetrieval, JobKind, ListJobs, ListTagsForVault, ListVaults, StatusCode, Tier, UploadArchive,
};
use glacier_core::pages::Pages;
use glacier_core::waiters::{WaiterConfig, until_job_succeeds};
use glacier_core::{
    ArchiveId, Bytes, Client, Credentials, Description, Error, ErrorCode, JobId, PayloadHasher, Timestamp, TreeHash, VaultRef,
};
use glacier_std::TokioEnvironment;
use glacier_std::config::BaseUrl;
use glacier_std::http::{HttpOptions, HttpTransport};

type Outcome<T> = Result<T, Box<dyn StdError>>;

/// moto takes 2 s for an expedited job.
const POLLING: WaiterConfig = WaiterConfig::every(250, 120);
const LIMIT: Duration = Duration::from_secs(120);
const DESCRIPTION: &str = "a description";
/// RFC 6234's example: up to 1 MiB the tree hash is the SHA-256.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn main() -> ExitCode {
    let url = std::env::args().nth(1).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let all = runtime
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(async { tokio::time::timeout(LIMIT, run(&url)).await.map_err(|_| "timed out")? }));
    match all {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("FAILED the cases after the last one printed: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Peer {
    client: Client<HttpTransport, Credentials<'static>>,
    buf: Vec<u8>,
}

fn report<T>(name: &str, outcome: Outcome<T>) -> Outcome<T> {
    match &outcome {
        Ok(_) => println!("ok {name}"),
        Err(error) => println!("FAILED {name}: {error}"),
    }
    outcome
}

/// Fails when `found` is not what was expected.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Outcome<()> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?}, not {expected:?}").into()) }
}

async fn run(url: &str) -> Outcome<()> {
    let url = BaseUrl::parse(url)?;
    let transport = HttpTransport::new(&url, &HttpOptions::default())?;
    let endpoint = url.to_core("eu-central-1")?;
    let mut peer = Peer { client: Client::new(transport, endpoint, Credentials::new("test", "test", None)?), buf: vec![0; 8192] };
    let vault = VaultRef::try_from("photos")?;

    report("CreateVault", peer.create(vault).await)?;
    report("UploadArchive", peer.upload(vault).await)?;
    report("DescribeVault", peer.describe(vault).await)?;
    report("ListVaults", peer.list(vault).await)?;
    let (retrieval, inventory) = report("InitiateJob", peer.initiate(vault).await)?;
    report("DescribeJob", peer.wait(vault, &retrieval, &inventory).await)?;
    report("ListJobs", peer.jobs(vault, &retrieval, &inventory).await)?;
    report("GetJobOutput", peer.output(vault, &retrieval, &inventory).await)?;
    report("a wrong tree hash is an error", peer.wrong_tree_hash(vault).await)?;
    report("an unknown operation is a service error", peer.unknown_operation(vault).await)?;
    report("DeleteArchive", peer.delete_archive(vault).await)?;
    report("DeleteVault", peer.delete_vault(vault).await)?;
    Ok(())
}

fn now() -> Timestamp {
    glacier_std::clock::now()
}

/// moto's id of an archive is the MD5 of its bytes; this is RFC 1321's example.
fn archive() -> Outcome<ArchiveId<'static>> {
    Ok(ArchiveId::try_from("900150983cd24fb0d6963f7d28e17f72")?)
}

impl Peer {
    async fn create(&mut self, vault: VaultRef<'_>) -> Outcome<()> {
        self.client.send(&CreateVault { vault }, now(), &mut self.buf).await?;
        self.client.send(&CreateVault { vault: VaultRef::try_from("other")? }, now(), &mut self.buf).await?;
        Ok(())
    }

    async fn upload(&mut self, vault: VaultRef<'_>) -> Outcome<()> {
        let mut hasher = PayloadHasher::new();
        hasher.update(b"abc");
        let body = BodyHashes::try_from(hasher.finish()?)?;
        let operation = UploadArchive { vault, description: Some(Description::try_from(DESCRIPTION)?), body };
        let output = self.client.upload(&operation, &mut Bytes::new(b"abc"), now(), &mut self.buf).await?;
        same("tree hash", output.tree_hash, Some(ABC.parse()?))?;
        same("archive id", output.archive_id()?.as_str(), archive()?.as_str())
    }

    async fn describe(&mut self, vault: VaultRef<'_>) -> Outcome<()> {
        let found = self.client.send(&DescribeVault { vault }, now(), &mut self.buf).await?;
        same("name", found.vault_name.map(|name| name.to_string()).as_deref(), Some("photos"))?;
        let arn = "arn:aws:glacier:eu-central-1:123456789012:vaults/photos";
        same("ARN", found.arn.map(|arn| arn.to_string()).as_deref(), Some(arn))?;
        same("archives and bytes", (found.number_of_archives, found.size_in_bytes), (Some(1), Some(3)))
    }

    async fn list(&mut self, vault: VaultRef<'_>) -> Outcome<()> {
        let operation = ListVaults::default();
        let mut pages = Pages::new(&operation);
        let mut names = Vec::new();
        while let Some(mut page) = pages.next(&mut self.client, now(), &mut self.buf).await? {
            while let Some(found) = page.next().await? {
                names.push(found.vault_name.map(|name| name.to_string()).unwrap_or_default());
            }
        }
        same("names", names, vec![vault.name.as_str().to_owned(), "other".to_owned()])
    }

    async fn initiate(&mut self, vault: VaultRef<'_>) -> Outcome<(String, String)> {
        let mut ids = Vec::new();
        for kind in [JobKind::Archive { id: archive()?, range: None }, JobKind::Inventory(InventoryRetrieval::default())] {
            let operation = InitiateJob { vault, kind, tier: Some(Tier::Expedited), description: None, sns_topic: None };
            let output = self.client.send(&operation, now(), &mut self.buf).await?;
            ids.push(output.job_id()?.as_str().to_owned());
        }
        let inventory = ids.pop().ok_or("a job is missing")?;
        Ok((ids.pop().ok_or("a job is missing")?, inventory))
    }

    async fn wait(&mut self, vault: VaultRef<'_>, retrieval: &str, inventory: &str) -> Outcome<()> {
        for (id, action) in [(retrieval, "ArchiveRetrieval"), (inventory, "InventoryRetrieval")] {
            let operation = DescribeJob { vault, job: JobId::try_from(id)? };
            until_job_succeeds(&mut self.client, &operation, POLLING, &mut TokioEnvironment::new(), &mut self.buf).await?;
            let job = self.client.send(&operation, now(), &mut self.buf).await?;
            same("completed and status", (job.completed, job.status()), (Some(true), StatusCode::Succeeded))?;
            same("action", job.action.map(|action| action.to_string()).as_deref(), Some(action))?;
            same("tier", job.tier.map(|tier| tier.to_string()).as_deref(), Some("Expedited"))?;
        }
        Ok(())
    }

    async fn jobs(&mut self, vault: VaultRef<'_>, retrieval: &str, inventory: &str) -> Outcome<()> {
        let operation = ListJobs { vault, completed: None, limit: None, marker: None, status: None };
        let mut page = self.client.list(&operation, now(), &mut self.buf).await?;
        let mut found = Vec::new();
        while let Some(job) = page.next().await? {
            found.push(job.job_id.map(|id| id.to_string()).unwrap_or_default());
        }
        same("marker", page.marker(), None)?;
        same("jobs", found, vec![retrieval.to_owned(), inventory.to_owned()])
    }

    async fn output(&mut self, vault: VaultRef<'_>, retrieval: &str, inventory: &str) -> Outcome<()> {
        let operation = GetJobOutput { vault, job: JobId::try_from(retrieval)?, range: None };
        let mut download = self.client.fetch(&operation, now(), &mut self.buf).await?;
        let (mut bytes, mut piece) = (Vec::new(), [0; 64]);
        loop {
            match download.read(&mut piece).await? {
                0 => break,
                got => bytes.extend_from_slice(&piece[..got]),
            }
        }
        same("the archive", bytes.as_slice(), b"abc")?;
        same("its tree hash, computed here", download.tree_hash(), Some(ABC.parse()?))?;
        drop(download);

        let operation = GetJobOutput { vault, job: JobId::try_from(inventory)?, range: None };
        let mut head = [0; 2048];
        let download = self.client.fetch(&operation, now(), &mut head).await?;
        let mut list = JsonInventory::new(download, &mut self.buf);
        let item = list.next().await?.ok_or("the inventory is empty")?;
        same("id", item.archive_id.and_then(|id| id.as_plain()), Some(archive()?.as_str()))?;
        same("description", item.description.and_then(|text| text.as_plain()), Some(DESCRIPTION))?;
        same("size and hash", (item.size, item.tree_hash()), (Some(3), Some(ABC.parse::<TreeHash>()?)))?;
        same("more items", list.next().await?.is_some(), false)
    }

    async fn wrong_tree_hash(&mut self, vault: VaultRef<'_>) -> Outcome<()> {
        let data = vec![7; (1 << 20) + 1];
        let mut hasher = PayloadHasher::new();
        hasher.update(&data);
        let operation = UploadArchive { vault, description: None, body: BodyHashes::try_from(hasher.finish()?)? };
        match self.client.upload(&operation, &mut Bytes::new(&data), now(), &mut self.buf).await {
            Err(Error::TreeHashMismatch(_)) => Ok(()),
            other => Err(format!("{other:?}").into()),
        }
    }

    async fn unknown_operation(&mut self, vault: VaultRef<'_>) -> Outcome<()> {
        let lock = self.client.send(&GetVaultLock { vault }, now(), &mut self.buf).await.map(drop);
        let tags = self.client.list(&ListTagsForVault { vault }, now(), &mut self.buf).await.map(drop);
        for outcome in [lock, tags] {
            match outcome {
                Err(Error::Service(error)) => same("status and code", (error.status, error.code), (404, ErrorCode::Unknown))?,
                other => return Err(format!("{other:?}").into()),
            }
        }
        Ok(())
    }

    async fn delete_archive(&mut self, vault: VaultRef<'_>) -> Outcome<()> {
        self.client.send(&DeleteArchive { vault, archive: archive()? }, now(), &mut self.buf).await?;
        // The archive with the wrong hash remains.
        let left = self.client.send(&DescribeVault { vault }, now(), &mut self.buf).await?.number_of_archives;
        same("archives left", left, Some(1))
    }

    async fn delete_vault(&mut self, vault: VaultRef<'_>) -> Outcome<()> {
        self.client.send(&DeleteVault { vault: VaultRef::try_from("other")? }, now(), &mut self.buf).await?;
        let mut page = self.client.list(&ListVaults::default(), now(), &mut self.buf).await?;
        let name = page.next().await?.and_then(|found| found.vault_name.map(|name| name.to_string()));
        same("the remaining vault", name.as_deref(), Some(vault.name.as_str()))?;
        same("more vaults", page.next().await?.is_some(), false)
    }
}
