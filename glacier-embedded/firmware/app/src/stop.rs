//! Why a run stopped.

use core::fmt;

use embedded_sdmmc::BlockDevice;
use glacier_core::id::IdTooLong;
use glacier_core::{DecodeError, Error, InvalidCredentials, InvalidDescription, InvalidService, InvalidVaultName};

use crate::link::CallError;
use crate::settings::BadSetting;
use crate::upload_error::UploadError;

/// Why a run stopped; each is a sentence on the console.
pub(crate) enum Stop<D: BlockDevice> {
    Setting(BadSetting),
    Service(InvalidService),
    Credentials(InvalidCredentials),
    Vault(InvalidVaultName),
    Description(InvalidDescription),
    Card(embedded_sdmmc::Error<D::Error>),
    Call(CallError),
    /// Reading the inventory failed.
    Inventory(Error<CallError>),
    Upload(UploadError<D>),
    /// Every log was tried, and so many were kept.
    Kept {
        logs: u32,
    },
    JobFailed,
    Id(IdTooLong),
}

impl<D: BlockDevice> fmt::Display for Stop<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Setting(error) => error.fmt(f),
            Stop::Service(error) => error.fmt(f),
            Stop::Credentials(error) => error.fmt(f),
            Stop::Vault(error) => error.fmt(f),
            Stop::Description(error) => error.fmt(f),
            Stop::Card(error) => write!(f, "the card: {error}"),
            Stop::Call(error) => error.fmt(f),
            Stop::Inventory(Error::Transport(error)) => error.fmt(f),
            Stop::Inventory(error) => error.fmt(f),
            Stop::Upload(error) => error.fmt(f),
            Stop::Kept { logs } => write!(f, "{logs} of the logs could not be archived and are kept"),
            Stop::Id(error) => error.fmt(f),
            Stop::JobFailed => f.write_str("the inventory job has failed"),
        }
    }
}

impl<D: BlockDevice> From<BadSetting> for Stop<D> {
    fn from(error: BadSetting) -> Self {
        Stop::Setting(error)
    }
}

impl<D: BlockDevice> From<embedded_sdmmc::Error<D::Error>> for Stop<D> {
    fn from(error: embedded_sdmmc::Error<D::Error>) -> Self {
        Stop::Card(error)
    }
}

impl<D: BlockDevice> From<CallError> for Stop<D> {
    fn from(error: CallError) -> Self {
        Stop::Call(error)
    }
}

impl<D: BlockDevice> From<DecodeError> for Stop<D> {
    fn from(error: DecodeError) -> Self {
        Stop::Call(error.into())
    }
}
