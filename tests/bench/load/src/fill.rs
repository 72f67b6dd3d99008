//! Archives into a vault.

use std::fs::File;
use std::io::{self, Read as _, Seek};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use embedded_io_async::{ErrorType, Read};
use glacier_core::{MIB, Source};

use crate::caller::{Caller, Failed};
use crate::content::{Large, bytes};
use crate::read::Sum;

/// Runs `work` on as many threads, each with its number, and returns the results. The first failure is that of all.
pub(crate) fn at_once<R: Send>(threads: u64, work: impl Fn(u64) -> Result<R, Failed> + Sync) -> Result<Vec<R>, Failed> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|number| {
                scope.spawn({
                    let work = &work;
                    move || work(number)
                })
            })
            .collect();
        // All are waited for, whichever fails.
        let done: Vec<_> =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("a thread panicked".into()))).collect();
        done.into_iter().collect()
    })
}

pub(crate) fn vault(address: &str, vault: &str) -> Result<String, Failed> {
    Caller::new(address)?.create_vault(vault)?;
    Ok(format!("\"vault\": \"{vault}\""))
}

/// A file, which is read twice: hashed, then sent.
pub(crate) fn file(address: &str, vault: &str, name: &str) -> Result<String, Failed> {
    let (mut caller, mut sum) = (Caller::new(address)?, Sum::default());
    let file = File::open(name)?;
    let mut file = Opened { size: file.metadata()?.len(), file };
    let hashes = caller.hash(&mut file)?;
    let id = caller.upload_source(vault, "", hashes, &mut file)?;
    sum.add(&id, hashes.size);
    Ok(sum.to_string())
}

/// A file as a body.
struct Opened {
    file: File,
    size: u64,
}

impl ErrorType for Opened {
    type Error = io::Error;
}

impl Read for Opened {
    async fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.file.read(into)
    }
}

impl Source for Opened {
    fn size(&self) -> u64 {
        self.size
    }

    async fn rewind(&mut self) -> io::Result<()> {
        self.file.rewind()
    }
}

/// Small archives. Their contents differ, and so do their descriptions.
pub(crate) fn fill(address: &str, vault: &str, count: u64, size: usize, connections: u64) -> Result<String, Failed> {
    Caller::new(address)?.create_vault(vault)?;
    let next = AtomicU64::new(0);
    let sums = at_once(connections, |_| {
        let (mut caller, mut sum) = (Caller::new(address)?, Sum::default());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok(sum);
            }
            let id = caller.upload(vault, &format!("photos/2026/archive-{number:08}.jpg"), &bytes(number, size))?;
            sum.add(&id, size as u64);
        }
    })?;
    Ok(sums.into_iter().fold(Sum::default(), Sum::and).to_string())
}

/// Large archives, all of which are half received at one time.
pub(crate) fn large(address: &str, vault: &str, count: u64, size: u64) -> Result<String, Failed> {
    Caller::new(address)?.create_vault(vault)?;
    let meeting = Arc::new(Barrier::new(usize::try_from(count)?));
    let sums = at_once(count, |number| {
        let (mut caller, mut sum) = (Caller::new(address)?, Sum::default());
        let mut body = Large::new(number, size);
        let hashes = caller.hash(&mut body)?;
        body.meet(meeting.clone());
        let id = caller.upload_source(vault, &format!("{} MiB, number {number}", size / MIB), hashes, &mut body)?;
        sum.add(&id, size);
        Ok(sum)
    })?;
    Ok(sums.into_iter().fold(Sum::default(), Sum::and).to_string())
}
