//! Request bodies: bytes with a known length that can be read twice.
//!
//! Glacier wants the hashes of a body in the headers before it, so a body is read once to hash it and once to send it, and
//! once more for each retry. A body held in memory is [`Bytes`]; files and flash have sources in the adapter crates. Where the hashes
//! are known already, [`Prehashed`](crate::Prehashed) spares the first reading.

use core::fmt;
use embedded_io_async::{ErrorKind, ErrorType, Read};

use crate::hash::{PayloadHasher, PayloadHashes};

/// A body to send: its size is known, and it can be read again from the start.
///
/// An implementation MUST
/// - give the same bytes each time it is read from the start, or fail;
/// - give `size()` bytes and then `Ok(0)`;
/// - leave nothing lost when a `read` future is dropped before it is done: after [`rewind`](Source::rewind) all is as at first.
// The futures of a source are Send when the source's own are; requiring it here would shut out single-threaded devices.
#[allow(async_fn_in_trait)]
pub trait Source: Read {
    /// Bytes in the whole body. `u64`: a part may have 4 GiB, which a 32-bit `usize` cannot count.
    fn size(&self) -> u64;

    /// Goes back to the first byte.
    async fn rewind(&mut self) -> Result<(), Self::Error>;

    /// The hashes of the whole body, for the request that sends it. It is read for them with [`hash_source`], in pieces that `buf` holds;
    /// a body that knows them gives them without being read, as [`Prehashed`](crate::Prehashed) does.
    ///
    /// # Errors
    /// As [`hash_source`].
    async fn hashes(&mut self, buf: &mut [u8]) -> Result<PayloadHashes, SourceError<Self::Error>>
    where
        Self: Sized,
    {
        hash_source(self, buf).await
    }
}

/// A body that lies in memory.
#[derive(Clone, Debug)]
pub struct Bytes<'a> {
    all: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    /// A body of these bytes.
    pub const fn new(all: &'a [u8]) -> Self {
        Bytes { all, rest: all }
    }
}

impl ErrorType for Bytes<'_> {
    type Error = core::convert::Infallible;
}

impl Read for Bytes<'_> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        self.rest.read(into).await
    }
}

impl Source for Bytes<'_> {
    fn size(&self) -> u64 {
        self.all.len() as u64
    }

    async fn rewind(&mut self) -> Result<(), Self::Error> {
        self.rest = self.all;
        Ok(())
    }
}

/// A source held to its word: exactly `size()` bytes, or an error. This is what a transport is given.
#[derive(Debug)]
pub struct SizeChecked<'s, S> {
    source: &'s mut S,
    left: u64,
}

impl<'s, S: Source> SizeChecked<'s, S> {
    /// Rewinds `source` and gives its bytes.
    ///
    /// # Errors
    /// The source's own, when it cannot go back.
    pub async fn from_start(source: &'s mut S) -> Result<Self, SourceError<S::Error>> {
        source.rewind().await.map_err(SourceError::Read)?;
        let left = source.size();
        Ok(SizeChecked { source, left })
    }
}

impl<S: Source> ErrorType for SizeChecked<'_, S> {
    type Error = SourceError<S::Error>;
}

impl<S: Source> Read for SizeChecked<'_, S> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        let Some(room) = into.get_mut(..most).filter(|room| !room.is_empty()) else { return Ok(0) };
        let got = self.source.read(room).await.map_err(SourceError::Read)?;
        if got == 0 {
            let size = self.source.size();
            return Err(SourceError::Ended { size, got: size.saturating_sub(self.left) });
        }
        self.left = self.left.saturating_sub(got as u64);
        Ok(got)
    }
}

impl<S: Source> Source for SizeChecked<'_, S> {
    fn size(&self) -> u64 {
        self.source.size()
    }

    async fn rewind(&mut self) -> Result<(), Self::Error> {
        self.source.rewind().await.map_err(SourceError::Read)?;
        self.left = self.source.size();
        Ok(())
    }
}

/// Reads `source` once from the start and hashes it; `buf` holds the pieces on the way.
///
/// Dropping the future loses nothing: the next use of the source rewinds it.
///
/// # Errors
/// The source's own, and [`SourceError::Ended`] when it gives fewer bytes than its size.
pub async fn hash_source<S: Source>(source: &mut S, buf: &mut [u8]) -> Result<PayloadHashes, SourceError<S::Error>> {
    let mut body = SizeChecked::from_start(source).await?;
    let mut hasher = PayloadHasher::new();
    loop {
        let got = body.read(buf).await?;
        match buf.get(..got) {
            Some(piece) if got > 0 => hasher.update(piece),
            _ => break,
        }
    }
    let size = body.size();
    let got = hasher.position();
    // Shorter than announced ends in `SizeChecked`; here only an empty `buf` or 64 TiB are left to refuse.
    hasher.finish().ok().filter(|hashes| hashes.size == size).ok_or(SourceError::Ended { size, got })
}

/// What can go wrong with a body on this side of the wire. Nothing became an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SourceError<E> {
    /// Reading failed.
    Read(E),
    /// The body ended before the size it had announced: it was cut short while it was read.
    Ended {
        /// Bytes announced.
        size: u64,
        /// Bytes there were.
        got: u64,
    },
}

impl<E: fmt::Display> fmt::Display for SourceError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "the body could not be read: {error}"),
            Self::Ended { size, got } => {
                write!(f, "the body ended after {got} of {size} bytes: it changed while it was read; upload it again")
            }
        }
    }
}

impl<E: core::error::Error> core::error::Error for SourceError<E> {}

impl<E: embedded_io_async::Error> embedded_io_async::Error for SourceError<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Read(error) => error.kind(),
            Self::Ended { .. } => ErrorKind::InvalidData,
        }
    }
}
