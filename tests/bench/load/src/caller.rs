//! One client with its connection and its buffer, for code without `async`.

use std::error::Error;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{SystemTime, UNIX_EPOCH};

use glacier_core::inventory::{InventoryItem, JsonInventory};
use glacier_core::ops::{
    BodyHashes, CreateVault, DescribeJob, GetJobOutput, InitiateJob, InventoryRetrieval, JobKind, UploadArchive,
};
use glacier_core::{
    ByteRange, Bytes, Client, Credentials, Description, Download, Endpoint, Operation, PayloadHasher, PayloadHashes, Range, Source,
    Timestamp, VaultRef, hash_source,
};

use crate::http::{Body, Http};

pub(crate) type Failed = Box<dyn Error + Send + Sync>;

/// The region of all vaults here.
const REGION: &str = "eu-west-1";

/// A client with the key that every local vault accepts.
pub(crate) struct Caller {
    pub(crate) client: Client<Http, Credentials<'static>>,
    pub(crate) buf: Vec<u8>,
}

/// Everything here waits only inside system calls, so one poll is enough.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("a blocking transport is always ready"),
    }
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
}

pub(crate) fn vault(name: &str) -> Result<VaultRef<'_>, Failed> {
    Ok(VaultRef::try_from(name)?)
}

pub(crate) fn hashes(bytes: &[u8]) -> Result<PayloadHashes, Failed> {
    let mut hasher = PayloadHasher::new();
    hasher.update(bytes);
    Ok(hasher.finish()?)
}

impl Caller {
    pub(crate) fn new(address: &str) -> Result<Self, Failed> {
        let credentials = Credentials::new("test", "test", None)?;
        Ok(Caller { client: Client::new(Http::new(address), Endpoint::new(REGION, address)?, credentials), buf: vec![0; 16 << 10] })
    }

    /// Calls an operation and gives its output to `take`.
    pub(crate) fn send<O: Operation + Sync, R>(
        &mut self,
        operation: &O,
        take: impl FnOnce(O::Output<'_>) -> Result<R, Failed>,
    ) -> Result<R, Failed> {
        take(block_on(self.client.send(operation, now(), &mut self.buf))?)
    }

    pub(crate) fn create_vault(&mut self, name: &str) -> Result<(), Failed> {
        self.send(&CreateVault { vault: vault(name)? }, |_| Ok(()))
    }

    /// Uploads an archive and returns its id. The client compares the tree hash that the service computed.
    pub(crate) fn upload(&mut self, name: &str, description: &str, bytes: &[u8]) -> Result<String, Failed> {
        self.upload_source(name, description, hashes(bytes)?, &mut Bytes::new(bytes))
    }

    /// The same from a source whose hashes are known.
    pub(crate) fn upload_source<S: Source>(
        &mut self,
        name: &str,
        description: &str,
        hashes: PayloadHashes,
        source: &mut S,
    ) -> Result<String, Failed>
    where
        S::Error: Send + Sync,
    {
        let description = Some(Description::try_from(description)?).filter(|_| !description.is_empty());
        let upload = UploadArchive { vault: vault(name)?, description, body: BodyHashes::try_from(hashes)? };
        let output = block_on(self.client.upload(&upload, source, now(), &mut self.buf)).map_err(|error| error.to_string())?;
        Ok(output.archive_id()?.to_string())
    }

    /// The hashes of a source, read once.
    pub(crate) fn hash<S: Source>(&mut self, source: &mut S) -> Result<PayloadHashes, Failed> {
        block_on(hash_source(source, &mut [0; 64 << 10])).map_err(|error| error.to_string().into())
    }

    /// Begins a job, waits until it is done, and returns its id. The service is expected to finish a job at the next look.
    pub(crate) fn job(&mut self, name: &str, kind: JobKind<'_>) -> Result<String, Failed> {
        let vault = vault(name)?;
        let initiate = InitiateJob { vault, kind, tier: None, description: None, sns_topic: None };
        let id = self.send(&initiate, |output| Ok(output.job_id()?.to_string()))?;
        let done = self.send(&DescribeJob { vault, job: id.as_str().try_into()? }, |job| Ok(job.completed == Some(true)))?;
        if done { Ok(id) } else { Err(format!("the job {id} is not done at the next look").into()) }
    }

    /// Opens the output of a job and gives it to `take`.
    pub(crate) fn output<R>(
        &mut self,
        name: &str,
        job: &str,
        range: Option<ByteRange>,
        take: impl FnOnce(Download<'_, Body<'_>>) -> Result<R, Failed>,
    ) -> Result<R, Failed> {
        let get = GetJobOutput { vault: vault(name)?, job: job.try_into()?, range: range.map(Range::Bytes) };
        take(block_on(self.client.fetch(&get, now(), &mut self.buf))?)
    }

    /// An inventory of a vault: visits its archives, and returns the bytes of the output.
    pub(crate) fn inventory(
        &mut self,
        name: &str,
        mut visit: impl FnMut(&InventoryItem<'_>) -> Result<(), Failed>,
    ) -> Result<u64, Failed> {
        let job = self.job(name, JobKind::Inventory(InventoryRetrieval::default()))?;
        let mut buf = vec![0; 16 << 10];
        self.output(name, &job, None, |download| {
            let size = download.output().size.unwrap_or_default();
            let mut inventory = JsonInventory::new(download, &mut buf);
            while let Some(item) = block_on(inventory.next()).map_err(|error| error.to_string())? {
                visit(&item)?;
            }
            Ok(size)
        })
    }
}

/// Reads an output to its end; it may not have more than `most` bytes.
pub(crate) fn read_to_end(mut download: Download<'_, Body<'_>>, most: usize) -> Result<Vec<u8>, Failed> {
    let mut bytes = vec![0; most + 1];
    let mut filled = 0;
    loop {
        match block_on(download.read(&mut bytes[filled..]))? {
            0 => break,
            got => filled += got,
        }
        if filled > most {
            return Err(format!("an output of more than {most} bytes").into());
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
