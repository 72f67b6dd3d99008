//! Each kind of sync and rename is needed: when the disk ignores it, something is lost, and the simulation notices.

use std::collections::BTreeSet;

use super::lost_and_found::put_aside_and_back;
use super::trial::{Trial, run};
use crate::local::disk::Fault;

/// What the code relies on. Taking any of it away loses something.
const NEEDED: [&str; 16] = [
    "rename glacier.redb.new to glacier.redb",
    "rename staged/BODY to blobs/BODY",
    "rename blobs/BODY to lost+found/BODY",
    "rename lost+found/BODY to blobs/BODY",
    "sync glacier.redb.new",
    "sync glacier.redb",
    "sync staged/BODY",
    "sync notifications.jsonl",
    "sync  after make data",
    "sync data after make vaults",
    "sync vaults after rename glacier.redb.new to glacier.redb",
    "sync vaults after make blobs",
    "sync vaults after create notifications.jsonl",
    "sync vaults after make lost+found",
    "sync blobs after rename staged/BODY to blobs/BODY",
    "sync blobs after remove blobs/BODY",
];

/// The same of files that are put aside and back.
const NEEDED_ASIDE: [&str; 2] =
    ["sync lost+found after rename blobs/BODY to lost+found/BODY", "sync blobs after rename lost+found/BODY to blobs/BODY"];

/// What a sync makes last that nobody relies on.
const INCIDENTAL: [&str; 4] = [
    "sync vaults after create glacier.redb.new",
    "sync vaults after create commits",
    "sync vaults after make staged",
    "sync blobs after rename blobs/BODY to lost+found/BODY",
];

/// Tries seeds until something is lost.
async fn lost(kind: &str) -> Option<String> {
    let is_aside = kind.contains("lost+found");
    for seed in 0..40 {
        let fault = Fault { ignores: Some(kind.to_owned()), fails_at: None };
        let trial = if is_aside { put_aside_and_back(seed, fault).await } else { run(seed, fault, 60_000, 40).await };
        if let Some(loss) = trial.losses.into_iter().next() {
            return Some(loss);
        }
    }
    None
}

#[tokio::test]
async fn without_any_one_of_them_something_is_lost() {
    for kind in NEEDED.into_iter().chain(NEEDED_ASIDE) {
        let loss = lost(kind).await;
        println!("{kind}: {loss:?}");
        assert!(loss.is_some(), "nothing is lost without: {kind}");
    }
}

#[tokio::test]
async fn the_code_makes_no_other() {
    let mut kinds = BTreeSet::new();
    for seed in 0..3 {
        let Trial { kinds: made, losses, .. } = run(seed, Fault::default(), 0, 60).await;
        assert_eq!(losses, [""; 0]);
        kinds.extend(made);
        kinds.extend(put_aside_and_back(seed, Fault::default()).await.kinds);
    }
    let known: BTreeSet<String> = NEEDED.into_iter().chain(NEEDED_ASIDE).chain(INCIDENTAL).map(str::to_owned).collect();
    assert_eq!(kinds, known);
}

#[tokio::test]
async fn what_is_incidental_is_not_needed() {
    for kind in INCIDENTAL {
        let fault = Fault { ignores: Some(kind.to_owned()), fails_at: None };
        assert_eq!(run(1, fault.clone(), 20_000, 30).await.losses, [""; 0], "{kind}");
        assert_eq!(put_aside_and_back(1, fault).await.losses, [""; 0], "{kind}");
    }
}
