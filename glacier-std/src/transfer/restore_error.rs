//! Why an archive was not restored.

use std::fmt;
use std::io;

use glacier_core::{DecodeError, Error, JobId};

/// Why an archive was not restored. Once there is a job, every error names it: see [`job_id`](RestoreError::job_id) and
/// [`cause`](RestoreError::cause).
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
    /// The bytes that were received do not have the archive's tree hash.
    Damaged,
    /// The service sends more or fewer bytes than the archive has. Nothing beyond its size was written.
    Length {
        /// The archive's size, or the length of the response if that is less.
        expected: u64,
        /// What was announced or received: when it is more, there may be any number beyond.
        got: u64,
    },
    /// Writing failed.
    Write(io::Error),
    /// Something failed after the job was initiated. The job goes on at the service, which has billed it.
    OfJob {
        /// The job.
        job_id: String,
        /// What failed.
        cause: Box<RestoreError<T>>,
    },
}

impl<T> RestoreError<T> {
    /// What went wrong, without the job.
    #[must_use]
    pub fn cause(&self) -> &RestoreError<T> {
        match self {
            RestoreError::OfJob { cause, .. } => cause.cause(),
            other => other,
        }
    }

    /// The job, once there is one.
    #[must_use]
    pub fn job_id(&self) -> Option<&str> {
        match self {
            Self::OfJob { job_id, .. }
            | Self::StillInProgress { job_id, .. }
            | Self::JobFailed { job_id, .. }
            | Self::OtherJob { job_id, .. } => Some(job_id),
            Self::Call(_) | Self::MayHaveStarted(_) | Self::Damaged | Self::Length { .. } | Self::Write(_) => None,
        }
    }

    /// The job with which the restore can go on, without another being billed: none when the job has failed or does not retrieve
    /// the archive.
    #[must_use]
    pub fn job_to_go_on_with(&self) -> Option<&str> {
        match self.cause() {
            Self::JobFailed { .. } | Self::OtherJob { .. } => None,
            _ => self.job_id(),
        }
    }

    /// The same, with the job it belongs to.
    pub(super) fn of_job(self, job: JobId<'_>) -> Self {
        if self.job_id().is_some() {
            return self;
        }
        RestoreError::OfJob { job_id: job.as_str().into(), cause: Box::new(self) }
    }
}

impl<T: embedded_io_async::Error> RestoreError<T> {
    pub(super) fn of_initiating(error: Error<T>) -> Self {
        if error.may_have_acted() { RestoreError::MayHaveStarted(error) } else { RestoreError::Call(error) }
    }

    pub(super) fn of_reading(error: Error<T>) -> Self {
        match error {
            Error::Decode(DecodeError::DownloadMismatch) => RestoreError::Damaged,
            Error::Decode(DecodeError::DownloadLength { expected, got }) => RestoreError::Length { expected, got },
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
                "the bytes received do not have the archive's tree hash: they were damaged on the way; restore it again",
            ),
            Self::Length { expected, got } if got > expected => write!(
                f,
                "the service sends more than the {expected} bytes that it announced, at least {got}; the rest is not written: check the endpoint"
            ),
            Self::Length { expected, got } => {
                write!(f, "the service sends {got} bytes of the {expected} that it announced: restore it again")
            }
            Self::Write(error) => error.fmt(f),
            Self::OfJob { job_id, cause } => write!(
                f,
                "{cause}; the retrieval job {job_id} goes on: restore with it and no other is billed, within a day of its end"
            ),
        }
    }
}

impl<T: std::error::Error + 'static> std::error::Error for RestoreError<T> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Call(error) | Self::MayHaveStarted(error) => Some(error),
            Self::Write(error) => Some(error),
            Self::OfJob { cause, .. } => cause.source(),
            Self::StillInProgress { .. } | Self::JobFailed { .. } | Self::OtherJob { .. } | Self::Damaged | Self::Length { .. } => {
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    type Fails = RestoreError<io::Error>;

    fn job() -> JobId<'static> {
        "-J".try_into().unwrap()
    }

    #[test]
    fn every_error_of_a_job_names_it() {
        let refused = || Error::NotSent(io::ErrorKind::ConnectionRefused.into());
        for error in [Fails::Call(refused()), Fails::Damaged, Fails::Write(io::ErrorKind::StorageFull.into())] {
            assert_eq!(error.job_id(), None);
            let text = error.to_string();
            let error = error.of_job(job()).of_job(job());
            assert_eq!((error.job_id(), error.job_to_go_on_with()), (Some("-J"), Some("-J")));
            assert_eq!(error.cause().to_string(), text);
            let shown = error.to_string();
            assert!(shown.starts_with(&text) && shown.matches("-J").count() == 1, "{shown}");
        }
        let source = Fails::Call(refused()).of_job(job()).source().and_then(|call| call.source().map(ToString::to_string));
        assert_eq!(source, Some(io::Error::from(io::ErrorKind::ConnectionRefused).to_string()));
    }

    #[test]
    fn a_restore_goes_on_only_with_a_job_that_can_supply_the_archive() {
        let going = |error: Fails| error.of_job(job()).job_to_go_on_with().map(str::to_owned);
        let id = || "-J".to_owned();
        assert_eq!(going(Fails::StillInProgress { job_id: id(), attempts: 3 }), Some(id()));
        assert_eq!(going(Fails::JobFailed { job_id: id(), reason: String::new() }), None);
        assert_eq!(going(Fails::OtherJob { job_id: id(), what: "retrieves another archive" }), None);
    }
}
