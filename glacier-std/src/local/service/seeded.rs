//! Bytes that only look random, so that a run can be repeated.

use std::sync::atomic::{AtomicU64, Ordering};

use glacier_core::hash::LinearHasher;

use crate::local::model::{ApiError, RandomSource};

/// Bytes that follow from a seed and from the changes that the store has seen when it is opened: a store that is opened again goes on
/// with others, which are the same whenever all that came before was.
pub(super) struct Seeded {
    seed: u64,
    changes: u64,
    calls: AtomicU64,
}

impl Seeded {
    pub(super) fn new(seed: u64, changes: u64) -> Self {
        Seeded { seed, changes, calls: AtomicU64::new(0) }
    }
}

impl RandomSource for Seeded {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ApiError> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        for (block, out) in (0u64..).zip(bytes.chunks_mut(32)) {
            let mut hasher = LinearHasher::new();
            for number in [self.seed, self.changes, call, block] {
                hasher.update(&number.to_le_bytes());
            }
            let hash = hasher.finish();
            for (byte, random) in out.iter_mut().zip(hash.as_bytes()) {
                *byte = *random;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::model::Ids;

    #[test]
    fn ids_repeat_with_seed_and_history() {
        let ids = |seed, changes| {
            let ids = Ids::new(Seeded::new(seed, changes));
            [ids.archive().unwrap(), ids.archive().unwrap(), ids.upload_or_job().unwrap()]
        };
        let first = ids(7, 0);
        assert_eq!(ids(7, 0), first);
        assert_ne!(first[0], first[1]);
        assert_ne!(first[0][..64], first[0][64..128], "blocks differ");
        for other in [ids(8, 0), ids(7, 1)] {
            assert!(other.iter().all(|id| !first.contains(id)));
        }
    }
}
