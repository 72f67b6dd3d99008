//! The compression function of SHA-256 (FIPS 180-4, section 6.2), in the three forms that Glacier needs, one file per backend.
//! What the blocks mean (leaves, nodes or a whole body) belongs in the hashers.
//!
//! Linear hash and tree hash run over the same 64-byte blocks, since a leaf is a whole number of them, so two states can share one message
//! schedule; and two leaves are independent, so two messages can share one pipeline. Each backend has all three forms: one state, two states
//! over the same blocks, two states over blocks of their own.

mod backend;
mod constants;
mod portable;

// The SHA instructions of the architecture that this is built for.
#[cfg(all(target_arch = "aarch64", target_os = "linux", target_endian = "little"))]
#[path = "arm.rs"]
mod instructions;
#[cfg(target_arch = "x86_64")]
#[path = "x86.rs"]
mod instructions;
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_os = "linux", target_endian = "little"))))]
#[path = "none.rs"]
mod instructions;

pub use backend::Backend;
pub(crate) use constants::{Block, State, initial, wipe};
