//! Times of variants of the same work, relative to the first of them.

use rustix::time::{ClockId, clock_gettime};

/// The result of a variant; `None` where it computes only the other hash.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hashes {
    /// The SHA-256.
    pub linear: Option<[u8; 32]>,
    /// The tree hash.
    pub tree: Option<[u8; 32]>,
}

/// A way to do the work.
pub struct Variant<'v> {
    name: String,
    run: Box<dyn FnMut() -> Hashes + 'v>,
}

impl<'v> Variant<'v> {
    /// A variant with this name.
    pub fn new(name: &str, run: impl FnMut() -> Hashes + 'v) -> Self {
        Variant { name: name.into(), run: Box::new(run) }
    }
}

/// In each of `rounds` every variant runs `calls` times, and each round begins with another variant.
#[derive(Clone, Copy)]
pub struct Often {
    /// Rounds, after one that does not count.
    pub rounds: usize,
    /// Calls that are timed together.
    pub calls: usize,
}

/// Measures and prints a table. Every result has to be the hash in `expected`.
///
/// # Panics
/// When one is not, which makes the measurement meaningless.
pub fn table(title: &str, bytes: u64, often: Often, expected: Hashes, mut variants: Vec<Variant<'_>>) {
    let mut seconds = vec![Vec::new(); variants.len()];
    for round in 0..=often.rounds {
        for turn in 0..variants.len() {
            let at = (turn + round) % variants.len();
            let Variant { name, run } = &mut variants[at];
            let start = thread_seconds();
            for _ in 0..often.calls {
                let found = run();
                assert!(found.linear.is_none() || found.linear == expected.linear, "{name}: not the SHA-256");
                assert!(found.tree.is_none() || found.tree == expected.tree, "{name}: not the tree hash");
            }
            let took = (thread_seconds() - start) / often.calls as f64;
            if round > 0 {
                seconds[at].push(took);
            }
        }
    }
    println!("\n| {title} | GiB/s | time | (middle half) |\n|---|---|---|---|");
    for (variant, times) in variants.iter().zip(&seconds) {
        let ratios = sorted(times.iter().zip(&seconds[0]).map(|(time, reference)| time / reference).collect());
        let rate = bytes as f64 / (1u64 << 30) as f64 / quantile(&sorted(times.clone()), 0.5);
        let [low, middle, high] = [0.25, 0.5, 0.75].map(|at| quantile(&ratios, at));
        println!("| {} | {rate:.2} | **{middle:.2}** | {low:.2} to {high:.2} |", variant.name);
    }
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

fn quantile(sorted: &[f64], at: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * at).round() as usize]
}

/// The CPU time of this thread in seconds.
fn thread_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
