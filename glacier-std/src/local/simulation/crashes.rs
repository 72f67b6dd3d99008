//! The power goes at any moment.

use super::trial::run;
use crate::local::disk::Fault;

/// How many seeds are tried, unless the environment says more.
const SEEDS: u64 = 8;

/// The number of seeds: `GLACIER_SIMULATION_SEEDS`, or the given one.
pub(super) fn seeds(usual: u64) -> u64 {
    std::env::var("GLACIER_SIMULATION_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(usual)
}

#[tokio::test]
async fn a_loss_of_power_loses_nothing_acknowledged_and_leaves_nothing_half_done() {
    let mut images = 0;
    for seed in 0..seeds(SEEDS) {
        let trial = run(seed, Fault::default(), 20_000, 40).await;
        assert_eq!(trial.losses, [""; 0]);
        images += trial.images;
    }
    println!("{images} images");
    assert!(images > 100, "{images}");
}
