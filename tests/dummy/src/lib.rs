//! A transport, a body, credentials and an environment for programs whose images are measured (`tests/sizes`) or inspected
//! (`tests/thumb`): as little code as possible, with values that are opaque to the compiler.
#![no_std]

use core::fmt;
use core::future::Future;
use core::hint::black_box;
use core::pin::pin;
use core::sync::atomic::{AtomicU32, Ordering};
use core::task::{Context, Poll, Waker};

use embedded_io_async::{ErrorKind, ErrorType, Read};
use glacier_core::{
    Credentials, Environment, Head, NoCredentials, ProvideCredentials, Request, SendError, Source, Timestamp, Transport,
};

/// The status of the next response.
pub static STATUS: AtomicU32 = AtomicU32::new(200);

/// An opaque time.
pub fn now() -> Timestamp {
    Timestamp::from_unix(black_box(1_764_108_000))
}

/// Runs a future to its end.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// Opaque if the dummy is unpredictable, else false.
fn maybe() -> bool {
    cfg!(feature = "unpredictable") && black_box(true)
}

/// Waits for an opaque time if the dummy is unpredictable.
async fn pause() {
    if cfg!(feature = "unpredictable") {
        core::future::poll_fn(|_| if maybe() { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}

pub struct DummyCredentials(pub Credentials<'static>);

impl ProvideCredentials for DummyCredentials {
    async fn credentials(&mut self, _: Timestamp) -> Result<Credentials<'_>, NoCredentials> {
        pause().await;
        if maybe() { Err(NoCredentials(black_box("none"))) } else { Ok(self.0) }
    }
}

pub struct DummyEnvironment;

impl Environment for DummyEnvironment {
    fn now(&mut self) -> Option<Timestamp> {
        (!maybe()).then(now)
    }
    async fn sleep_ms(&mut self, milliseconds: u32) {
        black_box(milliseconds);
        pause().await;
    }
    fn random(&mut self) -> u32 {
        black_box(1)
    }
}

#[derive(Clone, Copy, Debug)]
pub struct DummyError;

impl fmt::Display for DummyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(black_box("failed"))
    }
}

impl core::error::Error for DummyError {}

impl embedded_io_async::Error for DummyError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

/// A transport with the same response to every request, except for one.
#[derive(Default)]
pub struct DummyTransport(Option<&'static str>);

impl Transport for DummyTransport {
    type Error = DummyError;
    type Body<'t> = DummyBody;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<DummyError, S::Error>> {
        black_box((request.method, request.host, request.path, request.query, request.headers, body.size()));
        let mut piece = [0; 16];
        while body.read(black_box(&mut piece)).await.map_err(SendError::Source)? > 0 {}
        pause().await;
        if maybe() {
            return Err(if maybe() { SendError::NotSent(DummyError) } else { SendError::Transport(DummyError) });
        }
        head.start(black_box(STATUS.load(Ordering::Relaxed)) as u16);
        for (name, value) in black_box(HEADERS) {
            head.push(name, value.as_bytes())?;
        }
        // Two operations read the member `Policy` differently.
        let is_retrieval_policy = request.path.ends_with("/data-retrieval");
        self.0 = Some(black_box(if is_retrieval_policy { RETRIEVAL_POLICY } else { BODY }));
        Ok(())
    }

    fn body(&mut self) -> DummyBody {
        DummyBody(self.0.take().unwrap_or_default())
    }
}

/// A body of a request or a response.
#[derive(Default)]
pub struct DummyBody(&'static str);

impl ErrorType for DummyBody {
    type Error = DummyError;
}

impl Read for DummyBody {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, DummyError> {
        pause().await;
        if maybe() {
            return Err(DummyError);
        }
        let (now, later) = self.0.split_at_checked(into.len()).unwrap_or((self.0, ""));
        for (to, from) in into.iter_mut().zip(now.bytes()) {
            *to = from;
        }
        self.0 = later;
        Ok(now.len())
    }
}

impl Source for DummyBody {
    fn size(&self) -> u64 {
        BODY.len() as u64
    }
    async fn rewind(&mut self) -> Result<(), DummyError> {
        pause().await;
        if maybe() {
            return Err(DummyError);
        }
        self.0 = black_box(BODY);
        Ok(())
    }
}

const HEADERS: &[(&str, &str)] = &[
    ("x-amzn-RequestId", "AAABZpJrTyioDC_HsOmHae8EZp_uBSJr6cnGOLKp_XJCl-Q"),
    ("Date", "Tue, 25 Nov 2025 22:00:00 GMT"),
    ("Location", "/111122223333/vaults/examplevault/archives/id"),
    ("x-amz-archive-id", "NkbByEejwEggmBz2fTHgJrg0XBoDfjP4q6iu87"),
    ("x-amz-sha256-tree-hash", TREE_HASH),
    ("x-amz-multipart-upload-id", "OW2fM5iVylEpFEMM9_HpKowRapC3vn5sSL39_396UW9zLFUWVrnRHaPjUJddQ5OxSHVXjYtrN47NBZ-khxOjyEXAMPLE"),
    ("x-amz-job-id", "HkF9p6o7yjhFx-K3CGl6fuSm6VzW9T7esGQfco8nUXVYwS0jlb5gq1JZ55yHgt5vP54ZShjoQzQVVh7vEXAMPLEjobID"),
    ("x-amz-lock-id", "AE863rKkWZU53SLW5be4DUcW"),
    ("x-amz-capacity-id", "zSaq7NzHFQDANTfQkDen4V7z"),
];

/// The tree hash of [`BODY`].
pub const TREE_HASH: &str = "1a896b35a6f31b7357aa7693358504822d93bc79f3af06553b422cf7e438bd69";

/// All members of all responses.
pub const BODY: &str = r#"{"code":"BadRequest","message":"it is invalid","type":"Client",
"VaultARN":"arn:aws:glacier:us-east-1:111122223333:vaults/examplevault","VaultName":"examplevault","CreationDate":"2012-02-20T17:01:45.198Z",
"LastInventoryDate":"2012-03-20T17:03:43.221Z","NumberOfArchives":192,"SizeInBytes":78088912,
"Action":"ArchiveRetrieval","ArchiveId":"NkbByEejwEggmBz2fTHgJrg0XBoDfjP4q6iu87","JobId":"HkF9p6o7yjhFx-K3CGl6fuSm6VzW9T7esGQfco8nUXVYwS0jlb5gq1JZ55yHgt5vP54ZShjoQzQVVh7v",
"StatusCode":"InProgress","Completed":false,"ArchiveSizeInBytes":16777216,"SHA256TreeHash":"beb0fe31a1c7ca8c6c04d574ea906e3f97b31fdca7571defb5b44dca89b5af60",
"InventoryRetrievalParameters":{"Format":"JSON","Limit":"10"},"policy":"{\"Version\":\"2012-10-17\"}","Policy":"{\"Version\":\"2012-10-17\"}",
"vaultNotificationConfig":{},"SNSTopic":"arn:aws:sns:us-west-2:012345678901:mytopic","Events":["ArchiveRetrievalCompleted","InventoryRetrievalCompleted"],
"State":"InProgress","ExpirationDate":"2015-08-01T00:00:00Z","Marker":null,
"VaultList":[{"VaultName":"a","NumberOfArchives":1},{"VaultName":"b"}],
"JobList":[{"JobId":"a","Completed":true,"InventoryRetrievalParameters":{"Format":"CSV"}}],
"UploadsList":[{"MultipartUploadId":"a","PartSizeInBytes":1048576}],
"Parts":[{"RangeInBytes":"0-1048575","SHA256TreeHash":"01d34dabf7be316472c93b1ef80721f5d4"}],
"ProvisionedCapacityList":[{"CapacityId":"a","StartDate":"2012-02-20T17:01:45.198Z"}],
"Tags":{"key":"value","another":"one"}}"#;

const RETRIEVAL_POLICY: &str = r#"{"Policy":{"Rules":[{"Strategy":"BytesPerHour","BytesPerHour":10737418240}]}}"#;
