//! Plain Rust. Two states share a schedule of 16 words that rolls through the block: this takes 64 bytes of stack instead of 256, and for two
//! states half as much work again as for one, instead of twice as much.
//!
//! With the feature `small` the rounds are loops, for devices with little flash.

use super::constants::{Block, K, State};

#[cfg(feature = "small")]
use core::cell::Cell;

/// The first 16 words of the schedule.
#[cfg(not(feature = "small"))]
#[inline(always)]
fn words(block: &Block) -> [u32; 16] {
    let mut words = [0; 16];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    words
}

/// The next word of the schedule, from those 16, 15, 7 and 2 places before it.
#[inline(always)]
fn next_word(w16: u32, w15: u32, w7: u32, w2: u32) -> u32 {
    let s0 = w15.rotate_right(7) ^ w15.rotate_right(18) ^ (w15 >> 3);
    let s1 = w2.rotate_right(17) ^ w2.rotate_right(19) ^ (w2 >> 10);
    w16.wrapping_add(s0).wrapping_add(w7).wrapping_add(s1)
}

/// The rotations of a round can be independent of each other, or a chain, which has fewer instructions and a longer latency. Alone, a state
/// waits for the chain on a superscalar processor; two states fill each other's waits, and a small processor runs one instruction at a time.
#[cfg(not(feature = "small"))]
const fn is_chained(states: usize) -> bool {
    states > 1 || cfg!(target_arch = "arm")
}

/// One round: the working variables move on one place, and `a` and `e` are new. `b_c` is `b ^ c`, which was `a ^ b` in the round before.
#[inline(always)]
fn round(s: &mut State, b_c: &mut u32, wk: u32, chained: bool) {
    let [a, b, c, d, e, f, g, h] = *s;
    let (sum_a, sum_e) = if chained {
        (
            ((a.rotate_right(9) ^ a).rotate_right(11) ^ a).rotate_right(2),
            ((e.rotate_right(14) ^ e).rotate_right(5) ^ e).rotate_right(6),
        )
    } else {
        (a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22), e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25))
    };
    let a_b = a ^ b;
    // In a loop there is no register left for `b_c`.
    let majority = if cfg!(feature = "small") { (a & b) | (c & (a | b)) } else { b ^ (a_b & *b_c) };
    let sum = h.wrapping_add(wk).wrapping_add(g ^ (e & (f ^ g))).wrapping_add(sum_e);
    // Computed in parallel with `sum`, which is the critical path.
    let rest = sum_a.wrapping_add(majority);
    *b_c = a_b;
    *s = [sum.wrapping_add(rest), a, b, c, d.wrapping_add(sum), e, f, g];
}

#[inline(always)]
fn add(state: &mut State, worked: &State) {
    for (sum, term) in state.iter_mut().zip(worked) {
        *sum = sum.wrapping_add(*term);
    }
}

/// N states over the same blocks: unrolled by sixteen, so that moving the working variables and indexing the words cost nothing.
#[cfg(not(feature = "small"))]
#[inline(always)]
fn compress<const N: usize>(states: &mut [State; N], blocks: &[Block]) {
    macro_rules! sixteen {
        ($step:ident) => {
            $step!(0, 1, 9, 14);
            $step!(1, 2, 10, 15);
            $step!(2, 3, 11, 0);
            $step!(3, 4, 12, 1);
            $step!(4, 5, 13, 2);
            $step!(5, 6, 14, 3);
            $step!(6, 7, 15, 4);
            $step!(7, 8, 0, 5);
            $step!(8, 9, 1, 6);
            $step!(9, 10, 2, 7);
            $step!(10, 11, 3, 8);
            $step!(11, 12, 4, 9);
            $step!(12, 13, 5, 10);
            $step!(13, 14, 6, 11);
            $step!(14, 15, 7, 12);
            $step!(15, 0, 8, 13);
        };
    }
    for block in blocks {
        let mut worked = states.map(|state| (state, state[1] ^ state[2]));
        let mut w = words(block);
        for (group, k) in K.as_chunks::<16>().0.iter().enumerate() {
            macro_rules! schedule {
                ($i:literal, $i1:literal, $i9:literal, $i14:literal) => {
                    w[$i] = next_word(w[$i], w[$i1], w[$i9], w[$i14])
                };
            }
            if group > 0 {
                sixteen!(schedule);
            }
            macro_rules! rounds {
                ($i:literal, $i1:literal, $i9:literal, $i14:literal) => {
                    let wk = w[$i].wrapping_add(k[$i]);
                    for (state, b_c) in &mut worked {
                        round(state, b_c, wk, is_chained(N));
                    }
                };
            }
            sixteen!(rounds);
        }
        for (state, (worked, _)) in states.iter_mut().zip(&worked) {
            add(state, worked);
        }
    }
}

/// Any number of states over the same blocks: only loops, once in flash for all uses, with the whole schedule of a block on the stack.
#[cfg(feature = "small")]
#[inline(never)]
fn compress(states: &mut [State], blocks: &[Block]) {
    for block in blocks {
        let mut schedule = [0; 64];
        for (word, bytes) in schedule.iter_mut().zip(block.as_chunks::<4>().0) {
            *word = u32::from_be_bytes(*bytes);
        }
        for w in Cell::from_mut(&mut schedule[..]).as_slice_of_cells().array_windows::<17>() {
            w[16].set(next_word(w[0].get(), w[1].get(), w[9].get(), w[14].get()));
        }
        for state in states.iter_mut() {
            let (mut worked, mut b_c) = (*state, state[1] ^ state[2]);
            for (word, k) in schedule.iter().zip(&K) {
                round(&mut worked, &mut b_c, word.wrapping_add(*k), true);
            }
            add(state, &worked);
        }
    }
}

#[inline(never)]
pub(super) fn one(state: &mut State, blocks: &[Block]) {
    let mut states = [*state];
    compress(&mut states, blocks);
    [*state] = states;
}

#[inline(never)]
pub(super) fn both(a: &mut State, b: &mut State, blocks: &[Block]) {
    let mut states = [*a, *b];
    compress(&mut states, blocks);
    [*a, *b] = states;
}
