//! The other side of an upload: the minimum of a service that receives, hashes and stores it, with blocking calls and nothing to verify.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use glacier_core::PayloadHasher;

/// Bytes received at a time, which fit into the second-level cache.
const PIECE: usize = 64 << 10;

/// Receives the body of one request and computes both hashes in one pass; into a file, if one is named, which is synced. Prints the address
/// first.
pub(crate) fn accept(file: Option<&str>) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    let (mut tcp, _) = listener.accept()?;
    let (size, first) = head(&mut tcp)?;
    let mut out = file.map(File::create).transpose()?;
    let mut hasher = PayloadHasher::new();
    let mut take = |piece: &[u8]| {
        hasher.update(piece);
        out.as_mut().map_or(Ok(()), |out| out.write_all(piece))
    };
    take(&first)?;
    let mut left = size - first.len() as u64;
    let mut buffer = vec![0; PIECE];
    while left > 0 {
        let room = left.min(PIECE as u64) as usize;
        match tcp.read(&mut buffer[..room])? {
            0 => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            got => {
                take(&buffer[..got])?;
                left -= got as u64;
            }
        }
    }
    if let Some(out) = out {
        out.sync_all()?;
    }
    let tree = hasher.finish()?.tree;
    let headers = format!("Content-Length: 0\r\nx-amz-archive-id: a\r\nx-amz-sha256-tree-hash: {tree}\r\n\r\n");
    tcp.write_all(format!("HTTP/1.1 201 Created\r\n{headers}").as_bytes())?;
    Ok(())
}

/// The announced size, and what of the body came with the head.
fn head(tcp: &mut TcpStream) -> io::Result<(u64, Vec<u8>)> {
    let mut bytes = vec![0; PIECE];
    let mut filled = 0;
    loop {
        let got = tcp.read(&mut bytes[filled..])?;
        if got == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        filled += got;
        if let Some(at) = bytes[..filled].windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..at]).to_lowercase();
            let size = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let size = size.and_then(|size| size.trim().parse().ok()).ok_or_else(|| io::Error::other("no Content-Length"))?;
            return Ok((size, bytes[at + 4..filled].to_vec()));
        }
    }
}

/// Files that are durable one after the other: written, synced, renamed into place, and the folder synced.
pub(crate) fn sync(folder: &str, count: u64, size: usize) -> Result<(), Box<dyn Error>> {
    let (folder, bytes) = (Path::new(folder), vec![7; size]);
    fs::create_dir_all(folder)?;
    for number in 0..count {
        let staged = folder.join("staged");
        let mut file = File::create(&staged)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&staged, folder.join(number.to_string()))?;
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
