//! The output of the only job: 1 MiB of noise again and again, with its number in front, so that no two leaves are alike.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;

use ring::digest::{Context, SHA256, digest};
use rustix::fs::{MemfdFlags, memfd_create};

const MIB: u64 = 1 << 20;
/// The bytes of such a number.
const STAMP: usize = 8;

/// An output of any size in 1 MiB of memory.
pub(crate) struct JobOutput {
    size: u64,
    noise: Vec<u8>,
    /// The same as a file in memory, from which the kernel sends by itself.
    file: OwnedFd,
    tree_hash: String,
}

/// A piece of the output.
pub(crate) enum Piece<'o> {
    /// The number of a MiB.
    Stamp(Vec<u8>),
    /// This range of the noise, and of the file.
    Noise(&'o [u8], u64),
}

impl JobOutput {
    pub(crate) fn new(size: u64) -> io::Result<Self> {
        let noise = noise();
        let mut file = File::from(memfd_create("output", MemfdFlags::CLOEXEC)?);
        file.write_all(&noise)?;
        let mut output = JobOutput { size, noise, file: file.into(), tree_hash: String::new() };
        output.tree_hash = output.hash();
        Ok(output)
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// In hexadecimal.
    pub(crate) fn tree_hash(&self) -> &str {
        &self.tree_hash
    }

    pub(crate) fn file(&self) -> &OwnedFd {
        &self.file
    }

    /// All of it.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        (0..self.size.div_ceil(MIB)).flat_map(|number| {
            let length = MIB.min(self.size - number * MIB) as usize;
            let stamp = number.to_le_bytes()[..STAMP.min(length)].to_vec();
            let noise = self.noise.get(STAMP..length).unwrap_or_default();
            [Piece::Stamp(stamp), Piece::Noise(noise, STAMP as u64)]
        })
    }

    fn hash(&self) -> String {
        let (mut row, mut leaf) = (Vec::new(), Context::new(&SHA256));
        for piece in self.pieces() {
            match piece {
                Piece::Stamp(bytes) => leaf.update(&bytes),
                Piece::Noise(bytes, _) => {
                    leaf.update(bytes);
                    row.push(std::mem::replace(&mut leaf, Context::new(&SHA256)).finish().as_ref().to_vec());
                }
            }
        }
        while row.len() > 1 {
            row = row
                .chunks(2)
                .map(|pair| if pair.len() == 2 { digest(&SHA256, &pair.concat()).as_ref().to_vec() } else { pair[0].clone() })
                .collect();
        }
        row.concat().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// 1 MiB from an xorshift generator.
fn noise() -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut word = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..MIB / 8).flat_map(|_| word()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_has_its_size_and_the_hash_of_its_bytes() {
        let output = JobOutput::new(3 * MIB + 5).unwrap();
        let bytes: Vec<u8> = output
            .pieces()
            .flat_map(|piece| match piece {
                Piece::Stamp(bytes) => bytes,
                Piece::Noise(bytes, _) => bytes.to_vec(),
            })
            .collect();
        assert_eq!(bytes.len() as u64, output.size());
        assert_ne!(bytes[..8], bytes[MIB as usize..][..8]);
        let leaf = |at: usize| digest(&SHA256, bytes.chunks(MIB as usize).nth(at).unwrap());
        let pair = |left: &[u8], right: &[u8]| digest(&SHA256, &[left, right].concat());
        let left = pair(leaf(0).as_ref(), leaf(1).as_ref());
        let root = pair(left.as_ref(), pair(leaf(2).as_ref(), leaf(3).as_ref()).as_ref());
        assert_eq!(output.tree_hash(), root.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }
}
