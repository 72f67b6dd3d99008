//! A vault service in a temporary folder, and two ways to send requests to it: the client, and requests that are signed here.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use embedded_io_async::Read;
use glacier_core::hash::PayloadHasher;
use glacier_core::ops::*;
use glacier_core::sign::Scope;
use glacier_core::*;
use glacier_std::local::*;
use sha2::{Digest, Sha256};

pub(crate) const MIB: usize = glacier_core::MIB as usize;
/// 1 MiB; 256 bytes in a build with `--cfg glacier_sim`.
pub(crate) const LEAF: usize = glacier_core::LEAF_SIZE as usize;
/// A day, in milliseconds.
pub(crate) const DAY: u64 = 86_400_000;
/// 2026-01-02T03:04:05.678Z
pub(crate) const THEN: u64 = 1_767_323_045_678;

/// A clock that advances only when it is told to.
#[derive(Debug)]
pub(crate) struct ManualClock(AtomicU64);

impl ManualClock {
    pub(crate) fn advance(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn unix_millis(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

pub(crate) type LocalClient = Client<LocalTransport, Credentials<'static>>;
pub(crate) type CallError = Error<LocalError>;

pub(crate) struct Harness {
    pub(crate) vaults: Vaults,
    pub(crate) client: LocalClient,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) folder: tempfile::TempDir,
}

impl Harness {
    pub(crate) fn new() -> Self {
        Harness::observed(None)
    }

    pub(crate) fn observed(observer: Option<RequestObserver>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock(AtomicU64::new(THEN)));
        let mut settings = Settings::default().with_clock(clock.clone());
        settings.observer = observer;
        let vaults = Vaults::open(folder.path(), settings).unwrap();
        Harness { client: client(&vaults), vaults, clock, folder }
    }

    /// In memory; the folder is not used.
    pub(crate) fn in_memory() -> Self {
        Harness::with_settings(|settings| settings)
    }

    /// In memory, with other settings than the default ones.
    pub(crate) fn with_settings(change: impl FnOnce(Settings) -> Settings) -> Self {
        let clock = Arc::new(ManualClock(AtomicU64::new(THEN)));
        let vaults = Vaults::in_memory(change(Settings::default().with_clock(clock.clone()))).unwrap();
        Harness { client: client(&vaults), vaults, clock, folder: tempfile::tempdir().unwrap() }
    }

    /// With a vault named `v`.
    pub(crate) async fn with_vault() -> Self {
        let mut harness = Harness::new();
        harness.create("v").await;
        harness
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.clock.unix_millis() / 1000)
    }

    pub(crate) async fn create(&mut self, name: &str) {
        let now = self.now();
        self.client.send(&CreateVault { vault: name.try_into().unwrap() }, now, &mut [0; 2048]).await.unwrap();
    }

    /// Uploads to `v` in one request; the id of the archive.
    pub(crate) async fn upload(&mut self, data: &[u8], description: &str) -> String {
        let now = self.now();
        let operation = UploadArchive {
            vault: vault(),
            description: Some(description.try_into().unwrap()),
            body: hashes(data).try_into().unwrap(),
        };
        let mut buf = [0; 4096];
        let output = self.client.upload(&operation, &mut Bytes::new(data), now, &mut buf).await.unwrap();
        assert_eq!(output.tree_hash.unwrap(), tree(data));
        output.archive_id().unwrap().as_str().to_owned()
    }

    /// Initiates a multipart upload to `v`; its id.
    pub(crate) async fn begin(&mut self, part_size: PartSize) -> String {
        let now = self.now();
        let operation = InitiateMultipartUpload { vault: vault(), part_size, description: Some("in parts".try_into().unwrap()) };
        self.client.send(&operation, now, &mut [0; 2048]).await.unwrap().upload_id().unwrap().as_str().to_owned()
    }

    pub(crate) async fn part(&mut self, upload: &str, first: usize, data: &[u8]) -> Result<(), CallError> {
        let now = self.now();
        let operation = UploadMultipartPart::new(vault(), upload.try_into().unwrap(), first as u64, hashes(data)).unwrap();
        let done = self.client.upload(&operation, &mut Bytes::new(data), now, &mut [0; 2048]).await;
        done.map(|_| ()).map_err(|error| match error {
            Error::Service(error) => Error::Service(error),
            other => panic!("{other}"),
        })
    }

    /// Completes an upload to an archive of `data`; the id of the archive.
    pub(crate) async fn complete(&mut self, upload: &str, data: &[u8]) -> Result<String, CallError> {
        let now = self.now();
        let (archive_size, tree_hash) = (data.len() as u64, tree(data));
        let operation = CompleteMultipartUpload { vault: vault(), upload: upload.try_into().unwrap(), archive_size, tree_hash };
        let mut buf = [0; 2048];
        let output = self.client.send(&operation, now, &mut buf).await?;
        assert_eq!(output.tree_hash, Some(tree_hash));
        Ok(output.archive_id().unwrap().as_str().to_owned())
    }

