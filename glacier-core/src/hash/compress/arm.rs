//! The SHA instructions of AArch64.
//!
//! As on x86-64, one state waits for each instruction, and a second state can run meanwhile. `tests/aarch64` runs this in QEMU and shows that
//! it is right; its speed has not been measured.
//!
//! Source: Arm Architecture Reference Manual for A-profile (DDI 0487), SHA256H, SHA256H2, SHA256SU0, SHA256SU1.
#![allow(unsafe_code)]

use core::arch::aarch64::{
    uint32x4_t, vaddq_u32, vld1q_u8, vld1q_u32, vreinterpretq_u32_u8, vrev32q_u8, vsha256h2q_u32, vsha256hq_u32, vsha256su0q_u32,
    vsha256su1q_u32, vst1q_u32,
};

use super::constants::{Block, K, State};

cpufeatures::new!(sha_instructions, "sha2");

/// A proof that this processor has the SHA instructions of AArch64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Instructions(());

impl Instructions {
    pub(super) fn detect() -> Option<Self> {
        sha_instructions::get().then_some(Instructions(()))
    }

    pub(super) fn one(self, state: &mut State, blocks: &[Block]) {
        let mut states = [*state];
        // SAFETY: an `Instructions` exists only where `detect` has found them.
        unsafe { same_message(&mut states, blocks) };
        [*state] = states;
    }

    pub(super) fn both(self, a: &mut State, b: &mut State, blocks: &[Block]) {
        let mut states = [*a, *b];
        // SAFETY: as in `one`.
        unsafe { same_message(&mut states, blocks) };
        [*a, *b] = states;
    }

    pub(super) fn pair(self, a: &mut State, b: &mut State, left: &[Block], right: &[Block]) {
        // SAFETY: as in `one`.
        unsafe { two_messages(a, b, left, right) };
    }
}

/// A state in two registers: ABCD and EFGH.
type Packed = [uint32x4_t; 2];

#[target_feature(enable = "neon,sha2")]
fn pack(state: &State) -> Packed {
    // SAFETY: a state has eight words.
    unsafe { [vld1q_u32(state.as_ptr()), vld1q_u32(state.as_ptr().add(4))] }
}

#[target_feature(enable = "neon,sha2")]
fn unpack([abcd, efgh]: Packed, state: &mut State) {
    // SAFETY: a state has eight words.
    unsafe {
        vst1q_u32(state.as_mut_ptr(), abcd);
        vst1q_u32(state.as_mut_ptr().add(4), efgh);
    }
}

/// A block as the first 16 words of its schedule.
#[target_feature(enable = "neon,sha2")]
fn load(block: &Block) -> [uint32x4_t; 4] {
    let at = block.as_ptr();
    // SAFETY: a block has 64 bytes.
    let quarters = unsafe { [vld1q_u8(at), vld1q_u8(at.add(16)), vld1q_u8(at.add(32)), vld1q_u8(at.add(48))] };
    // The words are big-endian.
    quarters.map(|quarter| vreinterpretq_u32_u8(vrev32q_u8(quarter)))
}

#[target_feature(enable = "neon,sha2")]
fn constants(quad: usize) -> uint32x4_t {
    // SAFETY: the mask keeps the index within the 64 words.
    unsafe { vld1q_u32(K.as_ptr().add((quad & 15) * 4)) }
}

/// The four words of the schedule that are due, replaced by those sixteen later.
#[target_feature(enable = "neon,sha2")]
fn take(m: &mut [uint32x4_t; 4], quad: usize) -> uint32x4_t {
    let [m0, m1, m2, m3] = [m[quad & 3], m[(quad + 1) & 3], m[(quad + 2) & 3], m[(quad + 3) & 3]];
    m[quad & 3] = vsha256su1q_u32(vsha256su0q_u32(m0, m1), m2, m3);
    vaddq_u32(m0, constants(quad))
}

/// Four rounds.
#[target_feature(enable = "neon,sha2")]
fn rounds([abcd, efgh]: &mut Packed, wk: uint32x4_t) {
    let before = *abcd;
    *abcd = vsha256hq_u32(before, *efgh, wk);
    *efgh = vsha256h2q_u32(*efgh, before, wk);
}

#[target_feature(enable = "neon,sha2")]
fn add(state: &mut Packed, before: &Packed) {
    for (sum, term) in state.iter_mut().zip(before) {
        *sum = vaddq_u32(*sum, *term);
    }
}

/// N states over the same blocks: one schedule for all.
#[target_feature(enable = "neon,sha2")]
fn same_message<const N: usize>(states: &mut [State; N], blocks: &[Block]) {
    let mut packed = states.map(|state| pack(&state));
    for block in blocks {
        let (before, mut m) = (packed, load(block));
        for quad in 0..16 {
            let wk = take(&mut m, quad);
            for state in &mut packed {
                rounds(state, wk);
            }
        }
        for (state, before) in packed.iter_mut().zip(&before) {
            add(state, before);
        }
    }
    for (from, state) in packed.into_iter().zip(states) {
        unpack(from, state);
    }
}

/// Two states, each over its own blocks.
#[target_feature(enable = "neon,sha2")]
fn two_messages(a: &mut State, b: &mut State, left: &[Block], right: &[Block]) {
    let (mut x, mut y) = (pack(a), pack(b));
    for (left, right) in left.iter().zip(right) {
        let (x_before, y_before) = (x, y);
        let (mut m, mut n) = (load(left), load(right));
        for quad in 0..16 {
            rounds(&mut x, take(&mut m, quad));
            rounds(&mut y, take(&mut n, quad));
        }
        add(&mut x, &x_before);
        add(&mut y, &y_before);
    }
    unpack(x, a);
    unpack(y, b);
}
