//! A vault service with one vault, and a client of it over one kind of transport.

use std::sync::Arc;

use glacier_core::ops::*;
use glacier_core::{Client, Credentials, Endpoint, Error, JobId, Source, Timestamp, Transport, VaultRef, hash_source};
use glacier_std::local::{Clock, Settings, TEST_ACCESS_KEY_ID, TEST_REGION, TEST_SECRET, Vaults};
use tempfile::TempDir;

/// Makes transports of one kind to a vault service.
pub(crate) trait Site {
    /// The kind.
    type Transport: Transport;

    /// A transport to these vaults.
    async fn open(&self, vaults: &Vaults) -> Self::Transport;
}

/// The service's clock, which stands still: 2026-11-25T22:10:00Z.
pub(super) const NOW: Timestamp = Timestamp::from_unix(1_795_644_600);

struct FixedClock;

impl Clock for FixedClock {
    fn unix_millis(&self) -> u64 {
        NOW.unix() * 1000
    }
}

/// A service in a folder of its own, with one vault named `v`.
pub(super) struct Fixture<T> {
    pub(super) client: Client<T, Credentials<'static>>,
    pub(super) buf: Vec<u8>,
    pub(super) vault: VaultRef<'static>,
    _folder: TempDir,
}

/// What a helper that calls the service returns.
type Called<T> = Result<T, Box<dyn std::error::Error>>;

impl<T: Transport> Fixture<T> {
    pub(super) async fn new<S: Site<Transport = T>>(site: &S) -> Self {
        Fixture::with_secret(site, TEST_SECRET).await
    }

    pub(super) async fn with_secret<S: Site<Transport = T>>(site: &S, secret: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vaults = Vaults::open(folder.path(), Settings::default().with_clock(Arc::new(FixedClock))).unwrap();
        let endpoint = Endpoint::new(TEST_REGION, "glacier.test:8080").unwrap();
        let vault = "v".try_into().unwrap();
        let make = |transport, secret| {
            Client::new(transport, endpoint.clone(), Credentials::new(TEST_ACCESS_KEY_ID, secret, None).unwrap())
        };
        let mut buf = vec![0; 4096];
        make(site.open(&vaults).await, TEST_SECRET).send(&CreateVault { vault }, NOW, &mut buf).await.unwrap();
        Fixture { client: make(site.open(&vaults).await, secret), buf, vault, _folder: folder }
    }

    /// The number of archives in the vault, which the service omits as long as there has been none.
    pub(super) async fn archives(&mut self) -> u64 {
        let described = self.client.send(&DescribeVault { vault: self.vault }, NOW, &mut self.buf).await.unwrap();
        described.number_of_archives.unwrap_or(0)
    }

    /// Hashes a body and uploads it. Returns the archive's id.
    pub(super) async fn upload<S: Source>(&mut self, body: &mut S) -> Result<String, Error<T::Error, S::Error>> {
        let hashes = hash_source(body, &mut [0; 4096]).await.map_err(Error::Source)?;
        let upload = UploadArchive { vault: self.vault, description: None, body: hashes.try_into().unwrap() };
        let output = self.client.upload(&upload, body, NOW, &mut self.buf).await?;
        Ok(output.archive_id()?.as_str().to_owned())
    }

    /// Retrieves an archive and reads it to its end.
    pub(super) async fn restore(&mut self, archive: &str) -> Called<Vec<u8>> {
        let kind = JobKind::Archive { id: archive.try_into()?, range: None };
        let job = self.job(kind).await?;
        self.output(&job).await
    }

    /// Starts a job and waits for it. Returns its id.
    pub(super) async fn job(&mut self, kind: JobKind<'_>) -> Called<String> {
        let initiate = InitiateJob { vault: self.vault, kind, tier: None, description: None, sns_topic: None };
        let output = self.client.send(&initiate, NOW, &mut self.buf).await.map_err(boxed)?;
        let job = output.job_id()?.as_str().to_owned();
        // A local job has succeeded when it is first described.
        let describe = DescribeJob { vault: self.vault, job: JobId::try_from(job.as_str())? };
        let described = self.client.send(&describe, NOW, &mut self.buf).await.map_err(boxed)?;
        assert_eq!(described.completed, Some(true));
        Ok(job)
    }

    /// Downloads the whole output of a job.
    pub(super) async fn output(&mut self, job: &str) -> Called<Vec<u8>> {
        let get = GetJobOutput { vault: self.vault, job: JobId::try_from(job)?, range: None };
        let mut download = self.client.fetch(&get, NOW, &mut self.buf).await.map_err(boxed)?;
        let (mut all, mut piece) = (Vec::new(), [0; 1000]);
        loop {
            match download.read(&mut piece).await.map_err(boxed)? {
                0 => return Ok(all),
                got => all.extend_from_slice(&piece[..got]),
            }
        }
    }
}

/// An error's text: a transport's own error type may not live long enough to be boxed.
fn boxed(error: impl std::fmt::Display) -> Box<dyn std::error::Error> {
    error.to_string().into()
}
