//! What all requests of one upload share.

use glacier_core::{Client, DecodeError, Description, Error, ErrorCode, PayloadHashes, UploadId, VaultRef};

use super::observer::{Event, Observer};
use super::options::{TransferOptions, UploadRequest};
use super::progress::ProgressCounter;
use super::upload_body::UploadBody;
use super::upload_error::UploadError;

/// How far both passes over the archive are.
pub(super) struct UploadProgress<'o> {
    pub(super) hashed: ProgressCounter<'o>,
    pub(super) sent: ProgressCounter<'o>,
}

impl<'o> UploadProgress<'o> {
    pub(super) fn new(observer: &'o dyn Observer) -> Self {
        UploadProgress { hashed: ProgressCounter::new(Event::Hashed, observer), sent: ProgressCounter::new(Event::Sent, observer) }
    }
}

/// The client, the vault and the progress of one upload.
pub(super) struct UploadContext<'u, T, C, K> {
    pub(super) client: &'u mut Client<T, C, K>,
    pub(super) vault: VaultRef<'u>,
    pub(super) description: Option<Description<'u>>,
    pub(super) options: TransferOptions<'u>,
    pub(super) progress: &'u UploadProgress<'u>,
}

impl<'u, T, C, K> UploadContext<'u, T, C, K> {
    pub(super) fn new(
        client: &'u mut Client<T, C, K>,
        upload: &UploadRequest<'u>,
        options: TransferOptions<'u>,
        progress: &'u UploadProgress<'u>,
    ) -> Self {
        UploadContext { client, vault: upload.vault, description: upload.description, options, progress }
    }

    /// The hashes that are known, or else those of a pass over the body.
    pub(super) async fn hashes<E, S: UploadBody>(
        &self,
        body: &mut S,
        known: Option<PayloadHashes>,
    ) -> Result<PayloadHashes, UploadError<E, S::Error>> {
        match known {
            Some(hashes) => Ok(hashes),
            None => Ok(body.counted_hashes(&self.progress.hashed).await?),
        }
    }
}

/// The id of a multipart upload, as the service returned it.
pub(super) fn upload_id<T, S>(text: &str) -> Result<UploadId<'_>, UploadError<T, S>> {
    UploadId::try_from(text).map_err(|_| UploadError::Call(DecodeError::MissingHeader("x-amz-multipart-upload-id").into()))
}

/// Whether a body no longer has these hashes.
pub(super) async fn has_changed<E, S: UploadBody>(body: &mut S, hashes: &PayloadHashes) -> Result<bool, UploadError<E, S::Error>> {
    Ok(body.counted_hashes(&ProgressCounter::new(Event::Hashed, &())).await? != *hashes)
}

/// Whether the service rejected a body, as it does when the bytes do not have the hashes in the request's headers.
pub(super) fn is_rejected_body<T, S>(error: &Error<T, S>) -> bool {
    match error {
        Error::Service(error) => match error.code {
            ErrorCode::InvalidParameterValue | ErrorCode::BadRequest | ErrorCode::InvalidSignature => true,
            _ => error.status == 400 && error.code == ErrorCode::Unknown,
        },
        _ => false,
    }
}
