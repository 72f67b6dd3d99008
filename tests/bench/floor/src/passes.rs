//! Passes over a file that send nothing.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read};

use glacier_core::{PayloadHasher, PayloadHashes};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{Context, SHA256};

/// Bytes read at a time.
pub(crate) const PIECE: usize = 1 << 20;
/// Bytes in a TLS record.
const RECORD: usize = 16 << 10;

pub(crate) fn read(file: &str) -> Result<(), Box<dyn Error>> {
    Ok(each_piece(File::open(file)?, |_| ())?)
}

pub(crate) fn hash(file: &str) -> Result<(), Box<dyn Error>> {
    let mut hash = Context::new(&SHA256);
    each_piece(File::open(file)?, |piece| hash.update(piece))?;
    println!("{}", hex(hash.finish().as_ref()));
    Ok(())
}

pub(crate) fn pair(file: &str) -> Result<(), Box<dyn Error>> {
    let hashes = hashes(File::open(file)?)?;
    println!("{} {}", hashes.linear, hashes.tree);
    Ok(())
}

pub(crate) fn cipher(file: &str) -> Result<(), Box<dyn Error>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).map_err(|_| "no key")?);
    let mut number = 0_u128;
    each_piece(File::open(file)?, |piece| {
        for record in piece.chunks_mut(RECORD) {
            number += 1;
            let nonce: [u8; 12] = std::array::from_fn(|at| number.to_le_bytes()[at]);
            // A record is far below the limit of sealing.
            _ = key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), record);
        }
    })?;
    Ok(())
}

/// Linear and tree hash of all bytes of `file`.
pub(crate) fn hashes(file: impl Read) -> io::Result<PayloadHashes> {
    let mut hasher = PayloadHasher::new();
    each_piece(file, |piece| hasher.update(piece))?;
    hasher.finish().map_err(io::Error::other)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads in pieces into one buffer.
fn each_piece(mut file: impl Read, mut take: impl FnMut(&mut [u8])) -> io::Result<()> {
    let mut buffer = vec![0; PIECE];
    loop {
        let mut filled = 0;
        while filled < PIECE {
            match file.read(&mut buffer[filled..])? {
                0 => break,
                got => filled += got,
            }
        }
        if filled == 0 {
            return Ok(());
        }
        take(&mut buffer[..filled]);
    }
}
