//! A body that is counted while it is read.

use embedded_io_async::{ErrorType, Read};
use glacier_core::Source;

use super::observe::{Event, Observer};

/// Tells an observer how far `source`, which begins at `first` in the archive, has been read.
pub(super) struct Metered<'m, S> {
    source: &'m mut S,
    first: u64,
    done: u64,
    event: fn(u64) -> Event<'static>,
    observer: &'m dyn Observer,
}

impl<'m, S: Source> Metered<'m, S> {
    pub(super) fn new(source: &'m mut S, first: u64, event: fn(u64) -> Event<'static>, observer: &'m dyn Observer) -> Self {
        Metered { source, first, done: 0, event, observer }
    }

    fn tell(&self) {
        self.observer.note((self.event)(self.first.saturating_add(self.done)));
    }
}

impl<S: ErrorType> ErrorType for Metered<'_, S> {
    type Error = S::Error;
}

impl<S: Source> Read for Metered<'_, S> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        let got = self.source.read(into).await?;
        self.done += got as u64;
        self.tell();
        Ok(got)
    }
}

impl<S: Source> Source for Metered<'_, S> {
    fn size(&self) -> u64 {
        self.source.size()
    }

    async fn rewind(&mut self) -> Result<(), Self::Error> {
        self.done = 0;
        self.tell();
        self.source.rewind().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::test_support::Log;
    use glacier_core::{Bytes, hash_source};

    #[tokio::test]
    async fn tells_where_in_the_archive_it_is() {
        let log = Log::default();
        let mut bytes = Bytes::new(&[7; 10]);
        let hashes = hash_source(&mut Metered::new(&mut bytes, 100, Event::Sent, &log), &mut [0; 4]).await.unwrap();
        assert_eq!(hashes.size, 10);
        assert_eq!(log.lines(), ["sent 100", "sent 104", "sent 108", "sent 110"]);
    }
}
