//! Faults in process: each kind, what the client makes of it, and that a run repeats.

use std::time::Duration;

use embedded_io_async::Read;
use glacier_core::ops::*;
use glacier_core::retry::RetryPolicy;
use glacier_core::*;
use glacier_std::TokioEnvironment;
use glacier_std::local::*;

use crate::fault_cases::*;
use crate::harness::*;

/// Sends one request through a transport in process.
async fn see(harness: &Harness, (method, path, headers, body): (Method, String, Vec<(String, String)>, Vec<u8>)) -> Seen {
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let signed = signed(harness.now(), method, &path, "", &headers, &body);
    let headers: Vec<(&str, &str)> = signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request = Request { method, host: "localhost", path: &path, query: "", headers: &headers };
    let mut arena = [0; 4096];
    let mut head = Head::new(&mut arena);
    let mut transport = LocalTransport::new(&harness.vaults);
    let sent = {
        let mut source = Bytes::new(&body);
        let sending = transport.send(&request, &mut source, &mut head);
        tokio::pin!(sending);
        // Nothing but the vault's own threads is waited for, so that a response that is not there is not coming.
        match tokio::time::timeout(Duration::from_secs(2), sending).await {
            Ok(sent) => sent,
            Err(_) => return Seen::Nothing,
        }
    };
    match sent {
        Ok(()) => {}
        Err(SendError::Transport(LocalError::Reset)) => return Seen::Reset,
        Err(SendError::Transport(LocalError::Ended)) => return Seen::Ended,
        Err(other) => panic!("{other:?}"),
    }
    let response = head.with_body(b"");
    let header = |header| response.header(header).map(str::to_owned);
    let (status, code) = (response.status(), header(Header::ErrorType).unwrap_or_default());
    let (tree, length) = (header(Header::TreeHash), header(Header::ContentLength).map_or(0, |length| length.parse().unwrap()));
    let (mut got, mut piece) = (Vec::new(), [0; 999]);
    let mut body = transport.body();
    loop {
        match body.read(&mut piece).await {
            Ok(0) => return Seen::Response { status, code, body: got, tree },
            Ok(read) => got.extend_from_slice(&piece[..read]),
            Err(LocalError::Ended) => return Seen::Broken { status, length, body: got },
            Err(other) => panic!("{other:?}"),
        }
    }
}

async fn bench() -> Bench {
    let mut harness = Harness::in_memory();
    harness.create("v").await;
    Bench::new(harness).await
}

#[tokio::test]
async fn each_kind_hits_once() {
    for case in cases() {
        let bench = bench().await;
        bench.order(&case);
        let seen = see(&bench.harness, bench.request(case.request)).await;
        bench.judge(&case, seen).await;
        // The next one is as ever.
        let Seen::Response { status, .. } = see(&bench.harness, bench.request(case.request)).await else { panic!() };
        assert!(status < 300, "{:?}", case.fault);
    }
}

#[tokio::test]
async fn a_job_fails_when_its_time_comes() {
    let mut harness = Harness::with_settings(|settings| settings.with_time(TimeMode::Manual));
    harness.create("v").await;
    let archive = harness.upload(b"x", "").await;
    let rule = FaultRule::new("InitiateJob", Fault::JobFails { message: Some("broken tape".into()) });
    harness.vaults.set_faults(FaultScript::new(0, vec![rule]).unwrap());
    let job = harness.retrieve(&archive, None).await;
    let path = format!("/-/vaults/v/jobs/{job}");
    let running = harness.raw(Method::Get, &path, "", &[], b"").await.json();
    assert_eq!((&running["StatusCode"], &running["Completed"]), (&"InProgress".into(), &false.into()));
    harness.vaults.advance(Duration::from_secs(6 * 3600));
    let done = harness.raw(Method::Get, &path, "", &[], b"").await.json();
    assert_eq!((&done["StatusCode"], &done["StatusMessage"]), (&"Failed".into(), &"broken tape".into()));
    assert_eq!(done["Completed"], true);
    // Section 3.29 of the API reference: no output, 400.
    let (code, message) = service_error(harness.output(&job, None).await);
    assert_eq!(code, ErrorCode::InvalidParameterValue);
    assert!(message.contains("broken tape"), "{message}");
    // One that is not accepted does not count.
    let refused = harness.job(JobKind::Archive { id: "none".try_into().unwrap(), range: None }).await;
    assert_eq!(service_error(refused).0, ErrorCode::ResourceNotFound);
    assert_eq!(harness.vaults.faults().rules[0].hits, 1);
}

#[tokio::test]
async fn a_fault_is_for_its_vault_and_a_request_that_is_not_genuine_gets_no_service_error_of_it() {
    let mut harness = Harness::in_memory();
    for name in ["v", "w"] {
        harness.create(name).await;
    }
    let rule = FaultRule { vault: Some("w".into()), ..FaultRule::new("DescribeVault", Fault::Throttle) };
    harness.vaults.set_faults(FaultScript::new(0, vec![rule]).unwrap());
    assert_eq!(harness.raw(Method::Get, "/-/vaults/v", "", &[], b"").await.status, 200);
    let throttled = harness.raw(Method::Get, "/-/vaults/w", "", &[], b"").await;
    assert_eq!(
        (throttled.status, throttled.code.as_str(), throttled.message.as_str()),
        (400, "ThrottlingException", "Rate exceeded")
    );
    let mut forged = signed(harness.now(), Method::Get, "/-/vaults/w", "", &[], b"");
    forged.headers.last_mut().unwrap().1.push('0');
    assert_eq!(send(&harness.vaults, &forged, b"").await.status, 403);
    assert_eq!(harness.vaults.faults().rules[0].hits, 1);
}

