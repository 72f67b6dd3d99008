//! Control in process: time, inventories, reset, state and the log of requests.

use std::fs::read_dir;
use std::time::Duration;

use embedded_io_async::Read;
use glacier_core::{Method, PartSize};
use glacier_std::local::*;
use serde_json::json;

use crate::harness::*;

const HOUR: Duration = Duration::from_secs(3600);

/// Vaults in a folder whose time stands still, with a vault `v`.
async fn bench(mode: TimeMode) -> Harness {
    let Harness { clock, folder, .. } = Harness::in_memory();
    let settings = Settings::default().with_clock(clock.clone()).with_time(mode).with_request_log();
    let vaults = Vaults::open(folder.path(), settings).unwrap();
    let mut harness = Harness { client: client(&vaults), vaults, clock, folder };
    harness.create("v").await;
    harness
}

/// The same as a kill leaves it, opened at the wall time that the clock has.
fn after_a_kill(harness: &Harness, mode: TimeMode) -> (Vaults, tempfile::TempDir) {
    let folder = copy(harness.folder.path());
    let settings = Settings::default().with_clock(harness.clock.clone()).with_time(mode);
    (Vaults::open(folder.path(), settings).unwrap(), folder)
}

#[tokio::test]
async fn time_is_moved_on_and_kept_at_once() {
    let scaled = TimeMode::Scaled(TimeFactor::new(1000).unwrap());
    for mode in [TimeMode::Instant, TimeMode::Manual, scaled] {
        let harness = bench(mode).await;
        // 2026-01-02T03:04:05.678Z and an hour.
        assert_eq!(harness.vaults.advance_now(HOUR).await.unwrap(), "2026-01-02T04:04:05.678Z", "{mode}");
        let (killed, _folder) = after_a_kill(&harness, mode);
        assert_eq!(killed.now(), harness.vaults.now(), "{mode}");
        assert_eq!(harness.vaults.state().await.unwrap().now, "2026-01-02T04:04:05.678Z");
    }
    let real = bench(TimeMode::Real).await;
    let error = real.vaults.advance_now(HOUR).await.unwrap_err();
    assert_eq!(error, ControlError::RealTime);
    assert!(error.to_string().contains("--time"), "{error}");
    assert_eq!(real.vaults.now().unix(), THEN / 1000);
}

#[tokio::test]
async fn time_is_not_moved_on_too_far_by_mistake() {
    let harness = bench(TimeMode::Manual).await;
    let century = 3_153_600_000;
    let error = harness.vaults.advance_now(Duration::from_secs(century + 1)).await.unwrap_err();
    assert!(error.to_string().contains("3153600000") && error.to_string().contains("3153600001"), "{error}");
    assert_eq!(harness.vaults.now().unix(), THEN / 1000);
    harness.vaults.advance_now(Duration::from_secs(century)).await.unwrap();
    assert_eq!(harness.vaults.now().unix(), THEN / 1000 + century);
}

#[tokio::test]
async fn what_is_due_is_done_when_time_is_moved_on() {
    let mut harness = bench(TimeMode::Manual).await;
    let archive = harness.upload(b"body", "").await;
    let job = harness.retrieve(&archive, None).await;
    assert_eq!(harness.vaults.until_due(), None);
    harness.vaults.advance_now(5 * HOUR).await.unwrap();
    // Nobody has asked for anything since: the next event is no more the end of the job.
    let (killed, _folder) = after_a_kill(&harness, TimeMode::Manual);
    let contents = killed.contents("000000000000", "us-east-1", "v").await.unwrap();
    assert_eq!((contents.jobs[0].id.as_str(), contents.jobs[0].status), (job.as_str(), "Succeeded"));
    assert_eq!(harness.output(&job, None).await.unwrap().data, b"body");
}

