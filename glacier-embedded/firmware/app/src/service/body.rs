//! What is archived: one type for all, so that the code that sends it is in flash once.

use embedded_io_async::{ErrorType, Read};
use embedded_sdmmc::{BlockDevice, Error};
use glacier_core::{ByteRange, Source};
use glacier_embedded::{BeyondEnd, CardSource};

use super::pattern::Pattern;
use crate::clock::Clock;

/// An archive body, or a part of one.
pub(crate) enum Body<'f, D: BlockDevice> {
    Log(CardSource<'f, D, &'f Clock, 1, 1, 1>),
    Pattern(Pattern),
}

impl<D: BlockDevice> Body<'_, D> {
    /// A part.
    ///
    /// # Errors
    /// [`BeyondEnd`] if the range ends beyond the body's end.
    pub(crate) fn range(&self, range: ByteRange) -> Result<Self, BeyondEnd> {
        Ok(match self {
            Body::Log(log) => Body::Log(log.range(range)?),
            Body::Pattern(pattern) => Body::Pattern(pattern.range(range)),
        })
    }
}

impl<D: BlockDevice> ErrorType for Body<'_, D> {
    type Error = Error<D::Error>;
}

impl<D: BlockDevice> Read for Body<'_, D> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        match self {
            Body::Log(log) => log.read(into).await,
            Body::Pattern(pattern) => pattern.read(into).await.map_err(|never| match never {}),
        }
    }
}

impl<D: BlockDevice> Source for Body<'_, D> {
    fn size(&self) -> u64 {
        match self {
            Body::Log(log) => log.size(),
            Body::Pattern(pattern) => pattern.size(),
        }
    }

    async fn rewind(&mut self) -> Result<(), Self::Error> {
        match self {
            Body::Log(log) => log.rewind().await,
            Body::Pattern(pattern) => pattern.rewind().await.map_err(|never| match never {}),
        }
    }
}
