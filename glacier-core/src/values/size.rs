//! The two units of size.

/// A mebibyte, the unit in which sizes are stated.
pub const MIB: u64 = 1 << 20;

/// Bytes in a leaf of the tree hash. Part sizes are this times a power of two, and the ranges of retrieval jobs are aligned to it.
/// For AWS it is 1 MiB.
///
/// A build with `--cfg glacier_sim` makes it 256 bytes, for the client and the local vault alike, so that simulating a long transfer
/// takes milliseconds. Such a build cannot talk to AWS.
pub const LEAF_SIZE: u64 = if cfg!(glacier_sim) { 256 } else { MIB };
