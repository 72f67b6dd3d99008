//! The minimum cost of hashing, sending and receiving: the same work with blocking calls, without a client or a signature.
//!
//! usage: bench-floor MODE ...
//!
//! | mode | does |
//! |---|---|
//! | `read FILE` | reads it in pieces of 1 MiB |
//! | `hash FILE` | the same, and one SHA-256 (ring) |
//! | `pair FILE` | the same, and linear and tree hash in one pass (glacier-core, which the table `hash` measures itself) |
//! | `cipher FILE` | the same, AES-256-GCM over records of 16 KiB (ring), as TLS does |
//! | `full ADDRESS FILE` | a `pair` pass, then one request whose body goes by sendfile: the minimum of a signed upload |
//! | `parts ADDRESS FILE` | the same part by part, 16 MiB each, one after the other on one connection |
//! | `small ADDRESS FILE COUNT SIZE` | COUNT archives of SIZE bytes on one connection: a hash, a write and a read for each |
//! | `recv ADDRESS` | receives the job's output |
//! | `recvring ADDRESS` | the same, and one SHA-256 a MiB (ring): a verified download as anyone would write it |
//! | `accept` | the other side of an upload: receives one request and computes both hashes in one pass; prints its address |
//! | `accept FILE` | the same into a file, synced |
//! | `sync FOLDER COUNT SIZE` | COUNT files of SIZE bytes, each written, synced, renamed and its folder synced |

mod download;
mod passes;
mod service;
mod upload;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["read", file] => passes::read(file),
        ["hash", file] => passes::hash(file),
        ["pair", file] => passes::pair(file),
        ["cipher", file] => passes::cipher(file),
        ["full", address, file] => upload::full(address, file),
        ["parts", address, file] => upload::parts(address, file),
        ["small", address, file, count, size] => upload::small(address, file, count.parse()?, size.parse()?),
        ["accept"] => service::accept(None),
        ["accept", file] => service::accept(Some(file)),
        ["sync", folder, count, size] => service::sync(folder, count.parse()?, size.parse()?),
        ["recv", address] => download::receive(address, |_| ()).map_err(Into::into),
        ["recvring", address] => download::verify(address),
        _ => Err("usage: bench-floor MODE ..., with the modes at the top of its source".into()),
    }
}
