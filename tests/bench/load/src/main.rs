//! Many clients of a vault service at once, each with a connection of its own, each of which checks what it is told. A wrong response, or
//! none, ends the program with status 1.
//!
//! usage: bench-load HOST:PORT MODE ..., with the key `test` and the secret `test`
//!
//! | mode | does |
//! |---|---|
//! | `vault VAULT` | creates it, as `fill` and `large` do by themselves |
//! | `file VAULT FILE` | the file in one request |
//! | `fill VAULT COUNT SIZE CONNECTIONS` | COUNT archives of SIZE bytes |
//! | `large VAULT COUNT SIZE` | COUNT archives of SIZE bytes, all of them halfway at one time |
//! | `inventory VAULT` | an inventory |
//! | `retrieve VAULT` | every archive of the inventory, each compared with its hash |
//! | `jobs VAULT COUNT CONNECTIONS` | COUNT inventory jobs of at most one archive, then all pages of ListJobs |
//! | `pages VAULT COUNT` | the first and the last page of ListJobs of those in progress and of all, COUNT times |
//! | `mixed SECONDS CONNECTIONS SEED` | operations of all kinds, each compared with what the client itself remembers |
//!
//! It prints what it did as a line of JSON. `fold` is a number that two sets of archive ids have in common only if they are equal.

mod caller;
mod content;
mod fill;
mod http;
mod jobs;
mod mixed;
mod model;
mod read;

use std::time::Instant;

use caller::Failed;

fn main() -> Result<(), Failed> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let begin = Instant::now();
    let did = match words.as_slice() {
        [at, "vault", vault] => fill::vault(at, vault)?,
        [at, "file", vault, file] => fill::file(at, vault, file)?,
        [at, "fill", vault, count, size, connections] => {
            fill::fill(at, vault, count.parse()?, size.parse()?, connections.parse()?)?
        }
        [at, "large", vault, count, size] => fill::large(at, vault, count.parse()?, size.parse()?)?,
        [at, "inventory", vault] => read::inventory(at, vault)?,
        [at, "retrieve", vault] => read::retrieve(at, vault)?,
        [at, "jobs", vault, count, connections] => jobs::begin(at, vault, count.parse()?, connections.parse()?)?,
        [at, "pages", vault, count] => jobs::pages(at, vault, count.parse()?)?,
        [at, "mixed", seconds, connections, seed] => mixed::mixed(at, seconds.parse()?, connections.parse()?, seed.parse()?)?,
        _ => return Err("usage: bench-load HOST:PORT MODE ..., with the modes at the top of its source".into()),
    };
    println!("{{{did}, \"seconds\": {:.3}}}", begin.elapsed().as_secs_f64());
    Ok(())
}
