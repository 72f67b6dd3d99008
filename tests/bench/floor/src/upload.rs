//! Uploads with blocking calls: hash, then let the kernel send the file.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::net::TcpStream;
use std::os::unix::fs::FileExt;

use glacier_core::hash::PartTree;
use glacier_core::{LinearHash, PartSize, PayloadHashes, TreeHash};
use ring::digest::{SHA256, digest};
use rustix::fs::sendfile;

use crate::passes::hashes;

/// As large as in the other programs.
const PART: u64 = 16 << 20;

pub(crate) fn full(address: &str, name: &str) -> Result<(), Box<dyn Error>> {
    let file = File::open(name)?;
    let hashes = hashes(&file)?;
    let mut tcp = connect(address)?;
    write!(tcp, "POST /-/vaults/v/archives HTTP/1.1\r\n{}\r\n", headers(&hashes))?;
    send(&tcp, &file, 0, hashes.size)?;
    check_status(&mut tcp, "201")?;
    println!("{}", hashes.tree);
    Ok(())
}

pub(crate) fn parts(address: &str, name: &str) -> Result<(), Box<dyn Error>> {
    let mut file = File::open(name)?;
    let size = file.metadata()?.len();
    let (mut tcp, mut whole) = (connect(address)?, PartTree::new(PartSize::from_bytes(PART)?));
    let mut first = 0;
    while first < size {
        file.seek(SeekFrom::Start(first))?;
        let hashes = hashes((&file).take(PART))?;
        let end = first + hashes.size;
        let range = format!("Content-Range: bytes {first}-{}/*\r\n", end - 1);
        write!(tcp, "PUT /-/vaults/v/multipart-uploads/u HTTP/1.1\r\n{}{range}\r\n", headers(&hashes))?;
        send(&tcp, &file, first, end)?;
        check_status(&mut tcp, "204")?;
        whole.push(hashes.size, hashes.tree)?;
        first = end;
    }
    println!("{}", whole.finish()?);
    Ok(())
}

/// The headers are as long as those of a signed request.
pub(crate) fn small(address: &str, name: &str, count: u64, size: usize) -> Result<(), Box<dyn Error>> {
    let file = File::open(name)?;
    let mut tcp = connect(address)?;
    let mut body = vec![0; size];
    let mut request = Vec::new();
    for number in 0..count {
        file.read_exact_at(&mut body, number * size as u64)?;
        let hash = digest(&SHA256, &body).as_ref().try_into()?;
        // Up to 1 MiB the tree hash is the linear hash.
        let hashes = PayloadHashes::from_parts(LinearHash::from_bytes(hash), TreeHash::from_bytes(hash), size as u64);
        request.clear();
        write!(
            request,
            "POST /-/vaults/v/archives HTTP/1.1\r\n{}x-amz-date: 20261122T092629Z\r\nx-amz-glacier-version: 2012-06-01\r\n\
             x-amz-archive-description: d\r\nauthorization: {:0<300}\r\n\r\n",
            headers(&hashes),
            "AWS4-HMAC-SHA256 "
        )?;
        request.extend_from_slice(&body);
        tcp.write_all(&request)?;
        check_status(&mut tcp, "201")?;
    }
    Ok(())
}

fn headers(hashes: &PayloadHashes) -> String {
    let PayloadHashes { linear, tree, size, .. } = hashes;
    format!("Host: localhost\r\nContent-Length: {size}\r\nx-amz-content-sha256: {linear}\r\nx-amz-sha256-tree-hash: {tree}\r\n")
}

pub(crate) fn connect(address: &str) -> io::Result<TcpStream> {
    let tcp = TcpStream::connect(address)?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

fn send(tcp: &TcpStream, file: &File, first: u64, end: u64) -> io::Result<()> {
    let mut at = first;
    while at < end {
        let left = (end - at) as usize;
        if sendfile(tcp, file, Some(&mut at), left)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

/// The responses of the sink to uploads are a head only, and arrive in one piece.
fn check_status(tcp: &mut TcpStream, status: &str) -> Result<(), Box<dyn Error>> {
    let mut response = [0; 4096];
    let got = tcp.read(&mut response)?;
    let response = String::from_utf8_lossy(&response[..got]);
    if response.split(' ').nth(1) == Some(status) { Ok(()) } else { Err(response.into()) }
}
