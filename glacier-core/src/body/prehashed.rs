//! A body whose hashes are known before the request.

use core::fmt;
use embedded_io_async::{ErrorType, Read};

use super::source::{Source, SourceError};
use crate::hash::PayloadHashes;

/// A body that was hashed before: while it was recorded, by a hash peripheral, or for an earlier upload. It is read once to be sent, and
/// never to be hashed.
///
/// Hashes of another body do no harm: the service compares both and rejects the request.
///
/// ```
/// use glacier_core::{Bytes, Prehashed, PayloadHasher, Source};
///
/// # let run = async {
/// let mut hasher = PayloadHasher::new();
/// let mut log = Vec::new();
/// for record in ["21.5 C\n", "21.6 C\n"] {
///     log.extend_from_slice(record.as_bytes());
///     hasher.update(record.as_bytes());
/// }
/// let mut body = Prehashed::new(Bytes::new(&log), hasher.finish()?)?;
/// let hashes = body.hashes(&mut []).await?;
/// assert_eq!((hashes, hashes.size), (hasher_of(&log), 14));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # };
/// # fn hasher_of(bytes: &[u8]) -> glacier_core::PayloadHashes {
/// #     let mut hasher = PayloadHasher::new();
/// #     hasher.update(bytes);
/// #     hasher.finish().unwrap()
/// # }
/// # let done = std::pin::pin!(run).poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
/// # assert!(matches!(done, std::task::Poll::Ready(Ok(()))));
/// ```
#[derive(Clone, Debug)]
pub struct Prehashed<S> {
    source: S,
    hashes: PayloadHashes,
}

impl<S: Source> Prehashed<S> {
    /// `source` with its hashes.
    ///
    /// # Errors
    /// [`SizeMismatch`] when they are those of a body of another size.
    pub fn new(source: S, hashes: PayloadHashes) -> Result<Self, SizeMismatch> {
        let size = source.size();
        if size == hashes.size { Ok(Prehashed { source, hashes }) } else { Err(SizeMismatch { size, hashed: hashes.size }) }
    }

    /// The body without its hashes.
    pub fn into_source(self) -> S {
        self.source
    }
}

impl<S: ErrorType> ErrorType for Prehashed<S> {
    type Error = S::Error;
}

impl<S: Read> Read for Prehashed<S> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, S::Error> {
        self.source.read(into).await
    }
}

impl<S: Source> Source for Prehashed<S> {
    fn size(&self) -> u64 {
        self.source.size()
    }

    async fn rewind(&mut self) -> Result<(), S::Error> {
        self.source.rewind().await
    }

    async fn hashes(&mut self, _: &mut [u8]) -> Result<PayloadHashes, SourceError<S::Error>> {
        Ok(self.hashes)
    }
}

/// The hashes are those of a body of another size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct SizeMismatch {
    /// The bytes in the body.
    pub size: u64,
    /// The bytes that were hashed.
    pub hashed: u64,
}

impl fmt::Display for SizeMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body has {} bytes, but the hashes are those of {} bytes: hash it again", self.size, self.hashed)
    }
}

impl core::error::Error for SizeMismatch {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::source::{Bytes, hash_source};
    use crate::hash::PayloadHasher;
    use crate::testing::block_on;

    #[test]
    fn known_hashes_are_returned_without_reading() {
        let mut hasher = PayloadHasher::new();
        hasher.update(b"other bytes");
        let given = hasher.finish().unwrap();
        let mut body = Prehashed::new(Bytes::new(b"these bytes"), given).unwrap();
        // Read, it would have had others.
        assert_eq!(block_on(body.hashes(&mut [])), Ok(given));
        let read = block_on(hash_source(&mut body, &mut [0; 3])).unwrap();
        assert_ne!(read, given);
        assert_eq!(block_on(Bytes::new(b"these bytes").hashes(&mut [0; 3])), Ok(read));
    }

    #[test]
    fn hashes_of_another_size_are_an_error() {
        let given = PayloadHasher::new().finish().unwrap();
        assert_eq!(Prehashed::new(Bytes::new(b"x"), given).unwrap_err(), SizeMismatch { size: 1, hashed: 0 });
    }
}
