//! A full disk: service errors, nothing left of what failed, and the service works again once there is room.
//!
//! The operating system does not let a file grow beyond a limit (`ulimit -f`), which applies to a whole process. So the test runs
//! itself again under the limit, and the inner run does the work.

use std::process::Command;

use glacier_core::ops::*;
use glacier_core::*;
use glacier_std::local::*;

use crate::harness::{MIB, *};

/// Set in the inner run: the folder, which the outer run made.
const FOLDER: &str = "GLACIER_TEST_FULL_DISK";

/// Runs the test again, with files limited to `kib`, on `folder`.
fn limited(test: &str, folder: &tempfile::TempDir, kib: u64) {
    let script = format!("trap '' XFSZ; ulimit -S -f {kib}; exec \"$0\" --exact {test} --nocapture");
    let this = std::env::current_exe().unwrap();
    let output = Command::new("bash").args(["-c", &script]).arg(this).env(FOLDER, folder.path()).output().unwrap();
    let response = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && response.contains("1 passed"), "{response}{}", String::from_utf8_lossy(&output.stderr));
}

fn open(folder: &str) -> Harness {
    let vaults = Vaults::open(folder, Settings::default()).unwrap();
    // The clock and the folder of the new harness are not used.
    Harness { client: client(&vaults), vaults, ..Harness::in_memory() }
}

/// Uploads to `v`, signed by the machine's clock.
async fn upload(harness: &mut Harness, body: &[u8], description: &str) -> Result<String, (ErrorCode, String)> {
    let now = Timestamp::from_unix(SystemClock.unix_millis() / 1000);
    let description = Some(description.try_into().unwrap());
    let operation = UploadArchive { vault: vault(), description, body: hashes(body).try_into().unwrap() };
    let mut buf = [0; 4096];
    match harness.client.upload(&operation, &mut Bytes::new(body), now, &mut buf).await {
        Ok(output) => Ok(output.archive_id().unwrap().as_str().to_owned()),
        Err(Error::Service(error)) => Err((error.code, error.message.as_str().to_owned())),
        Err(other) => panic!("{other}"),
    }
}

async fn count(harness: &mut Harness) -> u64 {
    let now = Timestamp::from_unix(SystemClock.unix_millis() / 1000);
    let mut buf = [0; 2048];
    harness.client.send(&DescribeVault { vault: vault() }, now, &mut buf).await.unwrap().number_of_archives.unwrap()
}

async fn prepared() -> (tempfile::TempDir, u64) {
    let Harness { vaults, client, folder, .. } = Harness::with_vault().await;
    drop((vaults, client));
    let size = folder.path().join("glacier.redb").metadata().unwrap().len();
    (folder, size)
}

#[tokio::test]
async fn a_full_disk_while_a_body_is_written() {
    let Ok(folder) = std::env::var(FOLDER) else {
        let (folder, size) = prepared().await;
        return limited("full_disk::a_full_disk_while_a_body_is_written", &folder, size / 1024 + 4096);
    };
    let size = std::path::Path::new(&folder).join("glacier.redb").metadata().unwrap().len();
    let mut harness = open(&folder);
    let body = data(usize::try_from(size).unwrap() + 6 * MIB);
    let (code, message) = upload(&mut harness, &body, "").await.unwrap_err();
    assert_eq!(code, ErrorCode::ServiceUnavailable);
    assert!(message.starts_with("The disk that holds the archives failed: "), "{message}");
    assert_eq!(files(folder.as_ref(), "staged"), [""; 0]);
    upload(&mut harness, &body[..MIB], "").await.unwrap();
    assert_eq!(count(&mut harness).await, 1);
}

#[tokio::test]
async fn a_full_disk_while_a_record_is_written() {
    let Ok(folder) = std::env::var(FOLDER) else {
        let (folder, size) = prepared().await;
        limited("full_disk::a_full_disk_while_a_record_is_written", &folder, size / 1024 + 1024);
        // Without the limit everything works again.
        let mut harness = open(folder.path().to_str().unwrap());
        assert_eq!(harness.vaults.found(), []);
        let before = count(&mut harness).await;
        upload(&mut harness, b"x", "").await.unwrap();
        assert_eq!(count(&mut harness).await, before + 1);
        return;
    };
    let mut harness = open(&folder);
    let long = "x".repeat(1024);
    let mut acknowledged = 0;
    let (code, message) = loop {
        match upload(&mut harness, b"x", &long).await {
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
        assert!(acknowledged < 10_000, "the limit was never reached");
    };
    assert!(acknowledged > 0);
    assert_eq!(code, ErrorCode::ServiceUnavailable, "{message}");
    // Exactly what was acknowledged is there, in the folders too, and so after each further try.
    for _ in 0..3 {
        assert_eq!(count(&mut harness).await, acknowledged);
        assert_eq!(files(folder.as_ref(), "staged"), [""; 0]);
        assert_eq!(files(folder.as_ref(), "blobs").len() as u64, acknowledged);
        if upload(&mut harness, b"y", &long).await.is_ok() {
            acknowledged += 1;
        }
    }
    // There is room again, and the service continues without being opened again.
    let made =
        Command::new("prlimit").args([format!("--pid={}", std::process::id()), "--fsize=unlimited".into()]).status().unwrap();
    assert!(made.success());
    upload(&mut harness, b"z", &long).await.unwrap();
    assert_eq!(count(&mut harness).await, acknowledged + 1);
}
