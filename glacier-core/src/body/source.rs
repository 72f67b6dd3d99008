//! Request bodies: bytes of a known size that can be read more than once.
//!
//! Glacier requires the hashes of a body in the headers before it, so a body is read once to be hashed, once to be sent, and once more for
//! each retry. A body in memory is [`Bytes`]; files and flash have sources in the adapter crates. Where the hashes are known already,
//! [`Prehashed`](crate::Prehashed) saves the first pass.

use core::fmt;
use embedded_io_async::{ErrorKind, ErrorType, Read};

use crate::hash::{PayloadHasher, PayloadHashes};

/// A body to send: its size is known, and it can be read again from the start.
///
/// An implementation must
/// - return the same bytes each time it is read from the start, or fail;
/// - return `size()` bytes and then `Ok(0)`;
/// - be usable after a `read` future was dropped: [`rewind`](Source::rewind) goes back to the start all the same.
// The futures are Send when those of the implementation are; requiring it here would exclude single-threaded devices.
#[allow(async_fn_in_trait)]
pub trait Source: Read<Error: 'static> {
    /// The bytes in the whole body. A `u64`, since a part may have 4 GiB, which a 32-bit `usize` cannot count.
    fn size(&self) -> u64;

    /// Goes back to the first byte.
    ///
    /// # Errors
    /// Those of the implementation.
    async fn rewind(&mut self) -> Result<(), Self::Error>;

    /// The hashes of the whole body, for the request that sends it. By default it is read with [`hash_source`], in pieces of the size of
    /// `buf`; a body that knows its hashes, such as [`Prehashed`](crate::Prehashed), returns them without being read.
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

/// A body in memory.
#[derive(Clone, Debug)]
#[must_use]
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

/// A source that is checked to return exactly `size()` bytes: this is what a transport gets.
#[derive(Debug)]
pub struct SizeChecked<'s, S> {
    source: &'s mut S,
    left: u64,
}

impl<'s, S: Source> SizeChecked<'s, S> {
    /// Rewinds `source`, to read it from the start.
    ///
    /// # Errors
    /// [`SourceError::Read`] when it cannot be rewound.
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

/// Reads `source` once from the start and hashes it, in pieces of the size of `buf`.
///
/// # Cancel safety
/// Dropping the future has no effect: the next use of the source rewinds it.
///
/// # Errors
/// [`SourceError::Read`] when the source fails, and [`SourceError::Ended`] when it ends before its size.
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
    // A body that ends early is an error of `SizeChecked`; what remains is an empty `buf`, and 64 TiB.
    hasher.finish().ok().filter(|hashes| hashes.size == size).ok_or(SourceError::Ended { size, got })
}

/// An error of a body, found before or while it was sent. No archive was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SourceError<E> {
    /// Reading failed.
    Read(E),
    /// The body ended before its size, so it became shorter while it was read.
    Ended {
        /// The size that it stated.
        size: u64,
        /// The bytes that it had.
        got: u64,
    },
}

impl<E: fmt::Display> fmt::Display for SourceError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "the body could not be read: {error}"),
            Self::Ended { size, got } => {
                write!(f, "the body ended after {got} of {size} bytes, so it changed while it was read: upload it again")
            }
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for SourceError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Read(error) => Some(error),
            Self::Ended { .. } => None,
        }
    }
}

impl<E: embedded_io_async::Error + 'static> embedded_io_async::Error for SourceError<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Read(error) => error.kind(),
            Self::Ended { .. } => ErrorKind::InvalidData,
        }
    }
}
