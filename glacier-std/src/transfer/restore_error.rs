//! Why an archive was not restored.

use std::fmt;
use std::io;

use glacier_core::{DecodeError, Error};

/// Why an archive was not restored.
#[derive(Debug)]
#[non_exhaustive]
pub enum RestoreError<T> {
    /// A request failed.
    Call(Error<T>),
    /// InitiateJob failed in a way that leaves open whether there is a job; its id is unknown.
    MayHaveStarted(Error<T>),
    /// The job was still in progress after twice the time that jobs of its tier take at most.
    StillInProgress {
        /// The job.
        job_id: String,
        /// How often it was checked.
        attempts: u32,
    },
    /// The service could not retrieve the archive.
    JobFailed {
        /// The job.
        job_id: String,
        /// The service's message; may be empty.
        reason: String,
    },
    /// The job does not retrieve the whole archive.
    OtherJob {
        /// The job.
        job_id: String,
        /// What it is or does instead.
        what: &'static str,
    },
    /// The bytes that were received do not have the archive's length or tree hash.
    Damaged,
    /// Writing failed.
    Write(io::Error),
}

impl<T: embedded_io_async::Error> RestoreError<T> {
    pub(super) fn of_initiating(error: Error<T>) -> Self {
        if error.may_have_acted() { RestoreError::MayHaveStarted(error) } else { RestoreError::Call(error) }
    }

    pub(super) fn of_reading(error: Error<T>) -> Self {
        match error {
            Error::Decode(DecodeError::DownloadMismatch | DecodeError::DownloadLength { .. }) => RestoreError::Damaged,
            error => RestoreError::Call(error),
        }
    }
}

impl<T: fmt::Display> fmt::Display for RestoreError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::MayHaveStarted(error) => {
                write!(f, "{error}; a retrieval job may have been initiated all the same: list the vault's jobs")
            }
            Self::JobFailed { job_id, reason } if reason.is_empty() => {
                write!(f, "the retrieval job {job_id} failed: initiate another")
            }
            Self::JobFailed { job_id, reason } => write!(f, "the retrieval job {job_id} failed: {reason}"),
            Self::StillInProgress { job_id, attempts } => {
                write!(f, "the retrieval job {job_id} is still in progress after {attempts} checks: wait for it again later")
            }
            Self::OtherJob { job_id, what } => write!(f, "the job {job_id} {what}"),
            Self::Damaged => f.write_str(
                "the bytes received do not have the archive's length and tree hash: they were damaged on the way; restore it again",
            ),
            Self::Write(error) => error.fmt(f),
        }
    }
}

impl<T: std::error::Error + 'static> std::error::Error for RestoreError<T> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Call(error) | Self::MayHaveStarted(error) => Some(error),
            Self::Write(error) => Some(error),
            Self::StillInProgress { .. } | Self::JobFailed { .. } | Self::OtherJob { .. } | Self::Damaged => None,
        }
    }
}
