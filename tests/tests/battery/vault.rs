//! The contract of `Transport` as far as it does not need a wire: cases that run against a vault service, in this process or over a network.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use embedded_hal_async::delay::DelayNs;
use embedded_io_async::{ErrorKind, ErrorType, Read};
use glacier_core::ops::*;
use glacier_core::retry::RetryPolicy;
use glacier_core::{
    Bytes, Client, Credentials, DecodeError, Description, Endpoint, Error, ErrorCode, JobId, PartSize, Source, SourceError,
    Timestamp, Transport, VaultRef, hash_source,
};
use glacier_embedded::{ClockSource, Device};
use glacier_std::local::{Clock, Settings, TEST_ACCESS_KEY_ID, TEST_REGION, TEST_SECRET, Vaults};
use glacier_tests::second;
use tempfile::TempDir;

/// Makes transports of one kind to a vault service.
pub(crate) trait Site {
    /// The kind.
    type Transport: Transport;

    /// A transport to these vaults.
    async fn open(&self, vaults: &Vaults) -> Self::Transport;
}

/// The service's clock: 2026-11-25T22:10:00Z, and it stands still.
const NOW: Timestamp = Timestamp::from_unix(1_795_644_600);

struct Still;

impl Clock for Still {
    fn unix_millis(&self) -> u64 {
        NOW.unix() * 1000
    }
}

/// A service in a folder of its own, with one vault, `v`.
struct Bench<T> {
    client: Client<T, Credentials<'static>>,
    buf: Vec<u8>,
    vault: VaultRef<'static>,
    _folder: TempDir,
}

type Called<T> = Result<T, Box<dyn std::error::Error>>;

impl<T: Transport> Bench<T> {
    async fn new<S: Site<Transport = T>>(site: &S) -> Self {
        Bench::with_secret(site, TEST_SECRET).await
    }

    async fn with_secret<S: Site<Transport = T>>(site: &S, secret: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vaults = Vaults::open(folder.path(), Settings::default().with_clock(Arc::new(Still))).unwrap();
        let service = Endpoint::new(TEST_REGION, "glacier.test:8080").unwrap();
        let vault = "v".try_into().unwrap();
        let make = |transport, secret| {
            Client::new(transport, service.clone(), Credentials::new(TEST_ACCESS_KEY_ID, secret, None).unwrap())
        };
        let mut buf = vec![0; 4096];
        make(site.open(&vaults).await, TEST_SECRET).send(&CreateVault { vault }, NOW, &mut buf).await.unwrap();
        Bench { client: make(site.open(&vaults).await, secret), buf, vault, _folder: folder }
    }

    /// Archives in the vault, as the service counts them; it does not count in a vault that never had any.
    async fn archives(&mut self) -> u64 {
        let described = self.client.send(&DescribeVault { vault: self.vault }, NOW, &mut self.buf).await.unwrap();
        described.number_of_archives.unwrap_or(0)
    }

    /// Hashes a body and uploads it; its archive id.
    async fn upload<S: Source>(&mut self, body: &mut S) -> Result<String, Error<T::Error, S::Error>> {
        let hashes = hash_source(body, &mut [0; 4096]).await.map_err(Error::Source)?;
        let upload = UploadArchive { vault: self.vault, description: None, body: hashes.try_into().unwrap() };
        let receipt = self.client.upload(&upload, body, NOW, &mut self.buf).await?;
        Ok(receipt.archive_id()?.as_str().to_owned())
    }

    /// Retrieves an archive and reads it to its end.
    async fn restore(&mut self, archive: &str) -> Called<Vec<u8>> {
        let kind = JobKind::Archive { id: archive.try_into()?, range: None };
        let job = self.job(kind).await?;
        self.output(&job).await
    }

