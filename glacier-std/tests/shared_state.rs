//! Clones of a client share what they learn: the service's clock, the signing key, the retry quota.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use glacier_core::ops::ListVaults;
use glacier_core::retry::RetryPolicy;
use glacier_core::testing::{ManualEnvironment, Reply, ScriptedTransport, block_on};
use glacier_core::{Client, Credentials, Endpoint, KeepState, Timestamp};
use glacier_std::SharedState;

type TestClient = Client<ScriptedTransport, Credentials<'static>, SharedState>;

/// A client of a service that accepts only requests signed for 26 May 2012, and responds with 503 while it is overloaded.
struct Fixture {
    client: TestClient,
    transport: ScriptedTransport,
    overloaded: Arc<AtomicBool>,
    state: SharedState,
}

impl Fixture {
    fn new() -> Self {
        let overloaded = Arc::new(AtomicBool::new(false));
        let is_overloaded = Arc::clone(&overloaded);
        let transport = ScriptedTransport::from_fn(move |request| match request.header("x-amz-date") {
            _ if is_overloaded.load(Relaxed) => Reply::status(503),
            Some(date) if date.starts_with("20120526T") => Reply::json(200, r#"{"VaultList":[],"Marker":null}"#),
            _ => Reply::service_error(403, "InvalidSignatureException", "Signature expired: ...")
                .header("date", "Sat, 26 May 2012 00:24:53 GMT"),
        });
        let (credentials, state) = (Credentials::new("AKIDEXAMPLE", "secret", None).unwrap(), SharedState::default());
        let endpoint = Endpoint::new("eu-west-1", "localhost").unwrap();
        let client = Client::with_state(transport.clone(), endpoint, credentials, state.clone());
        Fixture { client, transport, overloaded, state }
    }
}

fn at(time: &str) -> ManualEnvironment {
    ManualEnvironment::at(Timestamp::parse_iso(time).unwrap())
}

/// The day before the service's.
fn yesterday() -> ManualEnvironment {
    at("20120525T002453Z")
}

fn today() -> ManualEnvironment {
    at("20120526T002453Z")
}

fn call(client: &mut TestClient, mut environment: ManualEnvironment) -> bool {
    let mut buf = [0; 2048];
    block_on(client.list_retrying(&ListVaults::default(), RetryPolicy::default(), &mut environment, &mut buf)).is_ok()
}

#[test]
fn a_clock_that_one_clone_corrects_is_right_for_the_others() {
    let fixture = Fixture::new();
    let (mut one, mut other) = (fixture.client.clone(), fixture.client.clone());
    assert!(call(&mut one, yesterday()));
    assert_eq!(fixture.transport.requests().len(), 2, "signed for the wrong day, then for the right one");
    assert!(call(&mut other, yesterday()));
    assert_eq!(fixture.transport.requests().len(), 3, "signed for the right day at once");
}

#[test]
fn retries_of_one_clone_use_up_the_quota_of_the_others() {
    let fixture = Fixture::new();
    let (mut one, mut other) = (fixture.client.clone(), fixture.client.clone());
    let requests = || fixture.transport.requests().len();
    fixture.overloaded.store(true, Relaxed);
    assert!(!call(&mut other, today()));
    assert_eq!(requests(), 3, "with a full quota a call is attempted three times");
    // 500 tokens, of which a retry costs 14.
    for _ in 0..20 {
        assert!(!call(&mut one, today()));
    }
    let before = requests();
    assert!(!call(&mut other, today()));
    assert_eq!(requests() - before, 1, "retried without a quota");
}

#[test]
fn the_signing_key_is_derived_once() {
    let mut fixture = Fixture::new();
    let (mut one, mut other) = (fixture.client.clone(), fixture.client.clone());
    let has_key = |state: &mut SharedState| state.with(|state| format!("{state:?}").contains("has_key: true"));
    assert!(!has_key(&mut fixture.state));
    assert!(call(&mut one, today()));
    // The other clone finds the key before its first call.
    assert!(has_key(&mut fixture.state));
    assert!(call(&mut other, today()));
    let mut alone = Fixture::new();
    assert!(!has_key(&mut alone.state), "clients that are not clones share nothing");
}
