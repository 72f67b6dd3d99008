//! Why an upload cannot go on, and why it ends without an archive.

use core::fmt;

use crate::values::{InvalidId, LayoutError};

/// Why an upload cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CannotResume {
    /// The source is another one, or has changed.
    OtherSource,
    /// The source has another size.
    OtherSize {
        /// The size that the upload was begun with, in bytes.
        kept: u64,
        /// The size of the source now.
        size: u64,
    },
    /// The source does not fit the part size of the upload.
    Layout(LayoutError),
    /// The upload's id cannot be kept.
    Id(InvalidId),
    /// The service has a part that the source cannot have.
    Part {
        /// Its first byte in the archive.
        first: u64,
        /// Its size in bytes.
        size: u64,
    },
}

impl fmt::Display for CannotResume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherSource => f.write_str("the source has changed since the upload was begun: begin a new one"),
            Self::OtherSize { kept, size } => {
                write!(f, "the source has {size} bytes, and had {kept} when the upload was begun: begin a new one")
            }
            Self::Layout(error) => error.fmt(f),
            Self::Id(error) => error.fmt(f),
            Self::Part { first, size } => {
                write!(f, "the upload has a part of {size} bytes at {first}, which this source has not: begin a new one")
            }
        }
    }
}

impl core::error::Error for CannotResume {}

/// Why an upload ends without an archive. Its ticket stays good, unless the source has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum UploadFailure {
    /// A part does not read as it did before.
    SourceChanged {
        /// The part, counted from 0.
        index: u64,
    },
    /// The service rejected a part twice that reads as before.
    RejectedTwice {
        /// The part, counted from 0.
        index: u64,
    },
}

impl fmt::Display for UploadFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SourceChanged { index } => {
                write!(f, "part {index} changed while it was uploaded: begin a new upload when nothing writes to it")
            }
            Self::RejectedTwice { index } => write!(
                f,
                "part {index} was damaged on its way twice: look for what changes bytes between here and the service, then go on"
            ),
        }
    }
}

impl core::error::Error for UploadFailure {}
