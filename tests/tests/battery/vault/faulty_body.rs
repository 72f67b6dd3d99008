//! Bodies that differ between the reading that hashes them and the one that sends them.

use std::future::pending;

use embedded_io_async::{ErrorKind, ErrorType, Read};
use glacier_core::Source;

/// Bytes that differ from place to place.
pub(super) fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8 ^ (at >> 16) as u8).collect()
}

/// What a body does when it is read the second time, to be sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    Fails,
    Ends,
    NeverReady,
    Changes,
}

/// A body of 300,000 bytes that is whole when it is hashed, and has a fault at byte `at` when it is sent.
pub(super) struct FaultyBody {
    fault: Fault,
    at: u64,
    read: u64,
    rewound: u32,
}

impl FaultyBody {
    pub(super) const SIZE: u64 = 300_000;

    pub(super) fn new(fault: Fault, at: u64) -> Self {
        FaultyBody { fault, at, read: 0, rewound: 0 }
    }
}

impl ErrorType for FaultyBody {
    type Error = ErrorKind;
}

impl Read for FaultyBody {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, ErrorKind> {
        let sending = self.rewound > 1;
        let end = if sending && self.read < self.at { self.at } else { FaultyBody::SIZE };
        let mut byte = b'x';
        if sending && self.read >= self.at {
            match self.fault {
                Fault::Fails => return Err(ErrorKind::BrokenPipe),
                Fault::Ends => return Ok(0),
                Fault::NeverReady => pending().await,
                Fault::Changes => byte = b'y',
            }
        }
        let count = into.len().min((end - self.read) as usize);
        into[..count].fill(byte);
        self.read += count as u64;
        Ok(count)
    }
}

impl Source for FaultyBody {
    fn size(&self) -> u64 {
        FaultyBody::SIZE
    }
    async fn rewind(&mut self) -> Result<(), ErrorKind> {
        self.rewound += 1;
        self.read = 0;
        Ok(())
    }
}
