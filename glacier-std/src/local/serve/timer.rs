//! What becomes due while no request comes.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::local::service::Vaults;

/// How long to wait at most and at least: what is scheduled meanwhile may be due earlier, and a failure is not tried again in a hurry.
const LONGEST: Duration = Duration::from_secs(1);
const SHORTEST: Duration = Duration::from_millis(20);

/// How often vault time is kept: at most so much real time is lost when the process is killed.
const KEEP: Duration = Duration::from_secs(5);

/// Does what becomes due, and keeps time, for ever.
pub(super) async fn keep_up(vaults: &Vaults) {
    let mut kept = Instant::now();
    loop {
        sleep(vaults.until_due().unwrap_or(LONGEST).clamp(SHORTEST, LONGEST)).await;
        // What fails is tried again, also before the next request, which then tells why.
        let _ = vaults.catch_up().await;
        if kept.elapsed() >= KEEP {
            vaults.keep_time().await;
            kept = Instant::now();
        }
    }
}