#[tokio::test]
async fn an_inventory_is_taken_of_the_present() {
    let mut harness = bench(TimeMode::Manual).await;
    let first = harness.upload(b"12345", "").await;
    harness.upload(b"123", "").await;
    let listed = |vaults: &Vaults| {
        let vaults = vaults.clone();
        async move { vaults.state().await.unwrap().due.iter().filter(|event| event.what == "inventory").count() }
    };
    assert_eq!(listed(&harness.vaults).await, 1);
    let taken = harness.vaults.take_inventory(None, None, "v").await.unwrap();
    assert_eq!((taken.taken.as_str(), taken.archives, taken.bytes), ("2026-01-02T03:04:05.678Z", 2, 8));
    let described = harness.raw(Method::Get, "/-/vaults/v", "", &[], b"").await.json();
    assert_eq!((&described["NumberOfArchives"], &described["LastInventoryDate"]), (&json!(2), &json!("2026-01-02T03:04:05.678Z")));
    // The one that was due is this one, and the next write makes another due.
    assert_eq!(listed(&harness.vaults).await, 0);
    assert_eq!(harness.raw(Method::Delete, &format!("/-/vaults/v/archives/{first}"), "", &[], b"").await.status, 204);
    assert_eq!(listed(&harness.vaults).await, 1);
    assert_eq!(harness.raw(Method::Delete, "/-/vaults/v", "", &[], b"").await.status, 400, "recently written to");
    let taken = harness.vaults.take_inventory(Some("000000000000"), Some("us-east-1"), "v").await.unwrap();
    assert_eq!((taken.archives, taken.bytes), (1, 3));
}

#[tokio::test]
async fn a_vault_is_found_without_its_region_if_there_is_one() {
    let harness = bench(TimeMode::Manual).await;
    let create = |region: &'static str, name: &'static str| {
        let signing =
            Signing { credentials: glacier_core::Credentials::new("test", "test", None).unwrap(), region, host: "localhost" };
        let signed = signed_by(&signing, harness.now(), Method::Put, &format!("/-/vaults/{name}"), "", &[], b"");
        let vaults = harness.vaults.clone();
        async move { assert_eq!(send(&vaults, &signed, b"").await.status, 201) }
    };
    create("eu-west-1", "far").await;
    create("eu-west-1", "v").await;
    create("eu-west-1", "both").await;
    create("ap-south-1", "both").await;
    assert!(harness.vaults.take_inventory(None, None, "far").await.is_ok());
    assert!(harness.vaults.take_inventory(None, None, "v").await.is_ok(), "that of us-east-1");
    let state = harness.vaults.state().await.unwrap();
    let taken: Vec<(&str, &str)> = state
        .vaults
        .iter()
        .filter(|vault| vault.inventory.is_some())
        .map(|vault| (vault.region.as_str(), vault.name.as_str()))
        .collect();
    assert_eq!(taken, [("eu-west-1", "far"), ("us-east-1", "v")]);
    for (account, region, name) in
        [(None, None, "both"), (None, None, "none"), (None, Some("eu-north-1"), "v"), (Some("111122223333"), None, "v")]
    {
        let error = harness.vaults.take_inventory(account, region, name).await.unwrap_err();
        assert!(matches!(error, ControlError::NotFound { .. }) && error.to_string().contains(name), "{error}");
    }
}

/// Something of everything in `v`.
async fn fill(harness: &mut Harness) -> (String, String, String) {
    let archive = harness.upload(&data(3 * LEAF), "an archive").await;
    let upload = harness.begin(PartSize::MIN).await;
    harness.part(&upload, 0, &data(LEAF)).await.unwrap();
    let job = harness.retrieve(&archive, None).await;
    let post = |path: &str, body: serde_json::Value| {
        let (path, body, vaults, now) = (path.to_owned(), body.to_string(), harness.vaults.clone(), harness.now());
        let (method, path) = path.split_once(' ').map(|(method, path)| (method.to_owned(), path.to_owned())).unwrap();
        async move {
            let method = if method == "PUT" { Method::Put } else { Method::Post };
            let response = send(&vaults, &signed(now, method, &path, "", &[], body.as_bytes()), body.as_bytes()).await;
            assert!(response.status < 300, "{path}: {}", response.message);
        }
    };
    let arn = "arn:aws:glacier:us-east-1:000000000000:vaults/v";
    let statement = json!({ "Sid": "s", "Effect": "Deny", "Principal": "*", "Action": "glacier:DeleteArchive", "Resource": arn });
    let policy = json!({ "Policy": json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string() });
    post("POST /-/vaults/v/lock-policy", policy.clone()).await;
    post("PUT /-/vaults/v/access-policy", policy).await;
    post("PUT /-/policies/data-retrieval", json!({ "Policy": { "Rules": [{ "Strategy": "FreeTier" }] } })).await;
    let (now, vaults) = (harness.now(), &harness.vaults);
    let purchase = signed(now, Method::Post, "/-/provisioned-capacity", "", &[], b"");
    assert_eq!(send(vaults, &purchase, b"").await.status, 201);
    (archive, upload, job)
}