    async fn job(&mut self, kind: JobKind<'_>) -> Called<String> {
        let initiate = InitiateJob { vault: self.vault, kind, tier: None, description: None, sns_topic: None };
        let receipt = self.client.send(&initiate, NOW, &mut self.buf).await.map_err(told)?;
        let job = receipt.job_id()?.as_str().to_owned();
        // Local jobs are done at the next look.
        let describe = DescribeJob { vault: self.vault, job: JobId::try_from(job.as_str())? };
        let described = self.client.send(&describe, NOW, &mut self.buf).await.map_err(told)?;
        assert_eq!(described.completed, Some(true));
        Ok(job)
    }

    async fn output(&mut self, job: &str) -> Called<Vec<u8>> {
        let get = GetJobOutput { vault: self.vault, job: JobId::try_from(job)?, range: None };
        let mut download = self.client.fetch(&get, NOW, &mut self.buf).await.map_err(told)?;
        let (mut all, mut piece) = (Vec::new(), [0; 1000]);
        loop {
            match download.read(&mut piece).await.map_err(told)? {
                0 => return Ok(all),
                got => all.extend_from_slice(&piece[..got]),
            }
        }
    }
}

/// An error as a sentence, as a transport's own may not live long enough.
fn told(error: impl std::fmt::Display) -> Box<dyn std::error::Error> {
    error.to_string().into()
}

fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8 ^ (at >> 16) as u8).collect()
}

/// What becomes of a body on the second reading, when it is sent.
#[derive(Clone, Copy, Debug)]
enum Then {
    Fails,
    Ends,
    Waits,
    IsAnother,
}

/// A body of 300,000 bytes that is whole when it is hashed, and something else from byte `at` on when it is sent.
struct Moody {
    then: Then,
    at: u64,
    read: u64,
    rewound: u32,
}

impl Moody {
    const SIZE: u64 = 300_000;

    fn new(then: Then, at: u64) -> Self {
        Moody { then, at, read: 0, rewound: 0 }
    }
}

impl ErrorType for Moody {
    type Error = ErrorKind;
}

impl Read for Moody {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, ErrorKind> {
        let sending = self.rewound > 1;
        let end = if sending && self.read < self.at { self.at } else { Moody::SIZE };
        let mut byte = b'x';
        if sending && self.read >= self.at {
            match self.then {
                Then::Fails => return Err(ErrorKind::BrokenPipe),
                Then::Ends => return Ok(0),
                Then::Waits => pending().await,
                Then::IsAnother => byte = b'y',
            }
        }
        let count = into.len().min((end - self.read) as usize);
        into[..count].fill(byte);
        self.read += count as u64;
        Ok(count)
    }
}

impl Source for Moody {
    fn size(&self) -> u64 {
        Moody::SIZE
    }
    async fn rewind(&mut self) -> Result<(), ErrorKind> {
        self.rewound += 1;
        self.read = 0;
        Ok(())
    }
}

/// Bodies of all sizes arrive whole, and come back whole.
pub(crate) async fn bodies_there_and_back<S: Site>(site: &S) {
    let mut bench = Bench::new(site).await;
    for size in [1, 511, 65_537, 1_500_000] {
        let body = pattern(size);
        let archive = bench.upload(&mut Bytes::new(&body)).await.unwrap();
        assert!(bench.restore(&archive).await.unwrap() == body, "a body of {size} bytes is another");
    }
    assert_eq!(bench.archives().await, 4);
}

/// What is signed arrives as it was signed: escaped paths, queries, header values.
pub(crate) async fn signed_as_sent<S: Site>(site: &S) {
    let mut bench = Bench::new(site).await;
    let odd: VaultRef<'_> = "-._a.B".try_into().unwrap();
    bench.client.send(&CreateVault { vault: odd }, NOW, &mut bench.buf).await.unwrap();
    let description = Description::try_from("dev=7 ~%2F+\"x\"  y").unwrap();
    let body = pattern(100);
    let hashes = hash_source(&mut Bytes::new(&body), &mut [0; 64]).await.unwrap();
    assert_eq!(hashes.tree.as_bytes(), &second::tree_hash(&body));
    let upload = UploadArchive { vault: odd, description: Some(description), body: hashes.try_into().unwrap() };
    let receipt = bench.client.upload(&upload, &mut Bytes::new(&body), NOW, &mut bench.buf).await.unwrap();
    assert_eq!(receipt.tree_hash, Some(hashes.tree));
    // Two pages, of which the second's marker is escaped in the query.
    let mut names = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let list = ListVaults { limit: Some(1), marker: marker.as_deref(), ..ListVaults::default() };
        let mut page = bench.client.list(&list, NOW, &mut bench.buf).await.unwrap();
        while let Some(vault) = page.next().await.unwrap() {
            names.push(vault.vault_name.unwrap().to_string());
        }
        match page.marker().map(|marker| marker.as_str().to_owned()) {
            Some(next) => marker = Some(next),
            None => break,
        }
    }
    assert_eq!(names, ["-._a.B", "v"]);
}

