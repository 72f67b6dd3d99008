//! Clones of a client share what they learn: the service's clock, the signing key, the retry quota.
#![cfg(feature = "local")]

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use glacier_core::ops::ListVaults;
use glacier_core::retry::RetryPolicy;
use glacier_core::{Client, Credentials, Endpoint, Head, KeepState, Request, SendError, Source, Timestamp, Transport};
use glacier_std::local::{
    Clock, LocalBody, LocalError, LocalTransport, Settings, TEST_ACCESS_KEY_ID, TEST_REGION, TEST_SECRET, Vaults,
};
use glacier_std::{SharedState, TokioEnvironment};

/// Records the `x-amz-date` of each request. While it is broken, responds with 503.
#[derive(Clone)]
struct Recording {
    inner: LocalTransport,
    dates: Arc<Mutex<Vec<Timestamp>>>,
    broken: Arc<AtomicBool>,
}

impl Transport for Recording {
    type Error = LocalError;
    type Body<'t> = LocalBody;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<LocalError, S::Error>> {
        let date =
            request.headers.iter().find(|(name, _)| *name == "x-amz-date").map(|(_, date)| Timestamp::parse_iso(date).unwrap());
        self.dates.lock().unwrap().extend(date);
        if self.broken.load(Relaxed) {
            head.start(503);
            return Ok(());
        }
        self.inner.send(request, body, head).await
    }

    fn body(&mut self) -> LocalBody {
        self.inner.body()
    }
}

/// A clock that is a day ahead of the system's.
struct Tomorrow;

impl Clock for Tomorrow {
    fn unix_millis(&self) -> u64 {
        u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap() + 86_400_000
    }
}

type TestClient = Client<Recording, Credentials<'static>, SharedState>;

struct Bench {
    client: TestClient,
    dates: Arc<Mutex<Vec<Timestamp>>>,
    broken: Arc<AtomicBool>,
    state: SharedState,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vaults = Vaults::open(folder.path().join("vaults"), settings).unwrap();
        let (dates, broken): (Arc<Mutex<Vec<Timestamp>>>, Arc<AtomicBool>) = Default::default();
        let transport = Recording { inner: LocalTransport::new(&vaults), dates: dates.clone(), broken: broken.clone() };
        let credentials = Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET, None).unwrap();
        let state = SharedState::default();
        let client = Client::with_state(transport, Endpoint::new(TEST_REGION, "localhost").unwrap(), credentials, state.clone());
        Bench { client, dates, broken, state, _folder: folder }
    }

    /// Forgets the requests so far, and returns how many they were.
    fn requests(&self) -> usize {
        std::mem::take(&mut *self.dates.lock().unwrap()).len()
    }
}

async fn call(client: &mut TestClient) -> bool {
    let mut buf = [0; 2048];
    client.list_retrying(&ListVaults::default(), RetryPolicy::default(), &mut TokioEnvironment::new(), &mut buf).await.is_ok()
}

#[tokio::test]
async fn what_one_learns_of_the_clock_the_other_signs_with_at_once() {
    let bench = Bench::new(Settings::default().with_clock(Arc::new(Tomorrow)));
    let (mut one, mut other) = (bench.client.clone(), bench.client.clone());
    assert!(call(&mut one).await);
    assert_eq!(bench.requests(), 2, "signed for the wrong day, then for the right one");
    let today = glacier_std::clock::now();
    assert!(call(&mut other).await);
    let dates = bench.dates.lock().unwrap().clone();
    let [date] = dates[..] else { panic!("{} requests", dates.len()) };
    let ahead = date.seconds_since(today);
    assert!((86_390..86_500).contains(&ahead), "{ahead} s ahead");
}

#[tokio::test(start_paused = true)]
async fn retries_of_one_are_taken_from_the_quota_of_the_other() {
    let bench = Bench::new(Settings::default());
    let (mut one, mut other) = (bench.client.clone(), bench.client.clone());
    bench.broken.store(true, Relaxed);
    assert!(!call(&mut other).await);
    assert_eq!(bench.requests(), 3, "with a full quota a call is attempted three times");
    // 500 tokens, of which a retry costs 14.
    for _ in 0..20 {
        assert!(!call(&mut one).await);
    }
    bench.requests();
    assert!(!call(&mut other).await);
    assert_eq!(bench.requests(), 1, "retried without a quota");
}

#[tokio::test]
async fn the_signing_key_is_derived_once() {
    let mut bench = Bench::new(Settings::default());
    let (mut one, mut other) = (bench.client.clone(), bench.client.clone());
    let has_key = |state: &mut SharedState| state.with(|state| format!("{state:?}").contains("has_key: true"));
    assert!(!has_key(&mut bench.state));
    assert!(call(&mut one).await);
    // The other clone finds the key before its first call.
    assert!(has_key(&mut bench.state));
    assert!(call(&mut other).await);
    let alone = Bench::new(Settings::default());
    assert!(!has_key(&mut alone.state.clone()), "clients that are not clones share nothing");
}
