//! One damaged byte in the index of a service that was killed, or that ended well: an acknowledged archive is there, or its loss is said aloud.

use std::fs;

use glacier_core::ops::JobKind;
use glacier_core::*;
use glacier_std::local::*;

use crate::harness::*;

const INDEX: &str = "glacier.redb";
/// Bytes of redb's header, with the two commits that it keeps.
const HEADER: usize = 320;

/// Its byte of flags, one of which says which of the commits is the last.
const FLAGS: usize = 9;

/// An archive's id, bytes and description.
type Acknowledged = (String, Vec<u8>, String);

/// A folder as a kill leaves it: copied while it is in use. The archives that were acknowledged, with their bytes and descriptions.
async fn killed() -> (tempfile::TempDir, Vec<Acknowledged>, Harness) {
    let mut harness = Harness::with_vault().await;
    let mut acknowledged = Vec::new();
    for n in 0..5 {
        let (body, description) = (data(1000 + n), format!("the description of archive {n}"));
        acknowledged.push((harness.upload(&body, &description).await, body, description));
    }
    let tags = br#"{"Tags": {"last": "change"}}"#;
    assert_eq!(harness.raw(Method::Post, "/-/vaults/v/tags", "operation=add", &[], tags).await.status, 204);
    (copy(harness.folder.path()), acknowledged, harness)
}

/// What to damage: some bytes of the header, each bit of its byte of flags, and bytes of pages that are in use.
fn damages(index: &[u8], count: usize, state: &mut u64) -> Vec<(usize, u8)> {
    let pages: Vec<usize> =
        (0..index.len() / 4096).filter(|page| index[page * 4096..][..4096].iter().any(|byte| *byte != 0)).collect();
    let mut all: Vec<(usize, u8)> = (0..HEADER).step_by(8).map(|at| (at, bit(state))).collect();
    all.extend((0..8).map(|bit| (FLAGS, 1 << bit)));
    for _ in 0..count {
        let page = pages[random(state) as usize % pages.len()] * 4096;
        let used: Vec<usize> = (page..page + 4096).filter(|at| index[*at] != 0).collect();
        all.push((used[random(state) as usize % used.len()], bit(state)));
    }
    all
}

fn bit(state: &mut u64) -> u8 {
    1 << (random(state) % 8)
}

fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state >> 8
}

#[tokio::test]
async fn a_damaged_byte_after_a_kill_loses_no_archive_in_silence() {
    let (folder, acknowledged, harness) = killed().await;
    damage(&folder, &acknowledged, &harness, 60).await;
}

#[tokio::test]
async fn a_damaged_byte_after_a_clean_end_loses_no_archive_in_silence() {
    let (folder, acknowledged, harness) = killed().await;
    drop(Vaults::open(folder.path(), Settings::default()).unwrap());
    damage(&folder, &acknowledged, &harness, 30).await;
}

async fn damage(folder: &tempfile::TempDir, acknowledged: &[Acknowledged], harness: &Harness, count: usize) {
    let index = fs::read(folder.path().join(INDEX)).unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15;
    let (mut refused, mut whole, mut reported) = (0, 0, 0);
    for (at, bit) in damages(&index, count, &mut state) {
        let trial = copy(folder.path());
        let mut damaged = index.clone();
        damaged[at] ^= bit;
        fs::write(trial.path().join(INDEX), &damaged).unwrap();
        let settings = Settings::default().with_clock(harness.clock.clone());
        let vaults = match Vaults::open(trial.path(), settings) {
            Ok(vaults) => vaults,
            Err(error) => {
                assert!(error.to_string().contains(&trial.path().display().to_string()), "{error}");
                assert_eq!(files(trial.path(), "blobs").len(), acknowledged.len(), "byte {at} bit {bit}");
                refused += 1;
                continue;
            }
        };
        let went_back = vaults.found().iter().any(|finding| matches!(finding, Finding::WentBack { .. }));
        let unnamed = vaults.found().iter().filter(|finding| matches!(finding, Finding::Unnamed { .. })).count();
        let mut copy = Harness { client: client(&vaults), vaults, clock: harness.clock.clone(), folder: trial };
        let mut missing = 0;
        for (id, body, description) in acknowledged {
            let job = match copy.job(JobKind::Archive { id: id.as_str().try_into().unwrap(), range: None }).await {
                Ok(job) => job,
                Err(error) => {
                    let (code, message) = service_error::<()>(Err(error));
                    missing += usize::from(code == ErrorCode::ResourceNotFound);
                    assert!(matches!(code, ErrorCode::ResourceNotFound | ErrorCode::ServiceUnavailable), "{message}");
                    continue;
                }
            };
            let got = copy.output(&job, None).await.unwrap();
            assert!(got.data == *body && got.description.as_deref() == Some(description), "byte {at} bit {bit}: wrong data");
        }
        assert!(missing <= unnamed, "byte {at} bit {bit}: {missing} archives lost, {unnamed} reported");
        whole += usize::from(missing == 0);
        // The last change, which is no archive, is lost to one bit at most, and that is said.
        let tags = copy.raw(Method::Get, "/-/vaults/v/tags", "", &[], b"").await;
        let is_last = tags.status == 200 && tags.json()["Tags"]["last"] == "change";
        assert!(is_last || went_back || tags.status == 500, "byte {at} bit {bit}: the last change is lost in silence");
        if missing > 0 || went_back {
            assert_eq!(at, FLAGS, "the last commit is lost to a byte that has a checksum");
            assert!(went_back && !is_last, "byte {at} bit {bit}");
            reported += 1;
        }
    }
    println!("{refused} refused, {whole} whole, {reported} reported");
    assert!(refused > 10 && whole > 10 && reported <= 1, "{refused} refused, {whole} whole, {reported} reported");
}
