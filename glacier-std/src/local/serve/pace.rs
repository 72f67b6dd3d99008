//! The slowest a body may arrive.

use std::time::Duration;

use tokio::time::Instant;

/// The time for a small body, and what is added for each KiB of it.
const SMALL: Duration = Duration::from_secs(30);
const PER_KIB: Duration = Duration::from_secs(1);
/// The size to expect if it is not announced: no small body may be larger.
const UNKNOWN: u64 = 64 << 10;
/// Bytes of an upload that must arrive in every [`WINDOW`].
const LEAST: u64 = 1 << 10;
const WINDOW: Duration = Duration::from_secs(60);

/// Until when the next bytes of a body must have arrived.
#[derive(Debug)]
pub(super) struct Pace {
    until: Instant,
    /// Of an upload: the bytes that are missing in this window.
    missing: Option<u64>,
}

impl Pace {
    /// Of a body that is held in memory: all of it within half a minute and a second for each KiB.
    pub(super) fn small(size: Option<u64>) -> Self {
        let kib = u32::try_from(size.unwrap_or(UNKNOWN).min(UNKNOWN) >> 10).unwrap_or(0);
        Pace { until: Instant::now() + SMALL + PER_KIB * kib, missing: None }
    }

    /// Of an upload, whose signature is verified: a KiB in every minute.
    pub(super) fn upload() -> Self {
        Pace { until: Instant::now() + WINDOW, missing: Some(LEAST) }
    }

    pub(super) fn until(&self) -> Instant {
        self.until
    }

    /// Bytes have arrived.
    pub(super) fn received(&mut self, bytes: usize) {
        let Some(missing) = &mut self.missing else { return };
        *missing = missing.saturating_sub(bytes as u64);
        if *missing == 0 {
            *self = Pace::upload();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    #[tokio::test(start_paused = true)]
    async fn small_bodies_and_uploads() {
        let begin = Instant::now();
        let seconds = |pace: &Pace| (pace.until() - begin).as_secs();
        assert_eq!(
            [Some(0), Some(100), Some(20 << 10), Some(64 << 10), Some(1 << 40), None].map(|size| seconds(&Pace::small(size))),
            [30, 30, 50, 94, 94, 94]
        );
        let (mut small, mut upload) = (Pace::small(Some(100)), Pace::upload());
        for _ in 0..3 {
            advance(Duration::from_secs(10)).await;
            small.received(1);
            upload.received(1);
        }
        assert_eq!((seconds(&small), seconds(&upload)), (30, 60), "a byte now and then is no progress");
        upload.received(1020);
        assert_eq!(seconds(&upload), 60);
        upload.received(1);
        assert_eq!(seconds(&upload), 90);
    }
}
