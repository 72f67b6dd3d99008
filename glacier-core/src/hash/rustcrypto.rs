//! SHA-256 of the crate sha2, with the interface of `compress`, which it replaces with the feature `rustcrypto`.
//! What the blocks mean (leaves, nodes or a whole body) belongs in the hashers, as there.

use core::fmt;

use sha2::{Digest, Sha256};

/// The state of one SHA-256, which takes whole blocks until the end and counts its bytes itself.
pub(super) type State = Sha256;

/// A block of a message.
pub(super) type Block = [u8; 64];

pub(super) fn initial() -> State {
    Sha256::new()
}

/// Overwrites the state. sha2 0.10 has no `Zeroize`, so copies that it has made on the stack remain.
pub(super) fn wipe(state: &mut State) {
    *state = initial();
    core::hint::black_box(state);
}

/// An implementation of SHA-256: with the feature `rustcrypto` there is one, the crate sha2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Backend(());

impl Backend {
    /// The fastest one on this processor.
    #[must_use]
    pub fn detect() -> Backend {
        Backend(())
    }

    /// All that work on this processor, the fastest last.
    pub fn available() -> impl Iterator<Item = Backend> {
        core::iter::once(Backend(()))
    }

    /// One state over its blocks.
    pub(super) fn one(self, state: &mut State, blocks: &[Block]) {
        state.update(blocks.as_flattened());
    }

    /// Two states over the same blocks.
    pub(super) fn both(self, a: &mut State, b: &mut State, blocks: &[Block]) {
        self.one(a, blocks);
        self.one(b, blocks);
    }

    /// Two states, each over its own blocks.
    pub(super) fn pair(self, a: &mut State, b: &mut State, left: &[Block], right: &[Block]) {
        self.one(a, left);
        self.one(b, right);
    }

    /// Whether [`pair`](Backend::pair) is faster than its two halves.
    pub(super) const fn gains_from_pairs(self) -> bool {
        false
    }

    /// Ends a hash: `tail`, less than a block, is what follows the whole blocks.
    pub(super) fn finish(self, state: &State, tail: &[u8], _length: u64) -> [u8; 32] {
        state.clone().chain_update(tail).finalize().into()
    }

    /// The SHA-256 of two digests, one after the other: a node of the tree.
    pub(super) fn parent(self, left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
        Sha256::new().chain_update(left).chain_update(right).finalize().into()
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha2")
    }
}
