//! The least that hashing, sending and receiving cost: the same work with blocking calls, no client around it and no signature.
//!
//! usage: bench-floor MODE ...
//!
//! | mode | does |
//! |---|---|
//! | `read FILE` | reads it in pieces of 1 MiB |
//! | `hash FILE` | the same, and one SHA-256 (ring) |
//! | `pair FILE` | the same, and linear and tree hash in one pass (glacier-core, whose own floor the table `hash` measures) |
//! | `cipher FILE` | the same, AES-256-GCM over records of 16 KiB (ring), as TLS does |
//! | `full ADDRESS FILE` | a `pair` pass, then one request whose body goes by sendfile: the least that a signed upload can do |
//! | `parts ADDRESS FILE` | the same part by part, 16 MiB each, one after the other on one connection |
//! | `small ADDRESS FILE COUNT SIZE` | so many archives of so many bytes, on one connection: a hash, a write and a read each |
//! | `recv ADDRESS` | receives the job's output |
//! | `recvring ADDRESS` | the same, and one SHA-256 a MiB (ring): a verified download as anyone would write it |

mod download;
mod passes;
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
        ["recv", address] => download::receive(address, |_| ()).map_err(Into::into),
        ["recvring", address] => download::verify(address),
        _ => Err("usage: bench-floor MODE ..., see the head of its source".into()),
    }
}
