//! One damaged bit, wherever it is: what the service tells is the same as before, or it says that it cannot tell. Never wrong data, and
//! nothing is lost in silence.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use glacier_std::local::*;

use crate::harness::*;
use crate::rich::{Rich, Told, open};

const INDEX: &str = "glacier.redb";
const PAGE: usize = 4096;

/// How many answers a damaged copy gave and how many it refused to give; none may be another one.
fn compare(told: &Told, wanted: &Told, what: &str) -> (usize, usize) {
    let mut refused = 0;
    for (question, wanted) in wanted {
        match (&told[question], wanted) {
            (Err(_), Ok(_)) => refused += 1,
            (told, wanted) => assert!(told == wanted, "{what}: {question}: {}, wanted {}", show(told), show(wanted)),
        }
    }
    (wanted.len() - refused, refused)
}

fn show(told: &Result<Vec<u8>, String>) -> String {
    told.as_ref().map_or_else(Clone::clone, |bytes| String::from_utf8_lossy(bytes).chars().take(400).collect())
}

fn random(state: &mut u64, below: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 8).unwrap() % below
}

/// Bytes to damage: so many in the pages of each kind. redb's pages begin with their kind: 1 is a leaf, 2 a branch.
fn places(index: &[u8], count: usize, state: &mut u64) -> Vec<usize> {
    let mut kinds: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
    for page in (0..index.len()).step_by(PAGE).filter(|page| index[*page..page + PAGE].iter().any(|byte| *byte != 0)) {
        let kind = if page == 0 { 0xff } else { index[page].min(3) };
        kinds.entry(kind).or_default().push(page);
    }
    assert!([0xff, 1, 2].iter().all(|kind| kinds.contains_key(kind)), "{:?}", kinds.keys());
    let mut places = Vec::new();
    for (kind, pages) in kinds {
        let count = if kind == 1 { 3 * count } else { count };
        for n in 0..count {
            let page = pages[random(state, pages.len())];
            let used: Vec<usize> = (page..page + PAGE).filter(|at| index[*at] != 0).collect();
            // What is not used may be damaged, too.
            places.push(if n % 4 == 0 { page + random(state, PAGE) } else { used[random(state, used.len())] });
        }
    }
    places
}

#[tokio::test]
async fn a_damaged_bit_of_the_index_changes_nothing_that_is_told() {
    let rich = Rich::new().await;
    let clock = rich.harness.clock.clone();
    // As a kill leaves it, and as it is after the end of a service.
    let (killed, ended) = (copy(rich.harness.folder.path()), copy(rich.harness.folder.path()));
    let ended = open(ended, &clock, &Arc::default()).unwrap().folder;
    let wanted = rich.ask(&mut open(copy(killed.path()), &clock, &Arc::default()).unwrap()).await;
    assert!(wanted.values().all(Result::is_ok), "{wanted:?}");
    let seed = 0x9e37_79b9_7f4a_7c15;
    let mut state = seed;
    let (mut refused, mut whole, mut said, mut unsure) = (0, 0, 0, 0);
    for (folder, count) in [(&killed, 16), (&ended, 8)] {
        let index = fs::read(folder.path().join(INDEX)).unwrap();
        let bodies = files(folder.path(), "blobs").len();
        for at in places(&index, count, &mut state) {
            let bit = random(&mut state, 8);
            let what = format!("seed {seed:#x}, bit {bit} of byte {at}");
            let trial = copy(folder.path());
            let mut damaged = index.clone();
            damaged[at] ^= 1 << bit;
            fs::write(trial.path().join(INDEX), &damaged).unwrap();
            let (path, found) = (trial.path().to_owned(), Arc::default());
            // Dropping the folder removes it, so what is refused is looked at in another copy.
            let again = copy(trial.path());
            match open(trial, &clock, &found) {
                Err(error) => {
                    assert!(error.to_string().contains(&path.display().to_string()), "{what}: {error}");
                    Vaults::open(again.path(), Settings::default()).unwrap_err();
                    assert!(fs::read(again.path().join(INDEX)).unwrap() == damaged, "{what}: what is refused is left as it is");
                    assert_eq!(files(again.path(), "blobs").len(), bodies, "{what}");
                    refused += 1;
                }
                Ok(mut harness) => {
                    let told = rich.ask(&mut harness).await;
                    if found.lock().unwrap().iter().any(|finding| matches!(finding, Finding::WentBack { .. })) {
                        said += 1;
                        continue;
                    }
                    let (_, unknown) = compare(&told, &wanted, &what);
                    (whole, unsure) = (whole + usize::from(unknown == 0), unsure + usize::from(unknown > 0));
                }
            }
        }
    }
    println!("{refused} refused, {whole} the same, {said} said that it went back, {unsure} gave errors");
    assert!(refused > 10 && whole > 5, "{refused} refused, {whole} the same, {said} went back, {unsure} gave errors");
}

