//! Requests of a client, one after the other, as a seed chooses them, and what was acknowledged of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use glacier_core::hash::PayloadHasher;
use glacier_core::ops::*;
use glacier_core::*;

use super::observed::hash_of;
use crate::local::model::Clock as WallClock;
use crate::local::service::{Settings, TEST_ACCESS_KEY_ID, TEST_REGION, TEST_SECRET, Vaults};
use crate::local::transport::{LocalError, LocalTransport};

/// 2026-01-02T03:04:05.678Z, for ever.
const THEN: u64 = 1_767_323_045_678;

struct Stopped;

impl WallClock for Stopped {
    fn unix_millis(&self) -> u64 {
        THEN
    }
}

pub(super) fn settings() -> Settings {
    Settings::default().with_clock(Arc::new(Stopped))
}

type CallError = Error<LocalError>;
type LocalClient = Client<LocalTransport, Credentials<'static>>;

/// A client with a memory of what was acknowledged.
pub(super) struct Workload {
    client: Option<LocalClient>,
    pub(super) random: fastrand::Rng,
    /// Vault and bytes of the archives that were acknowledged and that nobody tried to delete.
    pub(super) archives: BTreeMap<String, (&'static str, Vec<u8>)>,
    /// The hashes of all bodies that were ever acknowledged.
    pub(super) sent: BTreeSet<String>,
    /// An open upload, with the bytes of its one part.
    upload: Option<(&'static str, String, Vec<u8>)>,
    job: Option<(&'static str, String)>,
}

/// The topic of every job.
const TOPIC: &str = "arn:aws:sns:us-west-2:123456789012:MyTopic";

const NAMES: [&str; 3] = ["a", "b", "c"];

impl Workload {
    pub(super) fn new(vaults: &Vaults, seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        Workload { client: Some(client(vaults)), random, archives: BTreeMap::new(), sent: BTreeSet::new(), upload: None, job: None }
    }

    /// Lets go of the vaults.
    pub(super) fn stop(&mut self) {
        self.client = None;
    }

    /// Goes on after a restart.
    pub(super) fn restart(&mut self, vaults: &Vaults) {
        self.client = Some(client(vaults));
    }

    fn client(&mut self) -> &mut LocalClient {
        self.client.as_mut().unwrap()
    }

    /// Sends a request. An error is that of the service; its code says whether the request could not be fulfilled or was wrong.
    pub(super) async fn step(&mut self, vaults: &Vaults) -> Result<(), CallError> {
        let name = NAMES[self.random.usize(..NAMES.len())];
        let vault: VaultRef<'static> = name.try_into().unwrap();
        let (now, mut buf) = (Timestamp::from_unix(THEN / 1000), [0; 4096]);
        match self.random.u8(..16) {
            0 | 1 => self.client().send(&CreateVault { vault }, now, &mut buf).await.map(drop),
            2 => self.client().send(&DeleteVault { vault }, now, &mut buf).await.map(drop),
            3..=6 => self.upload(name).await.map(drop),
            7 | 8 => self.delete().await,
            9 => self.begin_upload(name).await,
            10 => self.continue_upload().await,
            11 => {
                let value = self.random.u32(..).to_string();
                let tags = [("k", value.as_str())];
                let tags = Tags::new(&tags).unwrap();
                self.client().send(&AddTagsToVault { vault, tags }, now, &mut buf).await.map(drop)
            }
            12 => {
                let limit = RetrievalLimit::BytesPerHour(u64::from(self.random.u32(1_000_000..)).try_into().unwrap());
                let account = AccountId::try_from("-").unwrap();
                self.client().send(&SetDataRetrievalPolicy { account, limit }, now, &mut buf).await.map(drop)
            }
            13 => self.begin_job(name).await,
            14 => self.download().await,
            _ => {
                vaults.advance(Duration::from_secs(self.random.u64(..40) * 3600));
                self.client().send(&DescribeVault { vault }, now, &mut buf).await.map(drop)
            }
        }
    }

    /// Creates a vault.
    pub(super) async fn create(&mut self, name: &'static str) -> Result<(), CallError> {
        let operation = CreateVault { vault: name.try_into().unwrap() };
        self.client().send(&operation, Timestamp::from_unix(THEN / 1000), &mut [0; 4096]).await.map(drop)
    }

    /// Uploads an archive; its id.
    pub(super) async fn upload(&mut self, name: &'static str) -> Result<String, CallError> {
        let bytes = self.bytes();
        let description = Some("described".try_into().unwrap());
        let operation = UploadArchive { vault: name.try_into().unwrap(), description, body: hashes(&bytes).try_into().unwrap() };
        let mut buf = [0; 4096];
        let output = self.client().upload(&operation, &mut Bytes::new(&bytes), Timestamp::from_unix(THEN / 1000), &mut buf).await?;
        let id = output.archive_id().unwrap().as_str().to_owned();
        self.sent.insert(hash_of(&bytes));
        self.archives.insert(id.clone(), (name, bytes));
        Ok(id)
    }

    async fn delete(&mut self) -> Result<(), CallError> {
        let at = self.random.usize(..self.archives.len().max(1));
        let Some(id) = self.archives.keys().nth(at).cloned() else { return Ok(()) };
        let (name, _) = self.archives.remove(&id).unwrap();
        let operation = DeleteArchive { vault: name.try_into().unwrap(), archive: id.as_str().try_into().unwrap() };
        self.client().send(&operation, Timestamp::from_unix(THEN / 1000), &mut [0; 4096]).await.map(drop)
    }

    async fn begin_upload(&mut self, name: &'static str) -> Result<(), CallError> {
        let operation = InitiateMultipartUpload { vault: name.try_into().unwrap(), part_size: PartSize::MIN, description: None };
        let mut buf = [0; 4096];
        let output = self.client().send(&operation, Timestamp::from_unix(THEN / 1000), &mut buf).await?;
        self.upload = Some((name, output.upload_id().unwrap().as_str().to_owned(), Vec::new()));
        Ok(())
    }

    /// Uploads the part, or another in its place, or completes or aborts the upload.
    async fn continue_upload(&mut self) -> Result<(), CallError> {
        let bytes = self.bytes();
        let Some((name, id, part)) = self.upload.take() else { return Ok(()) };
        let (vault, upload) = (VaultRef::try_from(name).unwrap(), UploadId::try_from(id.as_str()).unwrap());
        let (now, mut buf) = (Timestamp::from_unix(THEN / 1000), [0; 4096]);
        match self.random.u8(..4) {
            0 => self.client().send(&AbortMultipartUpload { vault, upload }, now, &mut buf).await.map(drop),
            1 if !part.is_empty() => {
                let (archive_size, tree_hash) = (part.len() as u64, hashes(&part).tree);
                let operation = CompleteMultipartUpload { vault, upload, archive_size, tree_hash };
                let output = self.client().send(&operation, now, &mut buf).await?;
                self.archives.insert(output.archive_id().unwrap().as_str().to_owned(), (name, part));
                Ok(())
            }
            _ => {
                let operation = UploadMultipartPart::new(vault, upload, 0, hashes(&bytes)).unwrap();
                let sent = self.client().upload(&operation, &mut Bytes::new(&bytes), now, &mut buf).await.map(drop);
                if sent.is_ok() {
                    self.sent.insert(hash_of(&bytes));
                    self.upload = Some((name, id, bytes));
                }
                sent
            }
        }
    }

    async fn begin_job(&mut self, name: &'static str) -> Result<(), CallError> {
        let archive = self.archives.iter().next().map(|(id, (name, _))| (*name, id.clone()));
        let kind = match &archive {
            Some((_, id)) if self.random.bool() => JobKind::Archive { id: id.as_str().try_into().unwrap(), range: None },
            _ => JobKind::Inventory(InventoryRetrieval::default()),
        };
        let name = if matches!(kind, JobKind::Archive { .. }) { archive.as_ref().map_or(name, |(name, _)| name) } else { name };
        let operation =
            InitiateJob { vault: name.try_into().unwrap(), kind, tier: None, description: None, sns_topic: Some(TOPIC) };
        let mut buf = [0; 4096];
        let output = self.client().send(&operation, Timestamp::from_unix(THEN / 1000), &mut buf).await?;
        self.job = Some((name, output.job_id().unwrap().as_str().to_owned()));
        Ok(())
    }

    async fn download(&mut self) -> Result<(), CallError> {
        let Some((name, job)) = self.job.clone() else { return Ok(()) };
        let operation = GetJobOutput { vault: name.try_into().unwrap(), job: job.as_str().try_into().unwrap(), range: None };
        let mut buf = [0; 4096];
        let mut download = self.client().fetch(&operation, Timestamp::from_unix(THEN / 1000), &mut buf).await?;
        let mut piece = [0; 4096];
        while download.read(&mut piece).await? > 0 {}
        Ok(())
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = self.random.usize(1..3000);
        std::iter::repeat_with(|| self.random.u8(..)).take(length).collect()
    }
}

fn client(vaults: &Vaults) -> LocalClient {
    let credentials = Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET, None).unwrap();
    Client::new(LocalTransport::new(vaults), Endpoint::new(TEST_REGION, "localhost").unwrap(), credentials)
}

fn hashes(bytes: &[u8]) -> PayloadHashes {
    let mut hasher = PayloadHasher::new();
    hasher.update(bytes);
    hasher.finish().unwrap()
}
