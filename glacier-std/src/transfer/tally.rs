//! How far an archive is, in all its bodies together, while they are read.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use embedded_io_async::{ErrorType, Read};
use glacier_core::Source;

use super::observe::{Event, Observer};

/// Counts the bytes of an archive that one of the two passes has seen, and tells an observer of each step.
pub(super) struct Tally<'o> {
    done: AtomicU64,
    event: fn(u64) -> Event<'static>,
    observer: &'o dyn Observer,
}

impl<'o> Tally<'o> {
    pub(super) fn new(event: fn(u64) -> Event<'static>, observer: &'o dyn Observer) -> Self {
        Tally { done: AtomicU64::new(0), event, observer }
    }

    pub(super) fn add(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Relaxed) + bytes;
        self.observer.note((self.event)(done));
    }

    /// These bytes will be seen again.
    pub(super) fn take_back(&self, bytes: u64) {
        if bytes > 0 {
            let done = self.done.fetch_sub(bytes, Relaxed) - bytes;
            self.observer.note((self.event)(done));
        }
    }
}

/// A body whose bytes are counted while it is read.
pub(super) struct Metered<'m, 'o, S> {
    source: &'m mut S,
    tally: &'m Tally<'o>,
    /// Its own share of what was counted.
    done: u64,
}

impl<'m, 'o, S: Source> Metered<'m, 'o, S> {
    pub(super) fn new(source: &'m mut S, tally: &'m Tally<'o>) -> Self {
        Metered { source, tally, done: 0 }
    }

    /// Nothing of it has arrived after all.
    pub(super) fn forget(self) {
        self.tally.take_back(self.done);
    }
}

impl<S: ErrorType> ErrorType for Metered<'_, '_, S> {
    type Error = S::Error;
}

impl<S: Source> Read for Metered<'_, '_, S> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        let got = self.source.read(into).await?;
        self.done += got as u64;
        self.tally.add(got as u64);
        Ok(got)
    }
}

impl<S: Source> Source for Metered<'_, '_, S> {
    fn size(&self) -> u64 {
        self.source.size()
    }

    async fn rewind(&mut self) -> Result<(), Self::Error> {
        self.tally.take_back(std::mem::take(&mut self.done));
        self.source.rewind().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::test_support::Log;
    use glacier_core::{Bytes, hash_source};

    #[tokio::test]
    async fn counts_all_bodies_and_takes_back_what_is_read_again() {
        let log = Log::default();
        let tally = Tally::new(Event::Sent, &log);
        let (mut one, mut two) = (Bytes::new(&[7; 10]), Bytes::new(&[8; 3]));
        let mut one = Metered::new(&mut one, &tally);
        one.read(&mut [0; 4]).await.unwrap();
        Metered::new(&mut two, &tally).read(&mut [0; 4]).await.unwrap();
        let hashes = hash_source(&mut one, &mut [0; 6]).await.unwrap();
        assert_eq!(hashes.size, 10);
        assert_eq!(log.lines(), ["sent 4", "sent 7", "sent 3", "sent 9", "sent 13"]);
    }
}
