//! The speed of both hashes of a body, relative to one SHA-256 of the same bytes.
//!
//! ```text
//! cargo run --release -p bench-hash              # about 3 minutes; a file of 1 GiB in the folder for temporary files
//! cargo run --release -p bench-hash -- --quick   # only small inputs
//! ```
//!
//! Every time is CPU time of the only thread. All variants of a table run in turn in each round, and `time` is the median of the ratios to the
//! first row of the table in the same round, so that a busy machine affects all alike. Every result is checked.

mod file;
mod measure;
mod peers;

use glacier_core::hash::{Backend, LeafPairHasher, LinearHasher};
use glacier_core::{PayloadHasher, TreeHasher};
use measure::{Hashes, Often, Variant, table};

const MIB: usize = 1 << 20;

fn main() {
    let quick = match std::env::args().nth(1).as_deref() {
        None => false,
        Some("--quick") => true,
        Some(_) => {
            eprintln!("usage: bench-hash [--quick]");
            std::process::exit(2);
        }
    };
    println!("backend of glacier-core: {}; {}", Backend::detect(), openssl::version::version());
    // First, so that its peak of memory is not hidden by what other tables allocate.
    file::tables(if quick { 64 } else { 1024 }, if quick { 5 } else { 9 });
    let sizes = [(1, 41, 8), (4, 41, 3), (64, 15, 1), (1024, 5, 1)];
    let data = random(if quick { 64 } else { 1024 } * MIB);
    for (mib, rounds, calls) in sizes {
        if let Some(data) = data.get(..mib * MIB) {
            in_memory(data, Often { rounds, calls });
        }
    }
    for (mib, rounds, calls) in [(1, 41, 3), (4, 21, 1), (16, 11, 1), (64, 7, 1)] {
        portable(&data[..mib * MIB], Often { rounds, calls });
    }
}

/// Pseudorandom bytes, the same in each run.
fn random(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut bytes = Vec::with_capacity(len);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes
}

fn in_memory(data: &[u8], often: Often) {
    let linear = |hash: fn(&[u8]) -> [u8; 32]| move || Hashes { linear: Some(hash(data)), tree: None };
    let tree = |hash: fn(&[u8]) -> [u8; 32]| move || Hashes { linear: None, tree: Some(hash(data)) };
    let expected = Hashes { linear: Some(peers::sha2(data)), tree: Some(peers::tree(data)) };
    table(
        &format!("{} MiB in memory", data.len() / MIB),
        data.len() as u64,
        often,
        expected,
        vec![
            Variant::new("SHA-256: sha2 0.10 (the unit)", linear(peers::sha2)),
            Variant::new("SHA-256: ring 0.17", linear(peers::ring)),
            Variant::new("SHA-256: OpenSSL 3", linear(peers::openssl)),
            Variant::new("tree hash: sha2, leaf by leaf", tree(peers::tree)),
            Variant::new("tree hash: `TreeHasher`, a leaf at a time", tree(leaf_by_leaf)),
            Variant::new("tree hash: `TreeHasher`", tree(whole)),
            Variant::new("tree hash: `LeafPairHasher`, 64 KiB at a time", {
                let mut memory = vec![0; MIB];
                move || {
                    let mut hasher = LeafPairHasher::new(&mut memory[..]);
                    data.chunks(64 << 10).for_each(|piece| hasher.update(piece));
                    Hashes { linear: None, tree: Some(*hasher.finish().expect("an archive").as_bytes()) }
                }
            }),
            Variant::new("both: two contexts of ring, as the AWS SDK", || {
                let (linear, tree) = peers::sdk(data);
                Hashes { linear: Some(linear), tree: Some(tree) }
            }),
            Variant::new("both: `PayloadHasher`", || both(Backend::detect(), data, data.len())),
            Variant::new("both: `PayloadHasher`, 64 KiB at a time", || both(Backend::detect(), data, 64 << 10)),
        ],
    );
}

fn portable(data: &[u8], often: Often) {
    let backend = Backend::available().next().expect("a backend");
    let expected = Hashes { linear: Some(peers::sha2(data)), tree: Some(peers::tree(data)) };
    table(
        &format!("{} MiB in memory, without SHA instructions", data.len() / MIB),
        data.len() as u64,
        often,
        expected,
        vec![
            Variant::new("SHA-256: `LinearHasher` (the unit)", || {
                let mut hasher = LinearHasher::with_backend(backend);
                hasher.update(data);
                Hashes { linear: Some(*hasher.finish().as_bytes()), tree: None }
            }),
            // With SHA instructions, unless it is built with the feature `soft`.
            Variant::new("SHA-256: sha2 0.10", || Hashes { linear: Some(peers::sha2(data)), tree: None }),
            Variant::new("both: `PayloadHasher`", || both(backend, data, data.len())),
        ],
    );
}

fn both(backend: Backend, data: &[u8], piece: usize) -> Hashes {
    let mut hasher = PayloadHasher::with_backend(backend);
    data.chunks(piece).for_each(|piece| hasher.update(piece));
    let hashes = hasher.finish().expect("an archive");
    Hashes { linear: Some(*hashes.linear.as_bytes()), tree: Some(*hashes.tree.as_bytes()) }
}

fn whole(data: &[u8]) -> [u8; 32] {
    let mut hasher = TreeHasher::new();
    hasher.update(data);
    *hasher.finish().expect("an archive").as_bytes()
}

fn leaf_by_leaf(data: &[u8]) -> [u8; 32] {
    let mut hasher = TreeHasher::new();
    data.chunks(MIB).for_each(|leaf| hasher.update(leaf));
    *hasher.finish().expect("an archive").as_bytes()
}
