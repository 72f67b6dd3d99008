//! The two units of size.

/// 1 MiB, the unit in which sizes are stated.
pub const MIB: u64 = 1 << 20;

/// Bytes in a leaf of a tree hash, and the unit of part sizes and of the ranges of retrieval jobs: 1 MiB.
///
/// A build with `--cfg glacier_sim` makes it 256 bytes, for the client and the local vault alike, so that the simulation of a long
/// transfer takes milliseconds. Such a build cannot talk to AWS.
pub const LEAF_SIZE: u64 = if cfg!(glacier_sim) { 256 } else { MIB };