    /// Initiates a job in `v`; its id.
    pub(crate) async fn job(&mut self, kind: JobKind<'_>) -> Result<String, CallError> {
        let now = self.now();
        let operation = InitiateJob { vault: vault(), kind, tier: None, description: None, sns_topic: None };
        Ok(self.client.send(&operation, now, &mut [0; 2048]).await?.job_id().unwrap().as_str().to_owned())
    }

    /// A job that retrieves an archive, or a range of it.
    pub(crate) async fn retrieve(&mut self, archive: &str, range: Option<ByteRange>) -> String {
        self.job(JobKind::Archive { id: archive.try_into().unwrap(), range }).await.unwrap()
    }

    /// Downloads a job's output.
    pub(crate) async fn output(&mut self, job: &str, range: Option<Range>) -> Result<Got, CallError> {
        let now = self.now();
        let mut buf = [0; 4096];
        let operation = GetJobOutput { vault: vault(), job: job.try_into().unwrap(), range };
        let mut download = self.client.fetch(&operation, now, &mut buf).await?;
        let output = *download.output();
        let mut got = Got {
            status: output.status,
            tree: output.tree_hash,
            content_range: output.content_range.map(str::to_owned),
            content_type: output.content_type.unwrap().to_owned(),
            description: output.description.map(str::to_owned),
            data: Vec::new(),
        };
        assert_eq!(output.accept_ranges, Some("bytes"));
        let mut piece = vec![0; 100_000];
        loop {
            let length = download.read(&mut piece).await?;
            if length == 0 {
                return Ok(got);
            }
            got.data.extend_from_slice(&piece[..length]);
        }
    }

    /// Retrieves a whole archive.
    pub(crate) async fn fetch(&mut self, archive: &str) -> Vec<u8> {
        let job = self.retrieve(archive, None).await;
        self.output(&job, None).await.unwrap().data
    }

    /// Sends a request with exactly these headers, signed.
    pub(crate) async fn raw(&self, method: Method, path: &str, query: &str, headers: &[(&str, &str)], body: &[u8]) -> RawResponse {
        send(&self.vaults, &signed(self.now(), method, path, query, headers, body), body).await
    }
}

pub(crate) fn client(vaults: &Vaults) -> LocalClient {
    let credentials = Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET, None).unwrap();
    Client::new(LocalTransport::new(vaults), Endpoint::new(TEST_REGION, "localhost").unwrap(), credentials)
}

pub(crate) fn vault() -> VaultRef<'static> {
    "v".try_into().unwrap()
}

/// The output of a job.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) tree: Option<TreeHash>,
    pub(crate) content_range: Option<String>,
    pub(crate) content_type: String,
    pub(crate) description: Option<String>,
    pub(crate) data: Vec<u8>,
}

/// A signed request that owns its headers.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
}

/// Signs all that is given, with `host`, `x-amz-date` and, unless `headers` has it with an empty value, `x-amz-glacier-version`.
pub(crate) fn signed(now: Timestamp, method: Method, path: &str, query: &str, headers: &[(&str, &str)], body: &[u8]) -> Signed {
    signed_for("localhost", now, method, path, query, headers, body)
}

pub(crate) fn signed_for(
    host: &str,
    now: Timestamp,
    method: Method,
    path: &str,
    query: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Signed {
    let credentials = Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET, None).unwrap();
    signed_by(&Signing { credentials, region: TEST_REGION, host }, now, method, path, query, headers, body)
}

/// Who signs, and for where.
pub(crate) struct Signing<'s> {
    pub(crate) credentials: Credentials<'s>,
    pub(crate) region: &'s str,
    pub(crate) host: &'s str,
}

pub(crate) fn signed_by(
    signing: &Signing<'_>,
    now: Timestamp,
    method: Method,
    path: &str,
    query: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Signed {
    let Signing { credentials, region, host } = signing;
    let date = now.to_string().replace(['-', ':'], "");
    let mut all = vec![("x-amz-date", date.as_str())];
    if !headers.iter().any(|(name, _)| *name == "x-amz-glacier-version") {
        all.push(("x-amz-glacier-version", API_VERSION));
    }
    all.extend(headers.iter().filter(|(_, value)| !value.is_empty()));
    // The payload's hash is what an upload announces, true or not.
    let announced = headers.iter().find(|(name, _)| *name == "x-amz-content-sha256").and_then(|(_, value)| value.parse().ok());
    let payload: LinearHash = announced.unwrap_or_else(|| LinearHash::from_bytes(Sha256::digest(body).into()));
    let request = Request { method, host, path, query, headers: &all };
    let scope = Scope { region, service: "glacier" };
    let mut room = [0; 1024];
    let mut authorization = Buffer::new(&mut room);
    Signer::new().authorization(&scope, credentials, now, &request, &payload, &mut authorization);
    let authorization = String::from_utf8(authorization.finish().unwrap().0.to_vec()).unwrap();
    let mut headers: Vec<(String, String)> = all.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    headers.push(("authorization".into(), authorization));
    Signed { method, path: path.into(), query: query.into(), headers }
}

/// A response.
#[derive(Debug)]
pub(crate) struct RawResponse {
    pub(crate) status: u16,
    /// The code in the header and in the body, which must be the same; empty for a success.
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) location: Option<String>,
    /// The id of what was made; empty if nothing was.
    pub(crate) id: String,
    pub(crate) body: Vec<u8>,
}

