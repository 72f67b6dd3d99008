//! Why an upload failed, and what it leaves at the service.

use std::fmt;
use std::io;

use glacier_core::values::LayoutError;
use glacier_core::{Error, InvalidDescription, PartSize, SourceError, TreeHashMismatch};

/// Why an upload failed. `T` is the transport's error, `S` that of what is read.
#[derive(Debug)]
#[non_exhaustive]
pub enum UploadError<T, S> {
    /// The archive is empty, which the service does not accept. Nothing was sent.
    Empty,
    /// The archive cannot be divided into parts of the size that was asked for, or of any. Nothing was sent.
    Layout(LayoutError),
    /// The archive would not keep the description as it is. Nothing was sent.
    Description(InvalidDescription),
    /// Reading failed. Nothing became an archive.
    Read(S),
    /// The second pass read other bytes than the first. Nothing became an archive.
    Changed,
    /// The temporary file that holds a part of a stream failed. Nothing became an archive.
    Spool(io::Error),
    /// The stream does not end within 10,000 parts. Nothing became an archive.
    TooLong {
        /// The size of every part.
        part_size: PartSize,
    },
    /// A request failed, and nothing became an archive.
    Call(Error<T, S>),
    /// The request that makes the archive failed in a way that leaves open whether there is one; its id is unknown.
    MayExist(Error<T, S>),
    /// There is an archive, and its tree hash at the service is not the one computed here.
    Mismatch(TreeHashMismatch),
    /// A multipart upload was initiated and is left unfinished at the service.
    Unfinished {
        /// The upload.
        upload_id: String,
        /// Bytes of the archive that the service has acknowledged, in whole parts, not necessarily the first ones.
        sent: u64,
        /// What went wrong.
        cause: Box<UploadError<T, S>>,
    },
}

impl<T, S> UploadError<T, S> {
    /// What went wrong, without the upload that is left unfinished.
    #[must_use]
    pub fn cause(&self) -> &UploadError<T, S> {
        match self {
            UploadError::Unfinished { cause, .. } => cause.cause(),
            other => other,
        }
    }
}

impl<T: embedded_io_async::Error, S> UploadError<T, S> {
    /// The failure of the request that makes the archive.
    pub(super) fn of_last_request(error: Error<T, S>) -> Self {
        match error {
            Error::Source(error) => error.into(),
            Error::TreeHashMismatch(mismatch) => UploadError::Mismatch(mismatch),
            error if error.may_have_acted() => UploadError::MayExist(error),
            error => UploadError::Call(error),
        }
    }
}

/// The failure of a request that makes no archive.
impl<T, S> From<Error<T, S>> for UploadError<T, S> {
    fn from(error: Error<T, S>) -> Self {
        match error {
            Error::Source(error) => error.into(),
            error => UploadError::Call(error),
        }
    }
}

impl<T, S> From<SourceError<S>> for UploadError<T, S> {
    fn from(error: SourceError<S>) -> Self {
        match error {
            SourceError::Read(error) => UploadError::Read(error),
            SourceError::Ended { .. } => UploadError::Changed,
        }
    }
}

impl<T, S> From<InvalidDescription> for UploadError<T, S> {
    fn from(error: InvalidDescription) -> Self {
        UploadError::Description(error)
    }
}

impl<T, S> From<LayoutError> for UploadError<T, S> {
    fn from(error: LayoutError) -> Self {
        match error {
            LayoutError::Empty => UploadError::Empty,
            error => UploadError::Layout(error),
        }
    }
}

impl<T: fmt::Display, S: fmt::Display> fmt::Display for UploadError<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => LayoutError::Empty.fmt(f),
            Self::Layout(error) => error.fmt(f),
            Self::Description(error) => error.fmt(f),
            Self::Read(error) => error.fmt(f),
            Self::Changed => {
                f.write_str("it changed while it was uploaded, so nothing was archived: upload it again when nothing writes to it")
            }
            Self::Spool(error) => write!(f, "cannot keep a part in a temporary file: {error}"),
            Self::TooLong { part_size } => write!(
                f,
                "the input is longer than 10000 parts of {part_size}, the maximum of an upload: give its expected size, for larger parts"
            ),
            Self::Call(error) => error.fmt(f),
            Self::MayExist(error) => write!(
                f,
                "{error}; the archive may exist all the same, under an id that is not known: look for it in the next inventory"
            ),
            Self::Mismatch(mismatch) => mismatch.fmt(f),
            Self::Unfinished { upload_id, sent, cause } => {
                write!(
                    f,
                    "{cause}; {sent} bytes are in multipart upload {upload_id}, which the service deletes after a day without use"
                )
            }
        }
    }
}

impl<T: std::error::Error + 'static, S: std::error::Error + 'static> std::error::Error for UploadError<T, S> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Layout(error) => Some(error),
            Self::Description(error) => Some(error),
            Self::Read(error) => Some(error),
            Self::Spool(error) => Some(error),
            Self::Call(error) | Self::MayExist(error) => Some(error),
            Self::Mismatch(error) => Some(error),
            Self::Unfinished { cause, .. } => cause.source(),
            Self::Empty | Self::Changed | Self::TooLong { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn the_chain_ends_in_the_systems_error() {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        type Fails = UploadError<io::Error, io::Error>;
        for error in [
            Fails::Read(refused()),
            Fails::Spool(refused()),
            Fails::Call(Error::NotSent(refused())),
            Fails::MayExist(Error::Transport(refused())),
            Fails::Unfinished { upload_id: "U".into(), sent: 0, cause: Box::new(Fails::Call(Error::NotSent(refused()))) },
        ] {
            let mut last: &(dyn std::error::Error + 'static) = error.source().unwrap();
            while let Some(source) = last.source() {
                last = source;
            }
            let kind = last.downcast_ref::<io::Error>().map(io::Error::kind);
            assert_eq!(kind, Some(io::ErrorKind::ConnectionRefused), "{error:?}");
        }
    }

    #[test]
    fn an_unfinished_upload_says_what_went_wrong_and_what_is_left() {
        let error: UploadError<io::Error, io::Error> = UploadError::Unfinished {
            upload_id: "-U".into(),
            sent: 5,
            cause: Box::new(UploadError::from(SourceError::Ended { size: 9, got: 5 })),
        };
        assert!(matches!(error.cause(), UploadError::Changed));
        let text = error.to_string();
        assert!(text.starts_with("it changed while") && text.contains("5 bytes are in multipart upload -U"), "{text}");
    }
}
