//! Selects the implementation at run time.

use core::fmt;

use super::constants::{Block, State, initial};
use super::{instructions::Instructions, portable};

/// An implementation of SHA-256. All compute the same; they differ in speed and size.
///
/// - plain Rust, which is large and fast, or small with the feature `small`;
/// - the SHA instructions of x86-64, or of AArch64 with Linux, where the processor has them;
/// - with the feature `rustcrypto` the crate sha2 instead of either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Backend(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Kind {
    Portable,
    Instructions(Instructions),
}

impl Backend {
    /// The fastest one on this processor.
    #[must_use]
    pub fn detect() -> Backend {
        Backend(Instructions::detect().map_or(Kind::Portable, Kind::Instructions))
    }

    /// All that work on this processor, the fastest last.
    pub fn available() -> impl Iterator<Item = Backend> {
        core::iter::once(Kind::Portable).chain(Instructions::detect().map(Kind::Instructions)).map(Backend)
    }

    /// One state over its blocks.
    pub(crate) fn one(self, state: &mut State, blocks: &[Block]) {
        match self.0 {
            Kind::Portable => portable::one(state, blocks),
            Kind::Instructions(instructions) => instructions.one(state, blocks),
        }
    }

    /// Two states over the same blocks.
    pub(in crate::hash) fn both(self, a: &mut State, b: &mut State, blocks: &[Block]) {
        match self.0 {
            Kind::Portable => portable::both(a, b, blocks),
            Kind::Instructions(instructions) => instructions.both(a, b, blocks),
        }
    }

    /// Two states, each over its own blocks: equally many.
    pub(in crate::hash) fn pair(self, a: &mut State, b: &mut State, left: &[Block], right: &[Block]) {
        match self.0 {
            Kind::Portable => {
                portable::one(a, left);
                portable::one(b, right);
            }
            Kind::Instructions(instructions) => instructions.pair(a, b, left, right),
        }
    }

    /// Whether [`pair`](Backend::pair) is faster than its two halves.
    pub(in crate::hash) const fn gains_from_pairs(self) -> bool {
        !matches!(self.0, Kind::Portable)
    }

    /// Ends a hash: `tail`, less than a block, is what follows the whole blocks of its `length` bytes.
    pub(crate) fn finish(self, state: &State, tail: &[u8], length: u64) -> [u8; 32] {
        let mut state = *state;
        let mut padding = [[0u8; 64]; 2];
        let bytes = padding.as_flattened_mut();
        for (to, from) in bytes.iter_mut().zip(tail.iter().chain(&[0x80])) {
            *to = *from;
        }
        // The length in bits goes into the last 8 bytes of the block with the mark, or of the one after it.
        let used = if tail.len() < 56 { 1 } else { 2 };
        let end = bytes.iter_mut().take(used * 64).rev();
        for (to, from) in end.zip(length.wrapping_mul(8).to_be_bytes().iter().rev()) {
            *to = *from;
        }
        self.one(&mut state, padding.get(..used).unwrap_or_default());
        digest(&state)
    }

    /// The SHA-256 of two digests, one after the other: a node of the tree.
    pub(in crate::hash) fn parent(self, left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
        let mut block = [0u8; 64];
        for (to, from) in block.iter_mut().zip(left.iter().chain(right)) {
            *to = *from;
        }
        let mut state = initial();
        self.one(&mut state, &[block]);
        self.finish(&state, &[], 64)
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Portable => "plain Rust",
            Kind::Instructions(_) => "SHA instructions",
        })
    }
}

fn digest(state: &State) -> [u8; 32] {
    let mut bytes = [0; 32];
    let words = bytes.as_chunks_mut::<4>().0;
    for (to, word) in words.iter_mut().zip(state) {
        *to = word.to_be_bytes();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};
    use std::vec::Vec;

    fn data(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i * 7 + (i >> 8)) as u8).collect()
    }

    /// If the instructions were not detected, the other tests would not cover them.
    #[test]
    fn the_instructions_are_used_where_they_exist() {
        #[cfg(target_arch = "x86_64")]
        let there = std::is_x86_feature_detected!("sha") && std::is_x86_feature_detected!("sse4.1");
        #[cfg(target_arch = "aarch64")]
        let there = cfg!(target_os = "linux") && std::arch::is_aarch64_feature_detected!("sha2");
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let there = false;
        // tests/aarch64 looks for this line.
        std::println!("SHA instructions: {there}");
        assert_eq!(matches!(Backend::detect().0, Kind::Instructions(_)), there);
        assert_eq!(Backend::available().count(), if there { 2 } else { 1 });
    }

    #[test]
    fn every_backend_computes_sha256_at_every_length() {
        let data = data(400);
        for backend in Backend::available() {
            for len in 0..data.len() {
                let message = &data[..len];
                let (blocks, tail) = message.as_chunks();
                let (mut one, mut two) = (initial(), initial());
                backend.one(&mut one, blocks);
                let expected: [u8; 32] = Sha256::digest(message).into();
                assert_eq!(backend.finish(&one, tail, len as u64), expected, "{backend:?} {len}");
                let mut same = initial();
                backend.both(&mut same, &mut two, blocks);
                assert_eq!((same, two), (one, one), "{backend:?} {len}");
            }
        }
    }

    #[test]
    fn two_states_or_messages_do_not_mix() {
        let data = data(64 * 9);
        let (blocks, _) = data.as_chunks();
        for backend in Backend::available() {
            for count in 0..4 {
                let (left, right) = (&blocks[..count], &blocks[5..5 + count]);
                let (mut a, mut b) = (initial(), [7; 8]);
                backend.one(&mut a, left);
                backend.one(&mut b, right);
                let (mut x, mut y) = (initial(), [7; 8]);
                backend.pair(&mut x, &mut y, left, right);
                assert_eq!((x, y), (a, b), "{backend:?}");
                let (mut x, mut y) = (initial(), [7; 8]);
                let (mut lone_x, mut lone_y) = (x, y);
                backend.both(&mut x, &mut y, left);
                backend.one(&mut lone_x, left);
                backend.one(&mut lone_y, left);
                assert_eq!((x, y), (lone_x, lone_y), "{backend:?}");
            }
        }
    }

    #[test]
    fn a_node_is_the_hash_of_two_digests() {
        for backend in Backend::available() {
            let expected: [u8; 32] = Sha256::new().chain_update([1; 32]).chain_update([2; 32]).finalize().into();
            assert_eq!(backend.parent(&[1; 32], &[2; 32]), expected);
        }
    }
}