#[tokio::test]
async fn the_state_is_that_of_all_vaults_and_what_is_due() {
    let mut harness = bench(TimeMode::Manual).await;
    let (archive, upload, job) = fill(&mut harness).await;
    let state = serde_json::to_value(harness.vaults.state().await.unwrap()).unwrap();
    let vault = json!({
        "account": "000000000000", "region": "us-east-1", "name": "v", "archives": 1, "bytes": 3 * LEAF, "inventory": null,
        "lock": "InProgress", "jobs": 1, "uploads": 1,
    });
    assert_eq!((&state["now"], &state["mode"]), (&"2026-01-02T03:04:05.678Z".into(), &"manual".into()));
    assert_eq!((&state["found"], &state["capped"], &state["vaults"]), (&json!([]), &json!([]), &json!([vault])));
    let due: Vec<(&str, Option<&str>)> = state["due"]
        .as_array()
        .unwrap()
        .iter()
        .inspect(|event| assert_eq!(event["vault"], "v"))
        .map(|event| (event["what"].as_str().unwrap(), event["id"].as_str()))
        .collect();
    assert_eq!(due[0], ("job-done", Some(job.as_str())), "in 3 to 5 hours");
    assert_eq!(due[1], ("inventory", None), "in 12 hours");
    assert_eq!((due[2], due[3].0, due.len()), (("upload-expires", Some(upload.as_str())), "lock-expires", 4), "in 24 hours");

    let contents = serde_json::to_value(harness.vaults.contents("000000000000", "us-east-1", "v").await.unwrap()).unwrap();
    assert_eq!(
        contents["archives"],
        json!([{ "id": archive, "size": 3 * LEAF, "created": "2026-01-02T03:04:05.678Z", "description": "an archive",
            "treeHash": tree(&data(3 * LEAF)).to_string() }])
    );
    assert_eq!(
        (&contents["uploads"][0]["id"], &contents["uploads"][0]["due"]),
        (&json!(upload), &"2026-01-03T03:04:05.678Z".into())
    );
    let shown = &contents["jobs"][0];
    assert_eq!((&shown["id"], &shown["status"], &shown["archive"]), (&json!(job), &"InProgress".into(), &json!(archive)));
    assert_eq!((&shown["due"], &shown["tier"]), (&state["due"][0]["at"], &"Standard".into()));

    // What ended otherwise is not due any more.
    assert_eq!(harness.raw(Method::Delete, "/-/vaults/v/lock-policy", "", &[], b"").await.status, 204);
    assert_eq!(harness.raw(Method::Delete, &format!("/-/vaults/v/multipart-uploads/{upload}"), "", &[], b"").await.status, 204);
    harness.vaults.advance_now(13 * HOUR).await.unwrap();
    let state = harness.vaults.state().await.unwrap();
    let due: Vec<(&str, Option<&str>)> = state.due.iter().map(|event| (event.what, event.id.as_deref())).collect();
    assert_eq!(due, [("job-ends", Some(job.as_str()))]);
    let vault = &state.vaults[0];
    assert_eq!((vault.lock, vault.uploads, vault.inventory.as_deref()), (None, 0, Some("2026-01-02T15:04:05.678Z")));
    assert!(harness.vaults.contents("000000000000", "us-east-1", "none").await.is_err());
}

#[tokio::test]
async fn an_upload_that_got_a_part_is_dropped_later() {
    let mut harness = bench(TimeMode::Manual).await;
    let upload = harness.begin(PartSize::MIN).await;
    harness.vaults.advance_now(5 * HOUR).await.unwrap();
    harness.part(&upload, 0, &data(LEAF)).await.unwrap();
    let state = harness.vaults.state().await.unwrap();
    assert_eq!((state.due[0].what, state.due[0].at.as_str(), state.due.len()), ("upload-expires", "2026-01-03T08:04:05.678Z", 1));
}

#[tokio::test]
async fn lists_have_an_end_and_say_so() {
    let mut harness = Harness::with_settings(|settings| settings.with_time(TimeMode::Manual));
    harness.create("v").await;
    for n in 0..101 {
        harness.upload(&[n], "").await;
    }
    let contents = harness.vaults.contents("000000000000", "us-east-1", "v").await.unwrap();
    assert_eq!((contents.archives.len(), contents.capped), (100, vec!["archives"]));
    let vaults = harness.vaults.state().await.unwrap().vaults;
    assert_eq!((vaults[0].archives, vaults[0].bytes), (101, 101));
}

/// Files that hold bytes of bodies.
fn files(harness: &Harness) -> usize {
    read_dir(harness.folder.path().join("blobs")).unwrap().count()
}

