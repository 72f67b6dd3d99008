//! The local vault beside a reference that is simple enough to be right: random sequences of operations and advances of time must give in
//! both the same responses. The sequences follow from a seed.
//!
//! `VAULT_MODEL_SEQUENCES` says how many, `VAULT_MODEL_SEED` from which number they are made. A sequence that fails is cut down to the shortest
//! that still does, and printed with its requests.
#![cfg(feature = "local")]

mod archives;
mod bytes;
mod jobs;
mod lists;
mod operations;
mod outputs;
mod policies;
mod reference;
mod run;
mod service;
mod settings;
mod strategies;
mod time;
mod uploads;
mod vaults;

use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use run::Tally;

/// What must be among the responses of the usual number of sequences.
const OUTCOMES: [(&str, u16); 35] = [
    ("AbortLock", 204),
    ("AbortUpload", 204),
    ("AddTags", 204),
    ("AddTags", 400),
    ("CompleteLock", 204),
    ("CompleteUpload", 201),
    ("CompleteUpload", 400),
    ("DeleteArchive", 204),
    ("DeleteArchive", 403),
    ("DeleteVault", 204),
    ("DeleteVault", 400),
    ("DescribeForeignVault", 403),
    ("DescribeJob", 200),
    ("GetLock", 200),
    ("GetOutput", 200),
    ("GetOutput", 206),
    ("GetOutput", 400),
    ("GetOutput", 404),
    ("InitiateLock", 403),
    ("List", 200),
    ("List", 400),
    ("PurchaseCapacity", 201),
    ("RetrieveArchive", 202),
    ("RetrieveArchive", 400),
    ("RetrieveArchive", 403),
    ("RetrieveArchive", 503),
    ("RetrieveInventory", 202),
    ("RetrieveInventory", 404),
    ("SetAccessPolicy", 204),
    ("SetNotifications", 204),
    ("SetRetrievalPolicy", 204),
    ("UploadArchive", 201),
    ("UploadArchive", 403),
    ("UploadPart", 204),
    ("UploadPart", 400),
];

/// Sequences that are made from one seed.
const SHARD: u64 = 50;
/// Sequences of a test that is not told how many.
const USUAL: u64 = 200;

#[test]
fn the_service_does_what_the_reference_expects() {
    let (sequences, seed) = (variable("VAULT_MODEL_SEQUENCES", USUAL), variable("VAULT_MODEL_SEED", 1));
    let (next, shards) = (AtomicU64::new(0), sequences.div_ceil(SHARD));
    let tally = Mutex::new(Tally::new());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        loop {
            let shard = next.fetch_add(1, Ordering::Relaxed);
            if shard >= shards {
                return None;
            }
            if let Err(problem) = run_shard(seed, shard, &tally) {
                // The others end after what they are at.
                next.store(shards, Ordering::Relaxed);
                return Some(problem);
            }
        }
    };
    let problems: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().filter_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
    // The reference agrees with nothing, unless both what succeeds and what is refused was asked for.
    let tally = tally.into_inner().unwrap();
    for ((operation, status), count) in &tally {
        println!("{operation:<22} {status} {count:>9}");
    }
    for (operation, status) in OUTCOMES.into_iter().filter(|_| sequences >= USUAL) {
        assert!(tally.contains_key(&(operation.to_owned(), status)), "no {operation} was responded to with {status}");
    }
    println!("{} sequences from seed {seed}: no difference", shards * SHARD);
}

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

/// Runs the sequences of a shard; the first that fails, as short as it could be made.
fn run_shard(seed: u64, shard: u64, tally: &Mutex<Tally>) -> Result<(), String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&shard.to_le_bytes());
    let config = Config { cases: SHARD as u32, failure_persistence: None, max_shrink_iters: 4096, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let result = runner.run(&strategies::case(), |case| {
        let made = run::run(&case).map_err(TestCaseError::fail)?;
        let mut tally = tally.lock().unwrap();
        for (what, count) in made {
            *tally.entry(what).or_default() += count;
        }
        Ok(())
    });
    result.map_err(|error| match error {
        TestError::Fail(reason, case) => {
            let mut text = format!("seed {seed}, shard {shard}: the service and the reference differ.\n");
            let _written = writeln!(text, "Time is {:?}, needs_capacity {}.", case.time, case.needs_capacity);
            let _written = write!(text, "{reason}");
            text
        }
        TestError::Abort(reason) => format!("seed {seed}, shard {shard}: {reason}"),
    })
}
