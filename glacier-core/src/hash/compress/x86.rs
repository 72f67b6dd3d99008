//! The SHA instructions of x86-64.
//!
//! `sha256rnds2` has a latency of four cycles, and a state waits for each of the 32 in a block, which makes 2.0 cycles a byte for one state
//! on any processor. On AMD's (measured on Zen 4) one starts every two cycles, so a second state, over the same blocks or over another
//! message, is free. On Intel's large cores (measured on a model of 2024) one starts every three, so two states take 3.0 cycles a byte.
//!
//! Source: Intel, "Intel SHA Extensions" (2013); the state is held as the instructions take it, ABEF and CDGH.
#![allow(unsafe_code)]

use core::arch::x86_64::{
    __m128i, _MM_HINT_T0, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_loadu_si128, _mm_prefetch, _mm_set_epi64x,
    _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8, _mm_shuffle_epi32, _mm_storeu_si128,
};

use super::constants::{Block, K, State};

cpufeatures::new!(sha_instructions, "sha", "ssse3", "sse4.1");

/// A proof that this processor has the SHA instructions of x86-64.
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

/// How many blocks ahead to prefetch.
const AHEAD: usize = 16;

/// A state in two registers.
type Packed = [__m128i; 2];

#[target_feature(enable = "sha,ssse3,sse4.1")]
fn pack(state: &State) -> Packed {
    // SAFETY: a state has 32 bytes, and the loads take any alignment.
    let (abcd, efgh) = unsafe {
        let words: *const __m128i = state.as_ptr().cast();
        (_mm_loadu_si128(words), _mm_loadu_si128(words.add(1)))
    };
    let cdab = _mm_shuffle_epi32(abcd, 0xb1);
    let hgfe = _mm_shuffle_epi32(efgh, 0x1b);
    [_mm_alignr_epi8(cdab, hgfe, 8), _mm_blend_epi16(hgfe, cdab, 0xf0)]
}

#[target_feature(enable = "sha,ssse3,sse4.1")]
fn unpack([abef, cdgh]: Packed, state: &mut State) {
    let feba = _mm_shuffle_epi32(abef, 0x1b);
    let dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    // SAFETY: a state has 32 bytes, and the stores take any alignment.
    unsafe {
        let words: *mut __m128i = state.as_mut_ptr().cast();
        _mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xf0));
        _mm_storeu_si128(words.add(1), _mm_alignr_epi8(dchg, feba, 8));
    }
}

/// Four words of a block, in the byte order of the processor.
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn load(block: &Block, quarter: usize) -> __m128i {
    let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    // SAFETY: the mask keeps the index within the 64 bytes of the block, and the load takes any alignment.
    let bytes = unsafe { _mm_loadu_si128(block.as_ptr().cast::<__m128i>().add(quarter & 3)) };
    _mm_shuffle_epi8(bytes, swap)
}

/// Prefetches a block ahead of this one. The processor does so itself within a page of 4 KiB, but not across pages.
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn prefetch(block: &Block) {
    // A prefetch is a hint that may name any address.
    _mm_prefetch::<_MM_HINT_T0>(block.as_ptr().wrapping_add(AHEAD * size_of::<Block>()).cast());
}

#[target_feature(enable = "sha,ssse3,sse4.1")]
fn constants(quad: usize) -> __m128i {
    // SAFETY: the mask keeps the index within the 64 words, and the load takes any alignment.
    unsafe { _mm_loadu_si128(K.as_ptr().cast::<__m128i>().add(quad & 15)) }
}

/// The next four words of the schedule, from the 16 before them.
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn next(m0: __m128i, m1: __m128i, m2: __m128i, m3: __m128i) -> __m128i {
    let sum = _mm_add_epi32(_mm_sha256msg1_epu32(m0, m1), _mm_alignr_epi8(m3, m2, 4));
    _mm_sha256msg2_epu32(sum, m3)
}