#[tokio::test]
async fn a_reset_removes_everything_but_time() {
    let mut harness = bench(TimeMode::Manual).await;
    harness.vaults.advance_now(HOUR).await.unwrap();
    let (archive, ..) = fill(&mut harness).await;
    harness.vaults.set_faults(FaultScript::new(1, vec![FaultRule::new("ListJobs", Fault::Throttle)]).unwrap());
    assert_eq!(files(&harness), 2);
    assert!(!harness.vaults.log().is_empty());
    let now = harness.vaults.now();

    harness.vaults.reset().await.unwrap();
    let state = harness.vaults.state().await.unwrap();
    assert_eq!((state.vaults, state.due, state.now.as_str()), (vec![], vec![], "2026-01-02T04:04:05.678Z"));
    assert_eq!((harness.vaults.log(), harness.vaults.faults().rules.len(), files(&harness)), (vec![], 0, 0));
    // A vault of that name is another one, and was never there.
    assert_eq!(harness.raw(Method::Delete, "/-/vaults/v", "", &[], b"").await.status, 404);
    harness.create("v").await;
    for path in ["/access-policy", "/lock-policy", &format!("/archives/{archive}")] {
        let method = if path.starts_with("/archives") { Method::Delete } else { Method::Get };
        let status = harness.raw(method, &format!("/-/vaults/v{path}"), "", &[], b"").await.status;
        assert_eq!(status, if method == Method::Delete { 204 } else { 404 }, "{path}");
    }
    let policy = harness.raw(Method::Get, "/-/policies/data-retrieval", "", &[], b"").await.json();
    assert_eq!(policy["Policy"]["Rules"][0]["Strategy"], "None");
    let capacity = harness.raw(Method::Get, "/-/provisioned-capacity", "", &[], b"").await.json();
    assert_eq!(capacity["ProvisionedCapacityList"], json!([]));
    assert_eq!(harness.raw(Method::Get, "/-/vaults/v/jobs", "", &[], b"").await.json()["JobList"], json!([]));
    assert_eq!(harness.upload(b"new", "").await.len(), 138);

    let (killed, folder) = after_a_kill(&harness, TimeMode::Manual);
    assert_eq!((killed.now(), killed.found()), (now, &[][..]), "nothing is left over");
    drop(killed);
    let mut problems = Vec::new();
    let sound = check_folder(folder.path(), false, &mut |finding: &Finding| problems.push(finding.to_string())).unwrap();
    assert_eq!((problems, sound.archives), (vec![], 1));
}

#[tokio::test]
async fn a_download_under_way_outlives_a_reset() {
    let mut harness = bench(TimeMode::Instant).await;
    let body = data(9 * LEAF);
    let archive = harness.upload(&body, "").await;
    let job = harness.retrieve(&archive, None).await;
    let signed = signed(harness.now(), Method::Get, &format!("/-/vaults/v/jobs/{job}/output"), "", &[], b"");
    let mut output = open(&harness.vaults, &signed).await;
    let mut got = vec![0; LEAF / 2];
    output.read_exact(&mut got).await.unwrap();
    harness.vaults.reset().await.unwrap();
    assert_eq!(files(&harness), 1);
    assert!(harness.vaults.state().await.unwrap().vaults.is_empty());
    let mut piece = vec![0; LEAF];
    loop {
        match output.read(&mut piece).await.unwrap() {
            0 => break,
            length => got.extend_from_slice(&piece[..length]),
        }
    }
    assert!(got == body);
    drop(output);
    // The next look removes what nobody needs any more.
    harness.vaults.state().await.unwrap();
    assert_eq!(files(&harness), 0);
}

#[tokio::test]
async fn an_upload_that_a_reset_comes_between_is_an_error() {
    let mut harness = bench(TimeMode::Instant).await;
    let upload = harness.begin(PartSize::MIN).await;
    harness.vaults.reset().await.unwrap();
    assert_eq!(harness.part(&upload, 0, &data(5)).await.unwrap_err().service_error().unwrap().status, 404);
    assert_eq!(files(&harness), 0);
}