/// A POST without a body is one with an empty body.
pub(crate) async fn posts_without_body<S: Site>(site: &S) {
    let mut bench = Bench::new(site).await;
    let initiate = InitiateMultipartUpload { vault: bench.vault, part_size: PartSize::from_mib(1).unwrap(), description: None };
    let receipt = bench.client.send(&initiate, NOW, &mut bench.buf).await.unwrap();
    let upload = receipt.upload_id().unwrap().as_str().to_owned();
    let abort = AbortMultipartUpload { vault: bench.vault, upload: upload.as_str().try_into().unwrap() };
    bench.client.send(&abort, NOW, &mut bench.buf).await.unwrap();
}

/// Refusals are answers, also when they come while a body is being sent.
pub(crate) async fn refusals<S: Site>(site: &S) {
    let mut bench = Bench::new(site).await;
    let missing: VaultRef<'_> = "missing".try_into().unwrap();
    let error = bench.client.send(&DescribeVault { vault: missing }, NOW, &mut bench.buf).await.unwrap_err();
    let refusal = error.service_error().expect("a refusal");
    assert_eq!((refusal.status, refusal.code), (404, ErrorCode::ResourceNotFound));
    assert!(!refusal.request_id.as_str().is_empty() && refusal.date == Some(NOW));
    let there = std::mem::replace(&mut bench.vault, missing);
    let body = pattern(8 << 20);
    let error = bench.upload(&mut Bytes::new(&body)).await.unwrap_err();
    assert_eq!(error.service_error().map(|refusal| refusal.status), Some(404), "{error}");
    bench.vault = there;
    assert_eq!(bench.archives().await, 0);
}

/// An early 403 is a 403.
pub(crate) async fn wrong_secret<S: Site>(site: &S) {
    let mut bench = Bench::with_secret(site, "wrong").await;
    let body = pattern(8 << 20);
    for _ in 0..2 {
        let error = bench.upload(&mut Bytes::new(&body)).await.unwrap_err();
        assert_eq!(
            error.service_error().map(|refusal| (refusal.status, refusal.code)),
            Some((403, ErrorCode::InvalidSignature)),
            "{error}"
        );
    }
}

/// A body that fails, ends early or is another than the one that was hashed becomes no archive, and its own error is told.
pub(crate) async fn moody_bodies<S: Site>(site: &S) {
    let mut bench = Bench::new(site).await;
    for at in [0, 1, 150_000, 299_999] {
        let failed = bench.upload(&mut Moody::new(Then::Fails, at)).await.unwrap_err();
        assert!(matches!(failed, Error::Source(SourceError::Read(ErrorKind::BrokenPipe))), "{at}: {failed}");
        let ended = bench.upload(&mut Moody::new(Then::Ends, at)).await.unwrap_err();
        assert!(matches!(ended, Error::Source(SourceError::Ended { size: Moody::SIZE, got }) if got == at), "{at}: {ended}");
        let another = bench.upload(&mut Moody::new(Then::IsAnother, at)).await.unwrap_err();
        assert_eq!(another.service_error().map(|refusal| refusal.status / 100), Some(4), "{at}: {another}");
        assert_eq!(bench.archives().await, 0);
    }
    bench.upload(&mut Moody::new(Then::Fails, Moody::SIZE)).await.expect("it never came to that");
    assert_eq!(bench.archives().await, 1);
}