/// The sixteen steps of a block, unrolled: each has the quarter of the schedule that is due (`$i`), and the three after it.
macro_rules! sixteen {
    ($step:ident) => {
        $step!(0, 0, 1, 2, 3);
        $step!(1, 1, 2, 3, 0);
        $step!(2, 2, 3, 0, 1);
        $step!(3, 3, 0, 1, 2);
        $step!(4, 0, 1, 2, 3);
        $step!(5, 1, 2, 3, 0);
        $step!(6, 2, 3, 0, 1);
        $step!(7, 3, 0, 1, 2);
        $step!(8, 0, 1, 2, 3);
        $step!(9, 1, 2, 3, 0);
        $step!(10, 2, 3, 0, 1);
        $step!(11, 3, 0, 1, 2);
        $step!(12, 0, 1, 2, 3);
        $step!(13, 1, 2, 3, 0);
        $step!(14, 2, 3, 0, 1);
        $step!(15, 3, 0, 1, 2);
    };
}

/// Four rounds of one state, in two halves, so that those of another state can be interleaved.
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn first_half([abef, cdgh]: &mut Packed, wk: __m128i) {
    *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, wk);
}

#[target_feature(enable = "sha,ssse3,sse4.1")]
fn second_half([abef, cdgh]: &mut Packed, wk: __m128i) {
    *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32(wk, 0x0e));
}

#[target_feature(enable = "sha,ssse3,sse4.1")]
fn add(state: &mut Packed, before: &Packed) {
    for (sum, term) in state.iter_mut().zip(before) {
        *sum = _mm_add_epi32(*sum, *term);
    }
}

/// N states over the same blocks: one schedule for all.
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn same_message<const N: usize>(states: &mut [State; N], blocks: &[Block]) {
    let mut packed = [[constants(0); 2]; N];
    for (to, state) in packed.iter_mut().zip(states.iter()) {
        *to = pack(state);
    }
    for block in blocks {
        prefetch(block);
        let before = packed;
        let mut m = [load(block, 0), load(block, 1), load(block, 2), load(block, 3)];
        macro_rules! step {
            ($quad:literal, $i:literal, $i1:literal, $i2:literal, $i3:literal) => {
                if $quad >= 4 {
                    m[$i] = next(m[$i], m[$i1], m[$i2], m[$i3]);
                }
                let wk = _mm_add_epi32(m[$i], constants($quad));
                for state in &mut packed {
                    first_half(state, wk);
                }
                for state in &mut packed {
                    second_half(state, wk);
                }
            };
        }
        sixteen!(step);
        for (state, before) in packed.iter_mut().zip(&before) {
            add(state, before);
        }
    }
    for (from, state) in packed.into_iter().zip(states) {
        unpack(from, state);
    }
}

/// Two states, each over its own blocks.
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn two_messages(a: &mut State, b: &mut State, left: &[Block], right: &[Block]) {
    let (mut x, mut y) = (pack(a), pack(b));
    for (left, right) in left.iter().zip(right) {
        prefetch(left);
        prefetch(right);
        let (x_before, y_before) = (x, y);
        let mut m = [load(left, 0), load(left, 1), load(left, 2), load(left, 3)];
        let mut n = [load(right, 0), load(right, 1), load(right, 2), load(right, 3)];
        macro_rules! step {
            ($quad:literal, $i:literal, $i1:literal, $i2:literal, $i3:literal) => {
                if $quad >= 4 {
                    m[$i] = next(m[$i], m[$i1], m[$i2], m[$i3]);
                    n[$i] = next(n[$i], n[$i1], n[$i2], n[$i3]);
                }
                let k = constants($quad);
                let (wk_x, wk_y) = (_mm_add_epi32(m[$i], k), _mm_add_epi32(n[$i], k));
                first_half(&mut x, wk_x);
                first_half(&mut y, wk_y);
                second_half(&mut x, wk_x);
                second_half(&mut y, wk_y);
            };
        }
        sixteen!(step);
        add(&mut x, &x_before);
        add(&mut y, &y_before);
    }
    unpack(x, a);
    unpack(y, b);
}