#[tokio::test]
async fn the_log_has_what_came_and_what_became_of_it() {
    let harness = bench(TimeMode::Manual).await;
    harness.vaults.reset().await.unwrap();
    harness.raw(Method::Put, "/-/vaults/v", "", &[], b"").await;
    harness.raw(Method::Get, "/-/vaults/none", "limit=5", &[], b"").await;
    harness.raw(Method::Get, "/-/nothing", "", &[], b"").await;
    harness.vaults.set_faults(FaultScript::new(1, vec![FaultRule::new("ListVaults", Fault::Throttle)]).unwrap());
    harness.raw(Method::Get, "/-/vaults", "", &[], b"").await;
    let mut forged = signed(harness.now(), Method::Get, "/-/vaults/v", "", &[], b"");
    let right = forged.headers.last().unwrap().1.clone();
    forged.headers.last_mut().unwrap().1 = format!("{}{}", &right[..right.len() - 64], "0".repeat(64));
    send(&harness.vaults, &forged, b"").await;

    let log = serde_json::to_value(harness.vaults.log()).unwrap();
    let log = log.as_array().unwrap();
    let row = |n: usize| ["operation", "method", "path", "status", "code", "message"].map(|member| log[n][member].clone());
    let root = "arn:aws:iam::000000000000:root";
    assert_eq!(row(0), [json!("CreateVault"), json!("PUT"), json!("/-/vaults/v"), json!(201), json!(null), json!(null)]);
    assert_eq!(
        (&log[0]["at"], &log[0]["principal"], &log[0]["why"]),
        (&"2026-01-02T03:04:05.678Z".into(), &root.into(), &json!(null))
    );
    let not_found = json!("Vault not found for ARN: arn:aws:glacier:us-east-1:000000000000:vaults/none");
    let code = json!("ResourceNotFoundException");
    assert_eq!(row(1), [json!("DescribeVault"), json!("GET"), json!("/-/vaults/none"), json!(404), code, not_found]);
    assert_eq!((log[1]["requestId"].as_str().map(str::len), &log[1]["principal"]), (Some(52), &root.into()));
    assert_eq!((&log[2]["operation"], &log[2]["path"]), (&json!(null), &"/-/nothing".into()));
    let throttled = json!("Rate exceeded (fault: throttle)");
    assert_eq!(row(3)[3..], [json!(400), json!("ThrottlingException"), throttled]);
    assert_eq!((&log[4]["status"], &log[4]["code"]), (&403.into(), &"InvalidSignatureException".into()));
    assert_eq!((&log[4]["operation"], &log[4]["principal"]), (&"DescribeVault".into(), &json!(null)));
    // What was signed here, by the definition of the canonical request, and neither the signature that came nor the right one.
    let why = log[4]["why"].as_str().unwrap();
    let date = harness.now().to_string().replace(['-', ':'], "");
    let canonical = format!(
        "GET\n/-/vaults/v\n\nhost:localhost\nx-amz-date:{date}\nx-amz-glacier-version:2012-06-01\n\nhost;x-amz-date;x-amz-glacier-version\n{}",
        linear(b"")
    );
    assert!(why.contains(&canonical), "{why}");
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n20260102/us-east-1/glacier/aws4_request\n{}", linear(canonical.as_bytes()));
    assert!(why.contains(&to_sign) && !why.contains(&right[right.len() - 64..]), "{why}");
    assert_eq!(log.len(), 5);
}

#[tokio::test]
async fn requests_that_a_fault_ends_are_listed_without_a_status() {
    let harness = bench(TimeMode::Manual).await;
    harness.vaults.reset().await.unwrap();
    for (fault, message) in [
        (Fault::Reset, "fault: reset"),
        (Fault::LoseReply, "fault: lose-reply"),
        (Fault::Stall, "fault: stall"),
        (Fault::CutResponse { bytes: 0 }, "fault: cut-response"),
    ] {
        harness.vaults.set_faults(FaultScript::new(1, vec![FaultRule::new("CreateVault", fault)]).unwrap());
        let signed = signed(harness.now(), Method::Put, "/-/vaults/v", "", &[], b"");
        let headers: Vec<(&str, &str)> = signed.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let request =
            glacier_core::Request { method: Method::Put, host: "localhost", path: "/-/vaults/v", query: "", headers: &headers };
        let outcome = harness.vaults.handle(&request, Some(0), &mut glacier_core::Bytes::new(b"")).await.unwrap();
        assert!(outcome.into_response().is_none(), "{message}");
        let last = harness.vaults.log().pop().unwrap();
        assert_eq!((last.status, last.message.as_deref(), last.operation), (None, Some(message), Some("CreateVault")));
    }
}

#[tokio::test]
async fn nothing_is_remembered_unless_asked_for() {
    let mut harness = Harness::in_memory();
    harness.create("v").await;
    assert_eq!(harness.vaults.log(), []);
}
