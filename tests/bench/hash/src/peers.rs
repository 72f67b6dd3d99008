//! The implementations of others, of one SHA-256 at a time.

use sha2::{Digest, Sha256};

const LEAF: usize = 1 << 20;

/// sha2's SHA-256: the reference.
pub fn sha2(data: &[u8]) -> [u8; 32] {
    Sha256::digest(data).into()
}

/// ring's.
pub fn ring(data: &[u8]) -> [u8; 32] {
    array(ring::digest::digest(&ring::digest::SHA256, data).as_ref())
}

/// OpenSSL's.
pub fn openssl(data: &[u8]) -> [u8; 32] {
    openssl::sha::sha256(data)
}

/// The tree hash word for word: sha2 over each leaf, and over each pair of neighbors until one is left.
pub fn tree(data: &[u8]) -> [u8; 32] {
    root(data.chunks(LEAF).map(sha2).collect())
}

/// Both hashes as the AWS SDK for Rust computes them: one pass over the body, and two contexts of ring for each MiB.
pub fn sdk(data: &[u8]) -> ([u8; 32], [u8; 32]) {
    let mut whole = ring::digest::Context::new(&ring::digest::SHA256);
    let leaves = data.chunks(LEAF).map(|leaf| {
        whole.update(leaf);
        ring(leaf)
    });
    let tree = root(leaves.collect());
    (array(whole.finish().as_ref()), tree)
}

/// The root over the digests of the leaves.
pub fn root(mut row: Vec<[u8; 32]>) -> [u8; 32] {
    while row.len() > 1 {
        row = row.chunks(2).map(|pair| if let [left, right] = pair { sha2(&[*left, *right].concat()) } else { pair[0] }).collect();
    }
    row.first().copied().unwrap_or_else(|| sha2(&[]))
}

/// The 32 bytes of a digest.
pub fn array(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().expect("a SHA-256 has 32 bytes")
}
