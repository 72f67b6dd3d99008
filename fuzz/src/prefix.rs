//! Beginnings of bodies, hashed once for all runs, so that the few bytes of an input cross the end of a leaf.

use std::sync::LazyLock;

use glacier_core::{LEAF_SIZE, PayloadHasher};
use sha2::{Digest, Sha256};

use crate::second;

/// Hashers of a body's beginning: nothing, or some leaves without their last `ROOM` bytes.
pub struct Prefix {
    /// The one under test.
    pub ours: PayloadHasher,
    linear: Sha256,
    leaves: Vec<[u8; 32]>,
    leaf: Sha256,
    room: usize,
}

const ROOM: usize = 4096 - 37;
const LEAF: usize = LEAF_SIZE as usize;

static PREFIXES: LazyLock<Vec<Prefix>> = LazyLock::new(|| (0..4).map(Prefix::with_leaves).collect());

impl Prefix {
    /// One of the four, selected by a byte of the input.
    pub fn any(number: u8) -> &'static Prefix {
        &PREFIXES[usize::from(number) % PREFIXES.len()]
    }

    fn with_leaves(count: usize) -> Self {
        let mut data: Vec<u8> = (0..count * LEAF).map(|i| (i * 31 + (i >> 11)) as u8).collect();
        data.truncate(data.len().saturating_sub(ROOM));
        let (whole, rest) = data.as_chunks::<LEAF>();
        let mut ours = PayloadHasher::new();
        ours.update(&data);
        let leaves = whole.iter().map(|leaf| Sha256::digest(leaf).into()).collect();
        let room = if count == 0 { LEAF } else { ROOM };
        Prefix { ours, linear: Sha256::new_with_prefix(&data), leaves, leaf: Sha256::new_with_prefix(rest), room }
    }

    /// Linear and tree hash, by their definitions, of the body that continues with `data`.
    pub fn expected(&self, data: &[u8]) -> ([u8; 32], [u8; 32]) {
        let (old, new) = data.split_at(self.room.min(data.len()));
        let mut leaves = self.leaves.clone();
        leaves.push(self.leaf.clone().chain_update(old).finalize().into());
        leaves.extend(new.chunks(LEAF).map(|leaf| <[u8; 32]>::from(Sha256::digest(leaf))));
        let linear = self.linear.clone().chain_update(data).finalize().into();
        (linear, second::root(leaves).expect("at least one leaf"))
    }
}
