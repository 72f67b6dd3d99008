//! Why a log is not known to be in the vault, and whether the next one is worth a try.

use core::fmt;

use embedded_sdmmc::BlockDevice;
use glacier_core::id::IdTooLong;
use glacier_core::ops::InvalidBodySize;
use glacier_core::range::LayoutError;
use glacier_core::{DecodeError, Error, InvalidDescription};
use glacier_embedded::{BeyondEnd, Step};

use crate::link::NetError;

/// The failure of a call that sends a body from the card.
pub(crate) type BodyCallError<D> = Error<NetError, embedded_sdmmc::Error<<D as BlockDevice>::Error>>;

/// Why an upload failed. The log is kept in each case.
pub(crate) enum UploadError<D: BlockDevice> {
    /// The log cannot be an archive: it is empty, or needs more than 10,000 parts.
    Layout(LayoutError),
    /// The card failed.
    Card(embedded_sdmmc::Error<D::Error>),
    Description(InvalidDescription),
    /// The log became shorter while it was read.
    Shorter(BeyondEnd),
    /// An id of the service is longer than any so far.
    Id(IdTooLong),
    /// A call failed, and there is no archive.
    Call(BodyCallError<D>),
    /// A call failed that may have made an archive all the same.
    MayExist(BodyCallError<D>),
    /// There is an archive, and the service computed another tree hash of it.
    OtherTreeHash,
}

impl<D: BlockDevice> UploadError<D> {
    /// The failure of the request that makes the archive.
    pub(crate) fn of_last_request(error: BodyCallError<D>) -> Self {
        match error {
            Error::Decode(DecodeError::TreeHashMismatch) => UploadError::OtherTreeHash,
            error if error.is_ambiguous() && !never_left(&error) => UploadError::MayExist(error),
            error => UploadError::Call(error),
        }
    }

    /// Whether there may be an archive that nobody knows.
    pub(crate) fn may_exist(&self) -> bool {
        matches!(self, UploadError::MayExist(_) | UploadError::OtherTreeHash)
    }

    /// Whether every other log would fare the same now: there is no connection, or the service refuses whatever it is asked.
    pub(crate) fn concerns_all(&self) -> bool {
        match self {
            UploadError::Call(error) | UploadError::MayExist(error) => {
                matches!(error, Error::Encode(_) | Error::Credentials(_) | Error::ClockNotSet | Error::Service(_))
                    || never_left(error)
            }
            _ => false,
        }
    }
}

/// Whether nothing was sent.
fn never_left<S>(error: &Error<NetError, S>) -> bool {
    matches!(
        error,
        Error::Transport(
            glacier_embedded::Error::Connect(_)
                | glacier_embedded::Error::TimedOut(Step::Connect)
                | glacier_embedded::Error::RequestTooLong
        )
    )
}

impl<D: BlockDevice> fmt::Display for UploadError<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UploadError::Layout(error) => error.fmt(f),
            UploadError::Card(error) => write!(f, "the card: {error}"),
            UploadError::Description(error) => error.fmt(f),
            UploadError::Shorter(error) => error.fmt(f),
            UploadError::Id(error) => error.fmt(f),
            UploadError::Call(error) => error.fmt(f),
            UploadError::MayExist(error) => write!(f, "{error}; the archive may exist all the same, so it is not sent again now"),
            UploadError::OtherTreeHash => DecodeError::TreeHashMismatch.fmt(f),
        }
    }
}

impl<D: BlockDevice> From<BodyCallError<D>> for UploadError<D> {
    fn from(error: BodyCallError<D>) -> Self {
        UploadError::Call(error)
    }
}

impl<D: BlockDevice> From<LayoutError> for UploadError<D> {
    fn from(error: LayoutError) -> Self {
        UploadError::Layout(error)
    }
}

impl<D: BlockDevice> From<BeyondEnd> for UploadError<D> {
    fn from(error: BeyondEnd) -> Self {
        UploadError::Shorter(error)
    }
}

impl<D: BlockDevice> From<IdTooLong> for UploadError<D> {
    fn from(error: IdTooLong) -> Self {
        UploadError::Id(error)
    }
}

/// A part or a log without a byte.
impl<D: BlockDevice> From<InvalidBodySize> for UploadError<D> {
    fn from(_: InvalidBodySize) -> Self {
        UploadError::Layout(LayoutError::Empty)
    }
}

impl<D: BlockDevice> From<embedded_sdmmc::Error<D::Error>> for UploadError<D> {
    fn from(error: embedded_sdmmc::Error<D::Error>) -> Self {
        UploadError::Card(error)
    }
}

impl<D: BlockDevice> From<InvalidDescription> for UploadError<D> {
    fn from(error: InvalidDescription) -> Self {
        UploadError::Description(error)
    }
}