/// A call that is dropped half way does nothing by halves, and leaves the next one alone.
pub(crate) async fn call_dropped<S: Site>(site: &S) {
    let mut bench = Bench::new(site).await;
    for at in [0, 1, 150_000, 299_999] {
        let mut body = Moody::new(Then::Waits, at);
        let wait = tokio::time::timeout(Duration::from_millis(200), bench.upload(&mut body)).await;
        assert!(wait.is_err(), "it waits for the body");
        assert_eq!(bench.archives().await, 0);
    }
}

/// An answer's body that is dropped, unread or half read, does not get into the next answer.
pub(crate) async fn answer_dropped<S: Site>(site: &S) {
    let mut bench = Bench::new(site).await;
    let body = pattern(200_000);
    let archive = bench.upload(&mut Bytes::new(&body)).await.unwrap();
    let job = bench.job(JobKind::Archive { id: archive.as_str().try_into().unwrap(), range: None }).await.unwrap();
    for read in [0, 10] {
        let get = GetJobOutput { vault: bench.vault, job: job.as_str().try_into().unwrap(), range: None };
        let mut download = bench.client.fetch(&get, NOW, &mut bench.buf).await.unwrap();
        if read > 0 {
            assert!(download.read(&mut [0; 10]).await.unwrap() > 0);
        }
        drop(download);
        assert_eq!(bench.archives().await, 1);
    }
    assert!(bench.output(&job).await.unwrap() == body);
}

/// With a buffer of any size a call succeeds, or says which of its uses the buffer is too small for.
pub(crate) async fn buffers_of_any_size<S: Site>(site: &S) {
    let mut bench = Bench::new(site).await;
    let (mut request, mut head, mut body, mut enough) = (0, 0, 0, 0);
    for size in (0..1400).step_by(20) {
        let mut buf = vec![0; size];
        match bench.client.send(&DescribeVault { vault: bench.vault }, NOW, &mut buf).await {
            Err(Error::Encode(_)) => request += 1,
            Err(Error::Decode(DecodeError::Head(_))) => head += 1,
            Err(Error::Decode(DecodeError::Body(_))) => body += 1,
            Err(error) => panic!("{size}: {error}"),
            Ok(vault) => {
                assert_eq!(vault.vault_name.unwrap().to_string(), "v");
                enough += 1;
            }
        }
    }
    assert!(request > 0 && head > 0 && enough > 0, "{request} {head} {body} {enough}");
}

/// No waits: a device in a test.
struct Instantly;

impl DelayNs for Instantly {
    async fn delay_ns(&mut self, _: u32) {}
}

/// A device whose clock is not set, or an hour off, learns the time from the service, for calls, lists and downloads alike.
pub(crate) async fn clock_learned<S: Site>(site: &S) {
    let hour_late = NOW.unix() * 1000 - 3_600_000;
    for set in [None, Some(hour_late), Some(hour_late + 7_200_000)] {
        let mut bench = Bench::new(site).await;
        let mut device = Device::new(Instantly, || 12_345, 1);
        if let Some(set) = set {
            device.set_clock(set);
        }
        // A corrected clock costs none of the tries.
        let (list, once) = (ListVaults::default(), RetryPolicy { max_attempts: 1, ..RetryPolicy::default() });
        let mut vaults = bench.client.list_retrying(&list, once, &mut device, &mut bench.buf).await.unwrap();
        assert!(vaults.next().await.unwrap().is_some());
        drop(vaults);
        assert_eq!((device.now(), device.clock().source()), (Some(NOW), Some(ClockSource::Service)));
        // And a call that finds the clock wrong again.
        device.set_clock(hour_late);
        let describe = DescribeVault { vault: bench.vault };
        bench.client.send_retrying(&describe, once, &mut device, &mut bench.buf).await.unwrap();
        assert_eq!(device.now(), Some(NOW));
    }
}