impl RawResponse {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The body of a response to a request without one, to be read.
pub(crate) async fn open(vaults: &Vaults, signed: &Signed) -> LocalBody {
    let headers: Vec<(&str, &str)> = signed.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let request = Request { method: signed.method, host: "localhost", path: &signed.path, query: &signed.query, headers: &headers };
    vaults.handle(&request, Some(0), &mut Bytes::new(b"")).await.unwrap().into_response().unwrap().into_body()
}

pub(crate) async fn send(vaults: &Vaults, signed: &Signed, body: &[u8]) -> RawResponse {
    let headers: Vec<(&str, &str)> = signed.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let request = Request { method: signed.method, host: "localhost", path: &signed.path, query: &signed.query, headers: &headers };
    let mut arena = [0; 4096];
    let mut head = Head::new(&mut arena);
    let mut transport = LocalTransport::new(vaults);
    transport.send(&request, &mut Bytes::new(body), &mut head).await.unwrap();
    let mut body = transport.body();
    let mut bytes = vec![0; 1 << 20];
    let mut length = 0;
    loop {
        match body.read(&mut bytes[length..]).await.unwrap() {
            0 => break,
            got => length += got,
        }
    }
    bytes.truncate(length);
    let response = head.with_body(&bytes);
    let header = |header| response.header(header).unwrap_or_default().to_owned();
    let mut raw = RawResponse {
        status: response.status(),
        code: header(Header::ErrorType),
        message: String::new(),
        location: response.header(Header::Location).map(str::to_owned),
        id: [Header::ArchiveId, Header::UploadId, Header::JobId, Header::LockId].into_iter().map(header).collect(),
        body: bytes.clone(),
    };
    assert_eq!(header(Header::RequestId).len(), 52);
    assert!(Timestamp::parse_http(&header(Header::Date)).is_some());
    if raw.status != 204 {
        assert_eq!(header(Header::ContentLength), length.to_string());
    }
    if raw.status >= 300 {
        let json = raw.json();
        assert_eq!(json["code"], raw.code.as_str());
        assert_eq!(json["type"], if raw.status < 500 { "Client" } else { "Server" });
        assert_eq!(header(Header::ContentType), "application/json");
        raw.message = json["message"].as_str().unwrap().to_owned();
    }
    raw
}

pub(crate) fn data(length: usize) -> Vec<u8> {
    let mut state = length as u64 + 1;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    })
    .take(length)
    .collect()
}

/// The tree hash by its definition, without the code under test.
pub(crate) fn tree(data: &[u8]) -> TreeHash {
    let mut row: Vec<[u8; 32]> = data.chunks(LEAF).map(|leaf| Sha256::digest(leaf).into()).collect();
    while row.len() > 1 {
        let parent = |a: &[u8; 32], b: &[u8; 32]| Sha256::new().chain_update(a).chain_update(b).finalize().into();
        row = row.chunks(2).map(|pair| if let [a, b] = pair { parent(a, b) } else { pair[0] }).collect();
    }
    TreeHash::from_bytes(row[0])
}

pub(crate) fn linear(data: &[u8]) -> String {
    LinearHash::from_bytes(Sha256::digest(data).into()).to_string()
}

pub(crate) fn hashes(data: &[u8]) -> PayloadHashes {
    let mut hasher = PayloadHasher::new();
    hasher.update(data);
    hasher.finish().unwrap()
}

/// A copy of a folder of vaults, as a kill leaves it if it is in use.
pub(crate) fn copy(from: &Path) -> tempfile::TempDir {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let to = builder.tempdir().unwrap();
    for folder in ["", "staged", "blobs"] {
        std::fs::create_dir_all(to.path().join(folder)).unwrap();
        for entry in std::fs::read_dir(from.join(folder)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), to.path().join(folder).join(entry.file_name())).unwrap();
            }
        }
    }
    to
}

/// The names of all files below `folder/name`.
pub(crate) fn files(folder: &Path, name: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join(name)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The code and the message of a service error.
pub(crate) fn service_error<T: std::fmt::Debug>(result: Result<T, CallError>) -> (ErrorCode, String) {
    match result.unwrap_err() {
        Error::Service(error) => (error.code, error.message.as_str().to_owned()),
        other => panic!("{other}"),
    }
}