/// What can happen to a file.
fn harm(path: &Path, kind: usize, state: &mut u64) -> String {
    let mut bytes = fs::read(path).unwrap();
    let length = bytes.len();
    match kind {
        0 | 1 => {
            let at = if kind == 0 { random(state, length) } else { length - 1 };
            bytes[at] ^= 1 << random(state, 8);
            fs::write(path, bytes).unwrap();
            return format!("a bit of byte {at} of {length}");
        }
        2 => bytes.truncate(random(state, length)),
        3 => bytes.push(0),
        _ => {
            fs::remove_file(path).unwrap();
            return "removed".into();
        }
    }
    fs::write(path, &bytes).unwrap();
    format!("{length} bytes became {}", bytes.len())
}

#[tokio::test]
async fn a_damaged_body_is_never_served_and_always_named() {
    let rich = Rich::new().await;
    let clock = rich.harness.clock.clone();
    let killed = copy(rich.harness.folder.path());
    let mut whole = open(copy(killed.path()), &clock, &Arc::default()).unwrap();
    let wanted = rich.ask(&mut whole).await;
    let mut whole = open(copy(killed.path()), &clock, &Arc::default()).unwrap();
    assert!(rich.complete(&mut whole).await.unwrap() == rich.parts);
    let ended = open(copy(killed.path()), &clock, &Arc::default()).unwrap().folder;
    let mut state = 0x2545_f491_4f6c_dd1d;
    let names = files(killed.path(), "blobs");
    let (mut named, mut of_outputs, mut of_parts) = (0, 0, 0);
    for (n, name) in names.iter().enumerate() {
        let folder = if n % 2 == 0 { &killed } else { &ended };
        for kind in 0..5 {
            let trial = copy(folder.path());
            let file: PathBuf = trial.path().join("blobs").join(name);
            let what = format!("{name}: {}", harm(&file, kind, &mut state));
            let found = Arc::default();
            let mut harness = open(trial, &clock, &found).unwrap();
            let completed = rich.complete(&mut open(copy(harness.folder.path()), &clock, &found).unwrap()).await;
            let told = rich.ask(&mut harness).await;
            let (_, unknown) = compare(&told, &wanted, &what);
            let is_part = completed.is_err();
            assert!(is_part || completed.unwrap() == rich.parts, "{what}: wrong bytes of an archive in parts");
            let is_named = found.lock().unwrap().iter().any(|finding| {
                let (Finding::Missing { file, .. } | Finding::Damaged { file }) = finding else { return false };
                file.ends_with(name)
            });
            // What was never read cannot be known to be damaged.
            assert!(is_named || unknown == 0 && !is_part, "{what}: nobody was told: {found:?}");
            for told in told.values().filter_map(|told| told.as_ref().err()) {
                assert!(told.contains(name.as_str()), "{what}: {told}");
            }
            named += usize::from(is_named);
            of_outputs += usize::from(unknown > 0);
            of_parts += usize::from(is_part);
        }
    }
    println!("{named} named, {of_outputs} outputs and {of_parts} archives in parts not served");
    assert!(of_outputs >= 15 && of_parts >= 10, "{named} named, {of_outputs} outputs, {of_parts} in parts");
}
