//! A disk that takes no more: refusals, nothing left behind, and the service goes on.
//!
//! The system is asked to refuse what makes a file larger than a limit (`ulimit -f`), which binds a whole process. So the test runs
//! itself again under the limit, and the inner run does the work.

use std::process::Command;

use glacier_core::ops::*;
use glacier_core::*;
use glacier_std::local::*;

use crate::bench::{MIB, *};

/// Set in the inner run: the folder, which an unlimited run has made.
const FOLDER: &str = "GLACIER_TEST_FULL_DISK";

/// Runs the test again, with files limited to `kib`, on `folder`.
fn limited(test: &str, folder: &tempfile::TempDir, kib: u64) {
    let script = format!("trap '' XFSZ; ulimit -S -f {kib}; exec \"$0\" --exact {test} --nocapture");
    let this = std::env::current_exe().unwrap();
    let output = Command::new("bash").args(["-c", &script]).arg(this).env(FOLDER, folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

fn open(folder: &str) -> Bench {
    let vaults = Vaults::open(folder, Settings::default()).unwrap();
    // The clock and the folder of a new bench are of no use here.
    Bench { client: client(&vaults), vaults, ..Bench::new() }
}

/// Uploads into `v` by the machine's clock.
async fn upload(bench: &mut Bench, body: &[u8], description: &str) -> Result<String, (ErrorCode, String)> {
    let now = Timestamp::from_unix(SystemClock.unix_millis() / 1000);
    let description = Some(description.try_into().unwrap());
    let operation = UploadArchive { vault: vault(), description, body: hashes(body).try_into().unwrap() };
    let mut buf = [0; 4096];
    match bench.client.upload(&operation, &mut Bytes::new(body), now, &mut buf).await {
        Ok(receipt) => Ok(receipt.archive_id().unwrap().as_str().to_owned()),
        Err(Error::Service(refusal)) => Err((refusal.code, refusal.message.as_str().to_owned())),
        Err(other) => panic!("{other}"),
    }
}

async fn count(bench: &mut Bench) -> u64 {
    let now = Timestamp::from_unix(SystemClock.unix_millis() / 1000);
    let mut buf = [0; 2048];
    bench.client.send(&DescribeVault { vault: vault() }, now, &mut buf).await.unwrap().number_of_archives.unwrap()
}

async fn prepared() -> (tempfile::TempDir, u64) {
    let Bench { vaults, client, folder, .. } = Bench::with_vault().await;
    drop((vaults, client));
    let size = folder.path().join("glacier.redb").metadata().unwrap().len();
    (folder, size)
}

#[tokio::test]
async fn no_room_for_a_body() {
    let Ok(folder) = std::env::var(FOLDER) else {
        let (folder, size) = prepared().await;
        return limited("full_disk::no_room_for_a_body", &folder, size / 1024 + 4096);
    };
    let size = std::path::Path::new(&folder).join("glacier.redb").metadata().unwrap().len();
    let mut bench = open(&folder);
    let body = data(usize::try_from(size).unwrap() + 6 * MIB);
    let (code, message) = upload(&mut bench, &body, "").await.unwrap_err();
    assert_eq!(code, ErrorCode::ServiceUnavailable);
    assert!(message.starts_with("The disk that holds the archives failed: "), "{message}");
    assert_eq!(files(folder.as_ref(), "staged"), [""; 0]);
    upload(&mut bench, &body[..MIB], "").await.unwrap();
    assert_eq!(count(&mut bench).await, 1);
}

#[tokio::test]
async fn no_room_for_a_record() {
    let Ok(folder) = std::env::var(FOLDER) else {
        let (folder, size) = prepared().await;
        limited("full_disk::no_room_for_a_record", &folder, size / 1024);
        // With room again all goes on.
        let mut bench = open(folder.path().to_str().unwrap());
        assert_eq!(bench.vaults.found(), Found::default());
        let before = count(&mut bench).await;
        upload(&mut bench, b"x", "").await.unwrap();
        assert_eq!(count(&mut bench).await, before + 1);
        return;
    };
    let mut bench = open(&folder);
    let long = "x".repeat(1024);
    let mut acknowledged = 0;
    let (code, message) = loop {
        match upload(&mut bench, b"x", &long).await {
            Ok(_) => acknowledged += 1,
            Err(refused) => break refused,
        }
        assert!(acknowledged < 10_000, "the limit was never reached");
    };
    assert!(acknowledged > 0);
    assert_eq!(code, ErrorCode::ServiceUnavailable, "{message}");
    // What was acknowledged is there, and nothing else, also in the folders; and so after each further try.
    for _ in 0..3 {
        assert_eq!(count(&mut bench).await, acknowledged);
        assert_eq!(files(folder.as_ref(), "staged"), [""; 0]);
        assert_eq!(files(folder.as_ref(), "blobs").len() as u64, acknowledged);
        if upload(&mut bench, b"y", &long).await.is_ok() {
            acknowledged += 1;
        }
    }
    // Room is made, and the service goes on as it is.
    let made =
        Command::new("prlimit").args([format!("--pid={}", std::process::id()), "--fsize=unlimited".into()]).status().unwrap();
    assert!(made.success());
    upload(&mut bench, b"z", &long).await.unwrap();
    assert_eq!(count(&mut bench).await, acknowledged + 1);
}
