//! Counts the bytes of an archive while its bodies are read, all parts together.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use embedded_io_async::{ErrorType, Read};
use glacier_core::Source;

use super::observer::{Event, Observer};

/// Counts the bytes of an archive that one of the two passes has read, and reports each step to an observer.
pub(super) struct ProgressCounter<'o> {
    done: AtomicU64,
    event: fn(u64) -> Event<'static>,
    observer: &'o dyn Observer,
}

impl<'o> ProgressCounter<'o> {
    pub(super) fn new(event: fn(u64) -> Event<'static>, observer: &'o dyn Observer) -> Self {
        ProgressCounter { done: AtomicU64::new(0), event, observer }
    }

    pub(super) fn add(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Relaxed) + bytes;
        self.observer.note((self.event)(done));
    }

    /// These bytes will be read again.
    pub(super) fn subtract(&self, bytes: u64) {
        if bytes > 0 {
            let done = self.done.fetch_sub(bytes, Relaxed) - bytes;
            self.observer.note((self.event)(done));
        }
    }
}

/// A body whose bytes are counted while it is read.
pub(super) struct CountedBody<'m, 'o, S> {
    source: &'m mut S,
    counter: &'m ProgressCounter<'o>,
    /// What was counted of this body.
    done: u64,
}

impl<'m, 'o, S: Source> CountedBody<'m, 'o, S> {
    pub(super) fn new(source: &'m mut S, counter: &'m ProgressCounter<'o>) -> Self {
        CountedBody { source, counter, done: 0 }
    }

    /// Subtracts what was counted: nothing of it has arrived.
    pub(super) fn retract(self) {
        self.counter.subtract(self.done);
    }
}

impl<S: ErrorType> ErrorType for CountedBody<'_, '_, S> {
    type Error = S::Error;
}

impl<S: Source> Read for CountedBody<'_, '_, S> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        let got = self.source.read(into).await?;
        self.done += got as u64;
        self.counter.add(got as u64);
        Ok(got)
    }
}

impl<S: Source> Source for CountedBody<'_, '_, S> {
    fn size(&self) -> u64 {
        self.source.size()
    }

    async fn rewind(&mut self) -> Result<(), Self::Error> {
        self.counter.subtract(std::mem::take(&mut self.done));
        self.source.rewind().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::test_support::EventLog;
    use glacier_core::{Bytes, hash_source};

    #[tokio::test]
    async fn counts_all_bodies_and_subtracts_what_is_read_again() {
        let log = EventLog::default();
        let counter = ProgressCounter::new(Event::Sent, &log);
        let (mut one, mut two) = (Bytes::new(&[7; 10]), Bytes::new(&[8; 3]));
        let mut one = CountedBody::new(&mut one, &counter);
        one.read(&mut [0; 4]).await.unwrap();
        CountedBody::new(&mut two, &counter).read(&mut [0; 4]).await.unwrap();
        let hashes = hash_source(&mut one, &mut [0; 6]).await.unwrap();
        assert_eq!(hashes.size, 10);
        assert_eq!(log.lines(), ["sent 4", "sent 7", "sent 3", "sent 9", "sent 13"]);
    }
}