#[tokio::test]
async fn a_corrupted_part_that_is_not_there_is_no_hit() {
    let mut harness = Harness::in_memory();
    harness.create("v").await;
    let rules = [CorruptedPart::Body, CorruptedPart::TreeHash].map(|r#where| FaultRule::new("*", Fault::Corrupt { r#where }));
    for rule in rules {
        harness.vaults.set_faults(FaultScript::new(0, vec![rule]).unwrap());
        assert_eq!(harness.raw(Method::Delete, "/-/vaults/v/archives/none", "", &[], b"").await.status, 204);
        assert_eq!(harness.vaults.faults().rules[0].hits, 0);
    }
}

/// A client of vaults in memory, by the clock of this machine, with one upload to try.
struct Tried {
    vaults: Vaults,
    client: LocalClient,
    environment: TokioEnvironment,
    body: Vec<u8>,
}

impl Tried {
    async fn new() -> Self {
        let vaults = Vaults::in_memory(Settings::default()).unwrap();
        let (mut client, mut environment) = (client(&vaults), TokioEnvironment::new());
        let create = CreateVault { vault: vault() };
        client.send_retrying(&create, RetryPolicy::default(), &mut environment, &mut [0; 2048]).await.unwrap();
        Tried { vaults, client, environment, body: data(BODY) }
    }

    /// Orders a fault for the next request for an operation.
    fn order(&self, operation: &str, fault: Fault) {
        let rule = FaultRule { nth: Some(1), ..FaultRule::new(operation, fault) };
        self.vaults.set_faults(FaultScript::new(0, vec![rule]).unwrap());
    }

    async fn upload(&mut self) -> Result<(), CallError> {
        let upload = UploadArchive { vault: vault(), description: None, body: hashes(&self.body).try_into().unwrap() };
        let (mut source, mut buf) = (Bytes::new(&self.body), [0; 4096]);
        self.client.upload_retrying(&upload, &mut source, RetryPolicy::default(), &mut self.environment, &mut buf).await.map(drop)
    }

    /// How many archives there are.
    async fn describe(&mut self) -> Result<u64, CallError> {
        let (describe, mut buf) = (DescribeVault { vault: vault() }, [0; 2048]);
        let output = self.client.send_retrying(&describe, RetryPolicy::default(), &mut self.environment, &mut buf).await?;
        // None is told of a vault that was never written to.
        Ok(output.number_of_archives.unwrap_or(0))
    }

    fn hits(&self) -> u64 {
        self.vaults.faults().rules[0].hits
    }
}

#[tokio::test]
async fn an_upload_whose_fate_is_unknown_is_reported_and_not_sent_again() {
    for (fault, archives) in [(Fault::LoseReply, 1), (Fault::Reset, 0), (Fault::CutRequest { bytes: 9 }, 0)] {
        let mut tried = Tried::new().await;
        tried.order("UploadArchive", fault);
        let error = tried.upload().await.unwrap_err();
        assert!(matches!(error, Error::Transport(_)) && error.may_have_acted(), "{error}");
        assert_eq!((tried.hits(), tried.describe().await.unwrap()), (1, archives));
    }
    // One that is there under a hash of which something is wrong is reported with its id.
    let mut tried = Tried::new().await;
    tried.order("UploadArchive", Fault::Corrupt { r#where: CorruptedPart::TreeHash });
    match tried.upload().await.unwrap_err() {
        Error::TreeHashMismatch(mismatch) => assert!(mismatch.to_string().len() > 138, "{mismatch}"),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn what_the_service_refused_is_sent_again() {
    for fault in [Fault::Throttle, Fault::Error { status: 500, code: "ServiceUnavailableException".into(), message: None }] {
        let mut tried = Tried::new().await;
        tried.order("UploadArchive", fault);
        tried.upload().await.unwrap();
        assert_eq!((tried.hits(), tried.describe().await.unwrap()), (1, 1));
    }
}

#[tokio::test]
async fn an_idempotent_call_is_sent_again_whatever_happened_to_it() {
    let mut tried = Tried::new().await;
    for fault in [Fault::LoseReply, Fault::Reset, Fault::CutResponse { bytes: 0 }, Fault::CutResponse { bytes: 9 }] {
        tried.order("DescribeVault", fault);
        assert_eq!(tried.describe().await.unwrap(), 0);
        assert_eq!(tried.hits(), 1);
    }
    // A stall lasts until the caller gives up.
    tried.order("DescribeVault", Fault::Stall);
    assert!(tokio::time::timeout(Duration::from_millis(50), tried.describe()).await.is_err());
}

/// The outcomes of so many requests under faults.
pub(crate) async fn run(seed: u64) -> Vec<String> {
    let bench = bench().await;
    bench.harness.vaults.set_faults(mixed(seed));
    let mut seen = Vec::new();
    for number in 0..200 {
        let asked = [Asked::Upload, Asked::Download, Asked::Job][number % 3];
        seen.push(shown(see(&bench.harness, bench.request(asked)).await));
    }
    seen
}

#[tokio::test]
async fn the_same_seed_gives_the_same_run() {
    let first = run(7).await;
    assert_eq!(run(7).await, first);
    assert_ne!(run(8).await, first);
    // Every kind of the script was seen.
    for part in ["Ended", "Reset", "Broken", "400", "wrong"] {
        assert!(first.iter().any(|seen| seen.contains(part)), "{part}: {first:?}");
    }
}
