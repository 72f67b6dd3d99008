//! A file in the page cache, hashed as an upload hashes it.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use glacier_core::hash_source;
use glacier_std::file::FileSource;
use sha2::{Digest, Sha256};

use crate::measure::{Hashes, Often, Variant, table};
use crate::{MIB, peers, random};

/// Measures with a file of `mib` MiB, and prints how much memory the hashing took.
pub fn tables(mib: usize, rounds: usize) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("body");
    let expected = write(&path, mib);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let both = |buffer: usize| {
        let mut source = FileSource::open(&path).expect("the file");
        let mut buffer = vec![0; buffer];
        let hashes = runtime.block_on(hash_source(&mut source, &mut buffer)).expect("hashes");
        Hashes { linear: Some(*hashes.linear.as_bytes()), tree: Some(*hashes.tree.as_bytes()) }
    };
    both(256 << 10);
    both(MIB);
    println!("peak memory of this process after a file of {mib} MiB was written and hashed: {} KiB", peak_kib());
    table(
        &format!("a file of {mib} MiB in the page cache"),
        (mib * MIB) as u64,
        Often { rounds, calls: 1 },
        expected,
        vec![
            Variant::new("SHA-256: sha2 0.10, read() of 256 KiB (the unit)", || linear(&path, 256 << 10)),
            Variant::new("SHA-256: sha2 0.10, read() of 1 MiB", || linear(&path, MIB)),
            Variant::new("read() of 256 KiB only", || {
                pass(&path, 256 << 10, |_| ());
                Hashes::default()
            }),
            Variant::new("both: AWS SDK's way, 1 MiB", || {
                let mut tree = Vec::new();
                let mut whole = ring::digest::Context::new(&ring::digest::SHA256);
                pass(&path, MIB, |piece| {
                    whole.update(piece);
                    tree.push(peers::ring(piece));
                });
                Hashes { linear: Some(peers::array(whole.finish().as_ref())), tree: Some(peers::root(tree)) }
            }),
            Variant::new("both: `hash_source` of a `FileSource`, 256 KiB", || both(256 << 10)),
            Variant::new("both: `hash_source` of a `FileSource`, 1 MiB", || both(MIB)),
        ],
    );
}

fn write(path: &Path, mib: usize) -> Hashes {
    let mut file = File::create(path).expect("a file");
    let (data, mut whole, mut leaves) = (random(MIB), Sha256::new(), Vec::new());
    for leaf in 0..mib {
        // Different leaves, so that a tree in the wrong order is detected.
        let mut data = data.clone();
        data[..8].copy_from_slice(&leaf.to_le_bytes());
        file.write_all(&data).expect("room for the file");
        whole.update(&data);
        leaves.push(peers::sha2(&data));
    }
    Hashes { linear: Some(whole.finalize().into()), tree: Some(peers::root(leaves)) }
}

fn linear(path: &Path, buffer: usize) -> Hashes {
    let mut hasher = Sha256::new();
    pass(path, buffer, |piece| hasher.update(piece));
    Hashes { linear: Some(hasher.finalize().into()), tree: None }
}

fn pass(path: &Path, buffer: usize, mut take: impl FnMut(&[u8])) {
    let mut file = File::open(path).expect("the file");
    let mut buffer = vec![0; buffer];
    loop {
        match file.read(&mut buffer).expect("bytes") {
            0 => return,
            got => take(&buffer[..got]),
        }
    }
}

/// The peak memory of this process.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("VmHWM");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
